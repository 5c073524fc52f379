internal import ChatModel

/// The row id of a message: app and position in one integer, so that the table is a plain append-only tree per app and
/// every index ends in log order without carrying either.
enum MessageKey {
    /// 47 bits: 70 years at 60,000 positions a second. Leaves 16 for the app, and the sign.
    static let positionBits: Int64 = 47
    static let positionMax: Int64 = (1 << positionBits) - 1

    static func make(_ app: AppNumber, _ position: Int64) -> Int64 {
        precondition((0...positionMax).contains(position), "a position has 47 bits")
        return Int64(app.raw) << positionBits | position
    }

    /// For bounds that a client names: the nearest position there can be.
    static func clamped(_ app: AppNumber, _ position: Int64) -> Int64 {
        make(app, min(max(position, 0), positionMax))
    }

    static func position(_ key: Int64) -> Int64 { key & positionMax }
    static func app(_ key: Int64) -> AppNumber { AppNumber(Int32(key >> positionBits)) }
}
