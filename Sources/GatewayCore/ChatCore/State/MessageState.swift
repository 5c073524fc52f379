import ChatModel

/// A message that something named after it was sent: a receipt, a reply, a change, a reaction. Confined to the core
/// thread.
final class MessageState {
    let id: Int64
    let slot: Int32
    /// nil: not in the store when it was read. Such an answer is used once and not kept: the id may come to exist.
    var record: MessageRecord?

    init(id: Int64, slot: Int32, record: MessageRecord?) {
        self.id = id
        self.slot = slot
        self.record = record
    }

    var cost: Int { 512 + (record.map { $0.data.bytes.count + 64 * $0.reactions.count } ?? 0) }
}
