import ChatModel
import WireProtocol

/// Use of interactive messages (protocol.md §3.8, §6). Each element counts once per user; the author is told once per user,
/// when the message's goal is reached.
extension ChatCore {
    func interact(
        _ id: Int64, _ elements: [String], _ terms: InteractionTerms, _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        let app = turn.app
        let user = try actingUser(turn)
        let place = try place(of: id, turn)
        guard place.record.category == .interactive else {
            throw APIFailure(.invalidMessageCategory, "The message is not interactive.")
        }
        try refuseBlocked(place, app)
        guard terms.allowsSender || place.by != place.record.sender else {
            throw APIFailure(.messageNoAccess, "The message does not take its sender's interactions.")
        }
        let key = EngagementState.Key(message: id, user: place.by)
        guard let engagement = app.engagements[key] else { throw .unknown(message: id) }
        var new: [Interaction] = []
        for element in elements
        where !(engagement.interactions + new).contains(where: { $0.elementID == element }) {
            new.append(Interaction(elementID: element, at: turn.now))
        }
        guard !new.isEmpty else { return .message(view(of: place.record, app), duplicate: false) }
        let bound = app.rules.interactionsPerUser
        guard bound == 0 || engagement.interactions.count + new.count <= bound else {
            throw .limit("interactionsPerUser", bound)
        }
        try chargeChange(turn)

        let seq = app.positions.take()
        let origin = origin(turn, of: user)
        engagement.interactions += new
        var completion: InteractionChange.Completion?
        var projections: [Projection] = []
        if !engagement.hasCompleted, terms.goal.isReached(by: engagement.interactions.map(\.elementID)) {
            engagement.hasCompleted = true
            let author = mayBeTold(place.record, app) ? place.record.sender : nil
            completion = InteractionChange.Completion(author: author, originSession: originSession(origin))
            if let author {
                let event = CompletionEvent(
                    messageID: id, conversation: place.record.conversation, author: author, user: view(user, app),
                    interactions: engagement.interactions, seq: seq, originSession: originSession(origin))
                projections.append(.completion(event, origin: origin))
            }
        }
        touch(engagement, turn)
        let change = InteractionChange(messageID: id, uid: place.by, interactions: new, completion: completion)
        add(&turn, seq: seq, [.interaction(change)], projections)
        return .message(view(of: place.record, app), duplicate: false)
    }

    /// Who is no member gets nothing more of a group.
    private func mayBeTold(_ record: MessageRecord, _ app: AppContext) -> Bool {
        guard let author = known(record.sender, app) else { return false }
        guard case .group(let guid) = record.receiver else { return true }
        return app.groups.entity(of: guid)?.members.slot(of: author.handle) != nil
    }
}
