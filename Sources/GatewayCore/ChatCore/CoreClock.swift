/// The time of an input, read by the thread: the core has no clock of its own.
public struct CoreClock: Sendable, Equatable {
    /// Milliseconds of a clock that never goes back; drives all timers.
    public let monotonicMs: Int64
    /// Unix seconds; may jump.
    public let wallSeconds: Int64

    public init(monotonicMs: Int64, wallSeconds: Int64) {
        self.monotonicMs = monotonicMs
        self.wallSeconds = wallSeconds
    }
}
