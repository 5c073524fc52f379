import ChatModel

/// A cached auth token. Confined to the core thread.
final class TokenState {
    let hash: TokenHash
    let slot: Int32
    /// nil: unknown or deleted.
    var record: TokenRecord?

    init(hash: TokenHash, slot: Int32, record: TokenRecord?) {
        self.hash = hash
        self.slot = slot
        self.record = record
    }

    var cost: Int { 256 }
}
