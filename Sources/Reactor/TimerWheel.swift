/// Names an armed timer; never matches another one after that has fired or been cancelled.
public struct TimerID: Hashable, Sendable {
    let index: UInt32
    let generation: UInt32

    /// No timer: cancelling it does nothing.
    public static let none = TimerID(index: 0, generation: 0)
}

/// A timer that ran out.
public struct FiredTimer: Equatable, Sendable {
    public let id: TimerID
    /// Whose: usually a connection's token, generation included.
    public let owner: UInt64
    /// Which of the owner's timers.
    public let kind: UInt8
}

/// Deadlines in milliseconds: O(1) to arm, move and cancel, whatever the number.
///
/// Confined to its loop's thread. Pure: it has no clock, `popDue(at:)` is told the time. Timers of one millisecond fire in
/// the order in which they came to its slot. The structure is `TimerRings`.
public final class TimerWheel {
    /// One value, so that each call is one access to this object.
    private var rings: TimerRings

    /// `startingAt`: the time now, ms, not negative.
    public init(startingAt nowMs: Int64) {
        rings = TimerRings(startingAt: UInt64(nowMs))
    }

    /// Timers armed, those due but not taken included.
    public var count: Int { rings.count }

    /// Arms a timer. A deadline that has passed fires at the next millisecond, never within the present pass, so a
    /// handler that re-arms at "now" cannot hold its loop.
    public func arm(at deadlineMs: Int64, owner: UInt64, kind: UInt8 = 0) -> TimerID {
        rings.arm(at: UInt64(max(deadlineMs, 0)), owner: owner, kind: kind)
    }

    /// Moves an armed timer to another deadline; false if it has fired or was cancelled.
    @discardableResult
    public func rearm(_ id: TimerID, at deadlineMs: Int64) -> Bool {
        rings.rearm(id, at: UInt64(max(deadlineMs, 0)))
    }

    /// Disarms; false if it has fired or was cancelled.
    @discardableResult
    public func cancel(_ id: TimerID) -> Bool {
        rings.cancel(id)
    }

    /// Whether the timer is still to fire.
    public func isArmed(_ id: TimerID) -> Bool {
        rings.find(id) != nil
    }

    /// When to call `popDue` next, ms; nil without timers. Never later than the earliest deadline; earlier when timers
    /// must move down a level first.
    public var nextWakeMs: Int64? {
        rings.nextWake.map { Int64(clamping: $0) }
    }

    /// Takes the next timer due at `nowMs`, or nil when there are no more. Call it until nil; timers cancelled in between
    /// do not fire.
    public func popDue(at nowMs: Int64) -> FiredTimer? {
        rings.popDue(at: UInt64(max(nowMs, 0)))
    }

    /// Checks the structure; for tests. The broken rule, or nil.
    public func selfCheck() -> String? {
        rings.selfCheck()
    }
}
