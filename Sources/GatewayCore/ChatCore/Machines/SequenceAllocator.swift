/// Hands out one app's log positions, only from blocks that the log has reserved on disk.
///
/// | state                          | `take`   | `reserved(through)`       | `failed`                    |
/// |--------------------------------|----------|---------------------------|-----------------------------|
/// | positions left                 | the next | the window grows          | the request may be repeated |
/// | none left, reservation pending | illegal  | positions left            | the request may be repeated |
///
/// Gaps are allowed, repetition is not: what was reserved and not used before a restart is skipped.
struct SequenceAllocator {
    private(set) var last: Int64
    private var reservedThrough: Int64
    private var requestedThrough: Int64
    private let block: Int64

    /// - Parameter reserved: the highest position ever reserved; the first one handed out is above it.
    init(reserved: Int64, block: Int64) {
        precondition(block > 0, "a block holds at least one position")
        last = reserved
        reservedThrough = reserved
        requestedThrough = reserved
        self.block = block
    }

    /// Positions that can be taken without waiting.
    var remaining: Int64 { reservedThrough - last }

    mutating func take() -> Int64 {
        precondition(last < reservedThrough, "a position must be reserved before it is handed out")
        last += 1
        return last
    }

    /// What to reserve now so that nobody has to wait later: kept two blocks ahead. nil: enough is reserved or asked for.
    mutating func reservationNeeded() -> Int64? {
        guard requestedThrough - last < 2 * block else { return nil }
        requestedThrough = max(requestedThrough, last) + block
        while requestedThrough - last < 2 * block { requestedThrough += block }
        return requestedThrough
    }

    mutating func reserved(through: Int64) {
        reservedThrough = max(reservedThrough, through)
        requestedThrough = max(requestedThrough, through)
    }

    /// A reservation was not made: asked again by the next `reservationNeeded`.
    mutating func failed() {
        requestedThrough = reservedThrough
    }
}
