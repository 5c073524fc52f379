internal import Synchronization

/// The bus of a single process: publishing calls the subscribers. Any thread.
public final class LocalEphemeralBus<Event: Sendable>: EphemeralBus {
    private struct State {
        var nextID: UInt64 = 0
        var subscribers: [(id: UInt64, receive: @Sendable ([Event]) -> Void)] = []
    }

    private let state = Mutex(State())

    public init() {}

    public func publish(_ events: [Event]) {
        guard !events.isEmpty else { return }
        // Copied out, so that no lock is held while calling out.
        for subscriber in state.withLock({ $0.subscribers }) { subscriber.receive(events) }
    }

    public func subscribe(_ receive: @escaping @Sendable ([Event]) -> Void) -> EphemeralSubscription {
        let id = state.withLock { state in
            state.nextID += 1
            state.subscribers.append((state.nextID, receive))
            return state.nextID
        }
        return EphemeralSubscription { [weak self] in
            self?.state.withLock { $0.subscribers.removeAll { $0.id == id } }
        }
    }
}
