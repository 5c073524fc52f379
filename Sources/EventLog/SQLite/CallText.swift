internal import ChatModel

/// The participants of a call in one column: `uid:joinedAt`, separated by spaces; neither is a character of a uid.
enum CallText {
    static func encoded(_ participants: [CallParticipant]) -> String? {
        if participants.isEmpty { return nil }
        return participants.map { "\($0.uid.text):\($0.joinedAt)" }.joined(separator: " ")
    }

    static func decoded(_ text: String?) -> [CallParticipant] {
        (text ?? "").split(separator: " ").compactMap { part in
            let halves = part.split(separator: ":")
            guard halves.count == 2, let joinedAt = Int64(halves[1]) else { return nil }
            return CallParticipant(uid: UserID(trusted: String(halves[0])), joinedAt: joinedAt)
        }
    }
}
