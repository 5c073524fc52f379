/// One open file descriptor, closed exactly once: when its owner goes.
///
/// Any thread may own it; it cannot be copied, so nobody closes a number that the kernel has meanwhile given to
/// somebody else.
public struct Descriptor: ~Copyable, Sendable {
    /// The number, for a call that needs it. Valid while this value lives.
    public let raw: Int32

    /// Takes over `raw`, which nobody else may close from now on.
    public init(owning raw: Int32) {
        precondition(raw >= 0, "a descriptor is never negative")
        self.raw = raw
    }

    deinit {
        Syscall.close(raw)
    }

    /// Gives the number away without closing it.
    public consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }
}
