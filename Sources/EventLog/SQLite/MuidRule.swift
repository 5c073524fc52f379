/// How long a `muid` names one message, and how it is looked up.
enum MuidRule {
    static let windowSeconds: Int64 = 86_400

    /// FNV-1a, the same for ever. A sender who makes two muids collide only lets the second through.
    static func hash(_ muid: String) -> Int64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in muid.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int64(bitPattern: hash)
    }
}
