internal import CLinux
internal import Glibc

extension Syscall {
    /// A non-blocking event counter.
    static func makeEvent() throws(SystemError) -> Descriptor {
        Descriptor(
            owning: try require("eventfd", on: "wake-up") { eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK)) })
    }

    /// Adds one to an event counter: whoever polls it wakes.
    static func signal(_ event: borrowing Descriptor) {
        let raw = event.raw
        var one: UInt64 = 1
        // SAFETY: write reads the eight bytes of `one`. EAGAIN (a counter at 2^64 − 2) still leaves it readable.
        _ = call("write") { unsafe write(raw, &one, 8) }
    }

    /// Sets an event counter back to zero.
    static func clear(_ event: borrowing Descriptor) {
        let raw = event.raw
        var count: UInt64 = 0
        // SAFETY: read fills the eight bytes of `count`. EAGAIN means that it was zero.
        _ = call("read") { unsafe read(raw, &count, 8) }
    }

    /// Sleeps until `descriptor` is readable or `timeoutMs` has passed (negative: no limit). A signal ends it early:
    /// retrying would begin the wait anew, so the caller looks at its clock instead.
    static func awaitReadable(_ descriptor: borrowing Descriptor, timeoutMs: Int32) {
        var entry = pollfd(fd: descriptor.raw, events: Int16(POLLIN), revents: 0)
        // SAFETY: poll reads and writes the one entry it is given.
        let result = unsafe poll(&entry, 1, timeoutMs)
        precondition(result != -1 || errno == EINTR, "poll: \(SystemError.text(of: errno))")
    }

    /// What a blocking caller waits for.
    public enum Direction: Sendable {
        case readable, writable
    }

    /// For threads without a loop: sleeps until `descriptor` is ready. False when `timeoutMs` has passed, or a signal
    /// came.
    public static func await(_ descriptor: borrowing Descriptor, _ direction: Direction, timeoutMs: Int32) -> Bool {
        let events = direction == .readable ? POLLIN : POLLOUT
        var entry = pollfd(fd: descriptor.raw, events: Int16(events), revents: 0)
        // SAFETY: the kernel fills one entry, ours.
        return unsafe poll(&entry, 1, timeoutMs) > 0
    }

    /// An epoll instance.
    static func makePoller() throws(SystemError) -> Descriptor {
        Descriptor(owning: try require("epoll_create1", on: "poller") { epoll_create1(Int32(EPOLL_CLOEXEC)) })
    }

    /// Waits for events; the number stored at `events`. A signal gives 0 rather than a retry, for the same reason as in
    /// `awaitReadable`.
    static func awaitEvents(
        _ poller: borrowing Descriptor, into events: UnsafeMutableBufferPointer<epoll_event>, timeoutMs: Int32
    ) -> Int {
        // SAFETY: epoll_wait stores at most `count` entries at the buffer's start; the poller owns both.
        let result = unsafe epoll_wait(poller.raw, events.baseAddress, Int32(events.count), timeoutMs)
        if result >= 0 { return Int(result) }
        precondition(errno == EINTR, "epoll_wait: \(SystemError.text(of: errno))")
        return 0
    }
}
