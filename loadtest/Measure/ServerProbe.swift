internal import Foundation

/// Reads what the kernel knows of the server's process.
struct ServerProbe {
    let pid: Int32

    /// Of one moment.
    struct Sample {
        /// CPU time by thread, in ns, with the thread's name.
        var threads: [Int32: (name: String, cpuNs: Int64)] = [:]
        /// Bytes of resident memory, all and those that are no file's.
        var residentBytes = 0
        var anonymousBytes = 0
        var descriptors = 0

        /// The CPU time of all threads since an earlier sample, in ns. A thread that has ended in between is not in it.
        func cpuNs(since earlier: Sample) -> Int64 {
            threads.reduce(0) { $0 + $1.value.cpuNs - (earlier.threads[$1.key]?.cpuNs ?? 0) }
        }

        /// The same by thread name; threads of one name are added up.
        func cpuNsByName(since earlier: Sample) -> [(name: String, cpuNs: Int64)] {
            var sums: [String: Int64] = [:]
            for (id, thread) in threads {
                sums[thread.name, default: 0] += thread.cpuNs - (earlier.threads[id]?.cpuNs ?? 0)
            }
            return sums.map { ($0.key, $0.value) }.sorted { $0.1 > $1.1 }
        }
    }

    /// CPU times only.
    func sampleCPU() throws -> Sample {
        var sample = Sample()
        guard let threads = try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task") else {
            throw LoadFailure("there is no process \(pid)")
        }
        for thread in threads {
            // proc(5) does not describe it, sched-stats in the kernel's documentation does: the first number is the time
            // spent on the CPU, in ns. A thread may end between being listed and being read.
            guard let id = Int32(thread), let text = ProcText.read("/proc/\(pid)/task/\(thread)/schedstat"),
                let cpuNs = text.split(separator: " ").first.flatMap({ Int64($0) }),
                let name = ProcText.read("/proc/\(pid)/task/\(thread)/comm")
            else { continue }
            sample.threads[id] = (name.trimmingCharacters(in: .whitespacesAndNewlines), cpuNs)
        }
        return sample
    }

    /// CPU times and memory.
    func sample() throws -> Sample {
        var sample = try sampleCPU()
        guard let rollup = ProcText.read("/proc/\(pid)/smaps_rollup") else {
            throw LoadFailure("the memory of process \(pid) cannot be read")
        }
        sample.residentBytes = ProcText.kilobytes("Rss", in: rollup) ?? 0
        sample.anonymousBytes = ProcText.kilobytes("Anonymous", in: rollup) ?? 0
        sample.descriptors = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
        return sample
    }
}
