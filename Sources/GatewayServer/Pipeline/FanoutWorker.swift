internal import ChatModel
internal import GatewayCore
internal import Reactor
internal import WireProtocol

/// A fan-out worker's body: encodes the frames of its conversations, once each.
///
/// Owned by its thread. Holds nothing between batches.
final class FanoutWorker {
    private let index: Int
    private let count: Int
    private let encoder: EventEncoder
    private let deliver: (WorkerOutput) -> Void

    /// What a worker sends to every shard.
    enum WorkerOutput {
        case batch(EncodingBatch)
        case ephemeral([EncodedEphemeral])
    }

    init(index: Int, count: Int, encoder: EventEncoder, deliver: @escaping (WorkerOutput) -> Void) {
        self.index = index
        self.count = count
        self.encoder = encoder
        self.deliver = deliver
    }

    func run(_ mailbox: Mailbox<WorkerMessage>, tick: LoopTick) {
        var inbox: [WorkerMessage] = []
        var ephemeral: [EncodedEphemeral] = []
        var running = true
        while running {
            tick.willSleep()
            let open = mailbox.waitAndDrain(into: &inbox, timeoutMs: 1_000)
            tick.didWake()
            for message in inbox {
                switch message {
                case .batch(let batch):
                    if batch.complete(encode(batch)) { deliver(.batch(batch)) }
                case .ephemeral(let event):
                    if let frame = encoder.frame(of: event) {
                        ephemeral.append(EncodedEphemeral(event: event, frame: frame))
                    }
                case .stop:
                    running = false
                }
            }
            if !ephemeral.isEmpty {
                deliver(.ephemeral(ephemeral))
                ephemeral = []
            }
            running = running && open
        }
    }

    private func encode(_ batch: EncodingBatch) -> [(item: Int, frames: [SharedFrame?])] {
        var made: [(item: Int, frames: [SharedFrame?])] = []
        for (position, item) in batch.items.enumerated()
        where count == 1 || Self.worker(for: item.decision, of: count) == index {
            // A duplicate is fanned out once, with the first message.
            let frames = item.duplicate == nil ? encoder.frames(of: item.decision) : []
            made.append((position, frames))
        }
        return made
    }

    /// Which worker encodes a decision: by its conversation, so that one busy group keeps one cache warm.
    static func worker(for decision: Decision, of count: Int) -> Int {
        guard count > 1 else { return 0 }
        for projection in decision.projections {
            switch projection {
            case .message(let event): return slot(event.view.message.conversation, count)
            case .receipt(let event, _), .ownReceipt(let event, _): return slot(event.conversation, count)
            case .reaction(let event, _): return slot(event.reaction.conversation, count)
            case .completion(let event, _): return slot(event.conversation, count)
            default: continue
            }
        }
        return 0
    }

    static func worker(for event: EphemeralEvent, of count: Int) -> Int {
        guard count > 1 else { return 0 }
        switch event.kind {
        case .presence: return Int(UInt(bitPattern: event.user.record.uid.hashValue) % UInt(count))
        case .typing(let receiver, _, _), .transient(let receiver, _):
            return slot(Conversation(sender: event.user.record.uid, receiver: receiver), count)
        }
    }

    private static func slot(_ conversation: Conversation, _ count: Int) -> Int {
        Int(UInt(bitPattern: conversation.hashValue) % UInt(count))
    }
}
