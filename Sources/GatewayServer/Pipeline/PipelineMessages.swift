internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import Synchronization
internal import WireProtocol

/// What reaches the core thread.
enum CoreMessage: Sendable {
    case command(Command, Credit)
    /// nil: the store could not be read.
    case loaded(EntityKey, LoadedEntity?)
    case reserved(AppNumber, through: Int64)
    case reserveFailed(AppNumber)
    /// Every decision up to this number is on disk.
    case committed(through: UInt64)
    /// A transaction failed: no decision from this number on is on disk.
    case failed(from: UInt64)
    /// The message exists already, by its `muid`.
    case duplicate(AppNumber, MessageRecord)
    /// Also for a known app, whose limits may have changed.
    case addApp(AppNumber, AppLimits, LogPositions, calls: [CallRecord])
    case rules(CoreRules)
    case stop
}

/// What reaches the log thread.
enum LogMessage: Sendable {
    case decision(Decision)
    case reserve(AppNumber, through: Int64)
    /// The core has dropped what a failed transaction made void; what follows is decided anew.
    case recovered
    /// How far webhooks have come.
    case hooks([HookPosition])
    case stop
}

/// What reaches a fan-out worker.
enum WorkerMessage: Sendable {
    case batch(EncodingBatch)
    case ephemeral(EphemeralEvent)
    case stop
}

/// A committed batch while its frames are made, by one worker or several. Any thread.
final class EncodingBatch: Sendable {
    struct Item: Sendable {
        let decision: Decision
        let duplicate: MessageView?
    }

    let number: UInt64
    let items: [Item]
    private let state: Mutex<(frames: [[SharedFrame?]], workersLeft: Int)>

    init(number: UInt64, items: [Item], workers: Int) {
        self.number = number
        self.items = items
        state = Mutex(([[SharedFrame?]](repeating: [], count: items.count), workers))
    }

    /// Takes one worker's frames, by item; true for the worker that brings the last.
    func complete(_ made: [(item: Int, frames: [SharedFrame?])]) -> Bool {
        state.withLock { state in
            for (item, frames) in made { state.frames[item] = frames }
            state.workersLeft -= 1
            return state.workersLeft == 0
        }
    }

    /// All frames, once the last worker has completed.
    func walkable() -> [WalkableDecision] {
        state.withLock { state in
            zip(items, state.frames).map {
                WalkableDecision(decision: $0.decision, duplicate: $0.duplicate, frames: $1)
            }
        }
    }
}
