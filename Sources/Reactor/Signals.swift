internal import CLinux
internal import Glibc

/// Signals as values for the one thread that waits for them; no handler ever interrupts anything.
public enum Signals {
    public static let terminate = SIGTERM
    public static let interrupt = SIGINT
    public static let hangUp = SIGHUP

    /// Keeps these signals from being delivered, in this thread and those it starts. Call first in `main`.
    public static func block(_ signals: [Int32]) {
        var set = makeSet(signals)
        // SAFETY: the set is initialised and read.
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Waits for one of the blocked signals; nil when `timeoutMs` has passed (no limit: nil) or the wait was cut short.
    public static func wait(for signals: [Int32], timeoutMs: Int64? = nil) -> Int32? {
        var set = makeSet(signals)
        // SAFETY: set and timeout are initialised and read.
        let result: Int32
        if let timeoutMs {
            var timeout = timespec(tv_sec: Int(timeoutMs / 1000), tv_nsec: Int(timeoutMs % 1000) * 1_000_000)
            result = unsafe sigtimedwait(&set, nil, &timeout)
        } else {
            result = unsafe sigwaitinfo(&set, nil)
        }
        return result > 0 ? result : nil
    }

    private static func makeSet(_ signals: [Int32]) -> sigset_t {
        var set = sigset_t()
        // SAFETY: both calls write the set they are given.
        unsafe sigemptyset(&set)
        for signal in signals { unsafe sigaddset(&set, signal) }
        return set
    }
}
