internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import WireProtocol

/// Makes the frames of what was decided: from the seam's values to `WireProtocol`. Any thread.
struct EventEncoder: Sendable {
    let apps: AppDirectory
    let presence: PresenceTable

    /// One frame per projection, in their order; nil for those that send nothing.
    func frames(of decision: Decision) -> [SharedFrame?] {
        guard !decision.projections.isEmpty, let app = apps.app(decision.app) else { return [] }
        return decision.projections.map { projection in
            switch projection {
            case .message(let event): ServerFrame.message(app: app.id, event.view)
            case .receipt(let event, let origin), .ownReceipt(let event, let origin):
                ServerFrame.receipt(app: app.id, event, origin: origin?.sessionID)
            case .reaction(let event, _): ServerFrame.reaction(app: app.id, event)
            case .completion(let event, _): ServerFrame.interactionCompleted(app: app.id, event)
            case .memberAdded, .memberRemoved, .groupDeleted, .friendship, .disconnect, .disconnectApp, .userChanged,
                .blocked, .userForgotten:
                nil
            }
        }
    }

    /// nil when the app is gone.
    func frame(of event: EphemeralEvent) -> SharedFrame? {
        guard let app = apps.app(event.app) else { return nil }
        let origin = event.origin?.sessionID
        switch event.kind {
        case .presence(let online, let atSeconds):
            return ServerFrame.presence(
                app: app.id, user: event.user, online: online, atSeconds: atSeconds, origin: origin)
        case .typing(let receiver, let started, let metadata):
            return ServerFrame.typing(
                app: app.id, user: event.user, receiver: receiver, started: started, metadata: metadata,
                origin: origin)
        case .transient(let receiver, let data):
            return ServerFrame.transient(app: app.id, user: event.user, receiver: receiver, data: data, origin: origin)
        }
    }

    /// A page of what was missed, or the part of it that `bytesMax` of frames hold: at least one position's events, and
    /// all events of a position. The store knows nothing of presence, so that is put in here.
    func encode(_ page: ReplayPage, app number: AppNumber, bytesMax: Int) -> EncodedReplayPage? {
        guard let app = apps.app(number) else { return nil }
        var events: [EncodedReplayPage.Event] = []
        var bytes = 0
        for item in page.items {
            if bytes > bytesMax, let last = events.last, last.seq != item.seq {
                return EncodedReplayPage(events: events, next: last.seq, hasGap: false)
            }
            let event = encode(item, app, number)
            bytes += event.frame.payload.count
            events.append(event)
        }
        return EncodedReplayPage(events: events, next: page.next, hasGap: false)
    }

    private func encode(_ item: ReplayPage.Item, _ app: AppEntry, _ number: AppNumber) -> EncodedReplayPage.Event {
        switch item {
        case .message(let view):
            EncodedReplayPage.Event(
                seq: item.seq, frame: ServerFrame.message(app: app.id, shown(view, number)), kind: .durable)
        case .receipt(let event):
            EncodedReplayPage.Event(
                seq: item.seq,
                frame: ServerFrame.receipt(
                    app: app.id, event.withPresence { presence.lastActive(number, $0) }, origin: nil), kind: .receipt)
        case .reaction(let event):
            EncodedReplayPage.Event(
                seq: item.seq,
                frame: ServerFrame.reaction(
                    app: app.id, event.withPresence { presence.lastActive(number, $0) }), kind: .durable)
        case .completion(let event):
            EncodedReplayPage.Event(
                seq: item.seq,
                frame: ServerFrame.interactionCompleted(
                    app: app.id, event.withPresence { presence.lastActive(number, $0) }), kind: .durable)
        }
    }

    private func shown(_ view: MessageView, _ app: AppNumber) -> MessageView {
        view.withPresence { presence.lastActive(app, $0) }
    }
}

extension Origin {
    /// What is stamped as `deviceId`.
    fileprivate var sessionID: SessionID {
        switch self {
        case .connection(_, let session), .session(let session): session
        }
    }
}
