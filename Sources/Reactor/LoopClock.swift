/// A loop's idea of now, shared by all that runs in it: read from the machine once per iteration.
///
/// Confined to the loop's thread.
public final class LoopClock {
    /// Monotonic time in ms.
    public private(set) var nowMs = SystemTime.monotonicMs()

    public init() {}

    /// Asks the machine. The loop does so after each poll; a program without a loop does it itself.
    public func read() {
        nowMs = SystemTime.monotonicMs()
    }
}
