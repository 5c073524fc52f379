import ChatModel
import WireProtocol

/// Reactions (protocol.md §3.8). One that is given twice, or taken back when it is not there, changes nothing.
extension ChatCore {
    func react(
        _ id: Int64, _ reaction: String, given: Bool, _ turn: inout Turn
    ) throws(APIFailure) -> ReplyBody {
        let app = turn.app
        let user = try actingUser(turn)
        let place = try place(of: id, turn)
        let key = EngagementState.Key(message: id, user: place.by)
        guard let engagement = app.engagements[key] else { throw .unknown(message: id) }
        let standing = engagement.reactions.firstIndex { $0.reaction == reaction }
        guard given == (standing == nil) else {
            return .message(view(of: place.record, app), duplicate: false)
        }
        if given {
            try refuseBlocked(place, app)
            try checkRoom(for: reaction, engagement, place.record, app.rules)
        }
        try chargeChange(turn)

        let seq = app.positions.take()
        let origin = origin(turn, of: user)
        let one: LoadedEngagement.Given
        if let standing {
            one = engagement.reactions.remove(at: standing)
        } else {
            one = LoadedEngagement.Given(reaction: reaction, id: seq, at: turn.now)
            engagement.reactions.append(one)
        }
        let record = place.record.with(reactions: counts(place.record.reactions, one.reaction, by: given ? 1 : -1))
        place.state.record = record
        touch(place.state, turn)
        touch(engagement, turn)
        let change = ReactionChange(
            isAdded: given, id: one.id, messageID: id, conversation: record.conversation, uid: place.by,
            reaction: one.reaction, at: one.at, originSession: originSession(origin), counts: record.reactions)
        let shown = Reaction(
            id: one.id, messageID: id, conversation: record.conversation, parentID: record.parentID,
            reaction: one.reaction, user: view(user, app), at: one.at)
        add(
            &turn, seq: seq, [.reaction(change)],
            [
                .reaction(
                    ReactionEvent(
                        isAdded: given, reaction: shown, seq: seq, originSession: originSession(origin)),
                    origin: origin)
            ])
        return .message(view(of: record, app), duplicate: false)
    }

    private func checkRoom(
        for reaction: String, _ engagement: EngagementState, _ record: MessageRecord, _ rules: CoreRules
    ) throws(APIFailure) {
        guard rules.reactionsPerUser == 0 || engagement.reactions.count < rules.reactionsPerUser else {
            throw .limit("reactionsPerUser", rules.reactionsPerUser)
        }
        let isNew = !record.reactions.contains { $0.reaction == reaction }
        guard !isNew || rules.reactionsPerMessage == 0 || record.reactions.count < rules.reactionsPerMessage else {
            throw .limit("reactionsPerMessage", rules.reactionsPerMessage)
        }
    }

    private func counts(_ counts: [ReactionCount], _ reaction: String, by step: Int) -> [ReactionCount] {
        var counts = counts
        guard let index = counts.firstIndex(where: { $0.reaction == reaction }) else {
            return counts + [ReactionCount(reaction: reaction, count: 1)]
        }
        let count = counts[index].count + step
        if count > 0 {
            counts[index] = ReactionCount(reaction: counts[index].reaction, count: count)
        } else {
            counts.remove(at: index)
        }
        return counts
    }
}
