internal import Foundation
internal import Reactor

/// What the kernel says of this process. Any thread.
struct ProcessFigures {
    let residentBytes: Int
    let openDescriptors: Int
    let maxDescriptors: Int
    let cpuSeconds: Double

    static func read() -> ProcessFigures {
        ProcessFigures(
            residentBytes: residentBytes(), openDescriptors: openDescriptors(), maxDescriptors: maxDescriptors(),
            cpuSeconds: Double(SystemTime.processCPUNs()) / 1e9)
    }

    /// The soft limit on open files.
    static func maxDescriptors() -> Int {
        var limit = rlimit()
        // SAFETY: the call fills the struct it is given.
        guard unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(clamping: limit.rlim_cur)
    }

    private static func residentBytes() -> Int {
        // proc(5): the second field of statm is the resident set in pages.
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
    }

    private static func openDescriptors() -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count) ?? 0
    }
}

extension MetricsPage {
    mutating func add(_ figures: ProcessFigures) {
        add("process_resident_memory_bytes", .gauge, "Resident memory.", figures.residentBytes)
        add("process_open_fds", .gauge, "Open descriptors.", figures.openDescriptors)
        add("process_max_fds", .gauge, "Limit on open descriptors.", figures.maxDescriptors)
        add("process_cpu_seconds_total", .counter, "CPU time used.", figures.cpuSeconds)
    }
}
