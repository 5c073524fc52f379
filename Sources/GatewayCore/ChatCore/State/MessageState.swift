import ChatModel

/// A message that a receipt or a reply named and that was not among the newest. Confined to the core thread.
final class MessageState {
    let id: Int64
    let slot: Int32
    /// nil: not in the store when it was read. Such an answer is used once and not kept: the id may come to exist.
    let record: MessageRecord?

    init(id: Int64, slot: Int32, record: MessageRecord?) {
        self.id = id
        self.slot = slot
        self.record = record
    }

    var cost: Int { 512 + (record?.data.bytes.count ?? 0) }
}
