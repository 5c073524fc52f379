extension Report {
    /// Which of the server's threads used how much, in ns per operation.
    mutating func addThreads(_ after: ServerProbe.Sample, since before: ServerProbe.Sample, per count: Int) {
        for (name, cpuNs) in after.cpuNsByName(since: before) where cpuNs > 0 {
            add("cpu_ns_thread_\(name)", Double(cpuNs) / Double(max(count, 1)))
        }
    }
}
