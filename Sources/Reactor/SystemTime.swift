internal import CLinux
internal import Glibc

/// The machine's clocks. Any thread. (Sans-I/O code never asks; it is told.)
public enum SystemTime {
    /// Never goes back, counts from boot; for deadlines. In ms.
    public static func monotonicMs() -> Int64 {
        monotonicNs() / 1_000_000
    }

    /// The same in ns.
    public static func monotonicNs() -> Int64 {
        read(CLOCK_MONOTONIC)
    }

    /// Since 1970, may jump; for people and records. In ms.
    public static func wallMs() -> Int64 {
        wallNs() / 1_000_000
    }

    /// The same in ns.
    public static func wallNs() -> Int64 {
        read(CLOCK_REALTIME)
    }

    /// CPU time the calling thread has used, in ns.
    public static func threadCPUNs() -> Int64 {
        read(CLOCK_THREAD_CPUTIME_ID)
    }

    /// CPU time all threads of this process have used, in ns.
    public static func processCPUNs() -> Int64 {
        read(CLOCK_PROCESS_CPUTIME_ID)
    }

    private static func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        // SAFETY: clock_gettime fills the struct it is given; the clocks above always exist.
        _ = unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
