/// Whether one user is online: the rule of one event per change of the user, never one per device.
///
/// | state     | connected            | disconnected(atOnce: false)    | disconnected(atOnce: true)  | graceExpired      | ended                            |
/// |-----------|----------------------|--------------------------------|-----------------------------|-------------------|----------------------------------|
/// | offline   | online(1), announce  | illegal                        | illegal                     | nothing           | nothing                          |
/// | online(1) | online(2)            | grace, arm the timer           | offline, announce           | nothing           | nothing: connections still close |
/// | online(n) | online(n+1)          | online(n-1)                    | online(n-1)                 | nothing           | nothing                          |
/// | grace     | online(1), disarm    | illegal                        | illegal                     | offline, announce | offline, disarm, announce        |
struct PresenceMachine {
    enum State: Equatable {
        case offline
        case online(connections: Int32)
        case grace
    }

    enum Event {
        case connected
        /// `atOnce`: no grace if it was the last (logout, deleted, deactivated, or no grace configured).
        case disconnected(atOnce: Bool)
        case graceExpired
        /// The user logged out elsewhere, or is gone: a grace period running has no more sense.
        case ended
    }

    enum Action: Equatable {
        case none
        case announceOnline
        case announceOffline
        case armGrace
        case disarmGrace
        case disarmGraceAndAnnounceOffline
    }

    private(set) var state = State.offline

    mutating func handle(_ event: Event) -> Action {
        switch (state, event) {
        case (.offline, .connected):
            state = .online(connections: 1)
            return .announceOnline
        case (.online(let count), .connected):
            state = .online(connections: count + 1)
            return .none
        case (.grace, .connected):
            state = .online(connections: 1)
            return .disarmGrace
        case (.online(connections: 1), .disconnected(let atOnce)):
            state = atOnce ? .offline : .grace
            return atOnce ? .announceOffline : .armGrace
        case (.online(let count), .disconnected):
            state = .online(connections: count - 1)
            return .none
        case (.offline, .disconnected), (.grace, .disconnected):
            preconditionFailure("a connection left that never came")
        case (.grace, .graceExpired):
            state = .offline
            return .announceOffline
        case (.grace, .ended):
            state = .offline
            return .disarmGraceAndAnnounceOffline
        case (.offline, .graceExpired), (.online, .graceExpired), (.offline, .ended), (.online, .ended):
            return .none
        }
    }
}
