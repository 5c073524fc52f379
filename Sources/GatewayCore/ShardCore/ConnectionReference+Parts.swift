internal import ChatModel

/// The layout of a connection's name, the same as that of a shard's connection slab: shard (8 bits), slot (24),
/// generation (32).
extension ConnectionReference {
    /// Names nothing.
    static let none = ConnectionReference(0)

    var shard: UInt16 { UInt16(truncatingIfNeeded: raw >> 56) }
    var slot: Int { Int(truncatingIfNeeded: raw >> 32) & 0xFF_FFFF }
}
