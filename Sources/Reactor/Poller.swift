internal import CLinux

/// Names one registration in a poller: 64 bits that come back with each event.
///
/// A token carries a generation (`SlabID`), so an event that was already fetched when its descriptor was closed, and
/// its number given to another connection, finds nothing in the slab instead of the newcomer.
public struct PollToken: Hashable, Sendable {
    public let rawValue: UInt64

    public init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    /// A connection in a slab.
    public init(_ id: SlabID) {
        rawValue = id.rawValue
    }

    /// Something that lives as long as its loop, such as a listener; `index` tells several apart. Uses the shard number
    /// that `Slab` refuses, so it never equals a connection's.
    public static func fixture(_ index: UInt32) -> PollToken {
        PollToken(rawValue: UInt64(SlabID.shardsMax) << 56 | UInt64(index))
    }

    /// The loop's own mailbox; handlers never see it.
    static let mailbox = PollToken(rawValue: .max)

    @inlinable var isMailbox: Bool { rawValue == .max }

    /// The number given to `fixture`, or nil for a connection's token.
    public var fixtureIndex: UInt32? {
        rawValue >> 56 == UInt64(SlabID.shardsMax) ? UInt32(truncatingIfNeeded: rawValue) : nil
    }

    /// The connection, when this is no fixture's token.
    public var slabID: SlabID {
        SlabID(rawValue: rawValue)
    }
}

/// What a registration waits for. Hang-ups and errors are always reported.
public struct PollInterest: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let readable = PollInterest(rawValue: EPOLLIN.rawValue | EPOLLRDHUP.rawValue)
    public static let writable = PollInterest(rawValue: EPOLLOUT.rawValue)
}

/// What happened to a descriptor.
public struct PollEvents: OptionSet, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    public static let readable = PollEvents(rawValue: EPOLLIN.rawValue)
    public static let writable = PollEvents(rawValue: EPOLLOUT.rawValue)
    /// The peer has stopped sending; what it sent before may still be unread.
    public static let peerClosed = PollEvents(rawValue: EPOLLRDHUP.rawValue)
    /// Both directions are gone; what the peer sent before may still be unread.
    public static let hangUp = PollEvents(rawValue: EPOLLHUP.rawValue)
    /// An error is pending: read or write to learn which.
    public static let error = PollEvents(rawValue: EPOLLERR.rawValue)

    /// Something to read, be it the end or an error.
    public var wantsRead: Bool { !isDisjoint(with: [.readable, .peerClosed, .hangUp, .error]) }
}

/// An epoll instance and the buffer its events arrive in. Confined to its loop's thread.
///
/// Level-triggered: a reader that takes less than everything is asked again, so fairness budgets need no bookkeeping,
/// and one `recv` that did not fill its buffer needs no second to see "would block". Writability is asked for only while
/// output is stuck. Closing a descriptor removes it, as nothing here duplicates one; what others hold too (a listener
/// handed over at start) is removed by hand.
@safe
public final class Poller {
    private let epoll: Descriptor
    private let events: UnsafeMutableBufferPointer<epoll_event>

    /// `eventsMax`: how many events one wait fetches; the rest come with the next.
    public init(eventsMax: Int = 512) throws(SystemError) {
        epoll = try Syscall.makePoller()
        // SAFETY: allocated once, freed in deinit, indexed below `count` of the last wait only.
        unsafe events = .allocate(capacity: eventsMax)
        unsafe events.initialize(repeating: epoll_event())
    }

    deinit {
        unsafe events.deallocate()
    }

    /// Starts watching. `exclusive`: of several pollers that watch one descriptor, wake one (EPOLLEXCLUSIVE; such a
    /// registration can be removed but not changed).
    public func add(
        _ descriptor: borrowing Descriptor, token: PollToken, interest: PollInterest, exclusive: Bool = false
    ) throws(SystemError) {
        // EPOLLEXCLUSIVE goes with IN and OUT only.
        let flags = exclusive ? (interest.rawValue & ~EPOLLRDHUP.rawValue) | EPOLLEXCLUSIVE.rawValue : interest.rawValue
        try control(EPOLL_CTL_ADD, descriptor, flags, token)
    }

    /// Watches the mailbox's event counter by edges: each signal wakes, and nobody has to read the counter back.
    func addMailbox(_ event: borrowing Descriptor) throws(SystemError) {
        try control(EPOLL_CTL_ADD, event, EPOLLIN.rawValue | EPOLLET.rawValue, .mailbox)
    }

    /// Changes what a registration waits for. Cannot fail for what is registered.
    public func modify(_ descriptor: borrowing Descriptor, token: PollToken, interest: PollInterest) {
        change(EPOLL_CTL_MOD, descriptor, interest.rawValue, token)
    }

    /// Stops watching a descriptor that stays open. Cannot fail for what is registered.
    public func remove(_ descriptor: borrowing Descriptor) {
        change(EPOLL_CTL_DEL, descriptor, 0, PollToken(rawValue: 0))
    }

    private func change(_ operation: Int32, _ descriptor: borrowing Descriptor, _ flags: UInt32, _ token: PollToken) {
        do {
            try control(operation, descriptor, flags, token)
        } catch {
            preconditionFailure("only a registered descriptor can be changed: \(error)")
        }
    }

    private func control(
        _ operation: Int32, _ descriptor: borrowing Descriptor, _ flags: UInt32, _ token: PollToken
    ) throws(SystemError) {
        let raw = descriptor.raw
        let poller = epoll.raw
        try Syscall.require("epoll_ctl", on: "descriptor \(raw)") {
            halley_epoll_control(poller, operation, raw, flags, token.rawValue)
        }
    }

    /// Waits until something happens or `timeoutMs` has passed (0: only looks; negative: no limit). The number of
    /// events, which `event(at:)` gives until the next wait.
    public func wait(timeoutMs: Int32) -> Int {
        unsafe Syscall.awaitEvents(epoll, into: events, timeoutMs: timeoutMs)
    }

    /// One event of the last wait.
    public func event(at index: Int) -> (token: PollToken, events: PollEvents) {
        // SAFETY: the buffer subscript is bounds-checked in debug builds; `index` is below the last wait's count, which
        // is at most the capacity. `u64` is the union member that was stored.
        let event = unsafe events[index]
        return (PollToken(rawValue: unsafe event.data.u64), PollEvents(rawValue: unsafe event.events))
    }
}
