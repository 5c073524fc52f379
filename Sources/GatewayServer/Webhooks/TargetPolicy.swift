/// Which addresses a webhook may connect to. Judged for the address that is being connected to, so that no name can
/// resolve to something else in between.
struct TargetPolicy: Sendable, Equatable {
    /// What kind of network an address belongs to.
    enum Reach: Equatable {
        case `public`, `private`, loopback
        /// Nobody's, or many's: unspecified, multicast, broadcast, documentation.
        case none
    }

    let allowsPrivate: Bool
    /// Also without `allowsPrivate`: for development.
    let allowsLoopback: Bool

    /// `isPlain`: without TLS, which leaves the machine or its network for nobody.
    func allows(_ reach: Reach, isPlain: Bool) -> Bool {
        switch reach {
        case .public: !isPlain
        case .private: allowsPrivate
        case .loopback: allowsPrivate || allowsLoopback
        case .none: false
        }
    }

    /// Of an IPv4 address, as a number in host order.
    static func reach(ofIPv4 address: UInt32) -> Reach {
        func isIn(_ network: UInt32, _ bits: UInt32) -> Bool { address >> (32 - bits) == network >> (32 - bits) }
        // RFC 6890 and what it registers.
        if isIn(0x7F00_0000, 8) { return .loopback }
        if isIn(0x0A00_0000, 8) || isIn(0xAC10_0000, 12) || isIn(0xC0A8_0000, 16) || isIn(0xA9FE_0000, 16)
            || isIn(0x6440_0000, 10)
        {
            return .private
        }
        if isIn(0, 8) || isIn(0xE000_0000, 3) || isIn(0xC000_0000, 24) || isIn(0xC000_0200, 24)
            || isIn(0xC633_6400, 24) || isIn(0xCB00_7100, 24) || isIn(0xC612_0000, 15) || isIn(0xC058_6300, 24)
        {
            return .none
        }
        return .public
    }

    /// Of an IPv6 address, as its two halves in host order. One that stands for an IPv4 address is judged as that.
    static func reach(ofIPv6 high: UInt64, _ low: UInt64) -> Reach {
        if high == 0, low == 1 { return .loopback }
        let embedded = UInt32(truncatingIfNeeded: low)
        // ::ffff:0:0/96 (mapped), 64:ff9b::/96 (NAT64), 2002::/16 (6to4).
        if high == 0, low >> 32 == 0xFFFF { return reach(ofIPv4: embedded) }
        if high == 0x0064_FF9B_0000_0000, low >> 32 == 0 { return reach(ofIPv4: embedded) }
        if high >> 48 == 0x2002 { return reach(ofIPv4: UInt32(truncatingIfNeeded: high >> 16)) }
        // fc00::/7 unique local, fe80::/10 link local.
        if high >> 57 == 0xFC00 >> 9 || high >> 54 == 0xFE80 >> 6 { return .private }
        // Only 2000::/3 is given out; of it 2001::/23 (Teredo and other protocols) and 2001:db8::/32 are not.
        if high >> 61 != 1 || high >> 41 == 0x2001_0000 >> 9 || high >> 32 == 0x2001_0DB8 { return .none }
        return .public
    }
}
