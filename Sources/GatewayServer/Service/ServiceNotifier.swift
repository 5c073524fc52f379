internal import CSystemd
internal import Glibc
internal import Reactor

/// Tells systemd how the service is doing. Any thread; without systemd (no `NOTIFY_SOCKET`) nothing happens.
public enum ServiceNotifier {
    public static func ready(status: String) {
        notify("READY=1\nSTATUS=\(status)")
    }

    public static func reloading() {
        notify("RELOADING=1\nMONOTONIC_USEC=\(SystemTime.monotonicNs() / 1_000)")
    }

    public static func stopping(status: String) {
        notify("STOPPING=1\nSTATUS=\(status)")
    }

    public static func status(_ text: String) {
        notify("STATUS=\(text)")
    }

    public static func feedWatchdog() {
        notify("WATCHDOG=1")
    }

    /// How often systemd expects to be fed, in microseconds; nil when it runs no watchdog for us.
    public static var watchdogMicroseconds: UInt64? {
        var interval: UInt64 = 0
        // SAFETY: the call fills the integer it is given.
        let enabled = unsafe sd_watchdog_enabled(0, &interval)
        return enabled > 0 && interval > 0 ? interval : nil
    }

    /// The descriptors that systemd handed over, by the name of their socket unit. Asked once, at start.
    public static func takeListenDescriptors() -> [(name: String, descriptor: Int32)] {
        var names: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        // SAFETY: `names` is an array of `count` strings, ours to free, as sd_listen_fds_with_names documents.
        let count = unsafe sd_listen_fds_with_names(1, &names)
        guard count > 0, let names = unsafe names else { return [] }
        defer { unsafe free(names) }
        return (0..<Int(count)).map { index in
            let text = unsafe names[index]
            defer { unsafe free(text) }
            let name = unsafe text.map { unsafe String(cString: $0) } ?? ""
            return (name, Int32(SD_LISTEN_FDS_START) + Int32(index))
        }
    }

    private static func notify(_ state: String) {
        // A failure has no one to be told to: systemd's own timeouts are the answer.
        _ = unsafe sd_notify(0, state)
    }
}
