import ChatModel

/// What the backend's feed is told of connections (protocol.md §8). These events are changes like any other, so that
/// they stand in the feed in the order in which they were decided.
extension ChatCore {
    /// Events that belong to the decision with this number, as its changes.
    func journal(_ events: [ConnectionEvent], of app: AppContext, decision: UInt64) -> [Change] {
        events.map { event in
            connectionJournal.append(event, of: app.number, decision: decision)
            return .connection(event)
        }
    }

    /// After a failure: what happened to connections did happen, whatever the store kept of it.
    func tellAgain(from number: UInt64) {
        var pending: [ConnectionEvent] = []
        var current: AppNumber?
        func flush() {
            guard let number = current, let app = apps[number], !pending.isEmpty else { return }
            decided += 1
            let changes = journal(pending, of: app, decision: decided)
            output.decide(Decision(app: number, at: app.lastSeconds, changes: changes))
            pending = []
        }
        for entry in connectionJournal.take(from: number) {
            if entry.app != current || pending.count == Self.toldAtOnceMax { flush() }
            current = entry.app
            pending.append(entry.event)
        }
        flush()
    }

    /// Events of one decision, so that none grows without bound.
    private static var toldAtOnceMax: Int { 256 }
}

extension SessionTable.Session {
    /// As the feed shows it.
    var feedSession: ConnectionEvent.Session {
        ConnectionEvent.Session(id: id, deviceID: deviceID, platform: platform)
    }
}
