internal import ChatModel
internal import JSONCodec

/// The members of `data` that an interactive message has.
struct InteractiveMembers {
    private var interactiveData: Field?
    private var interactionGoal: Field?
    private var allowSenderInteraction: Field?

    mutating func take(_ key: JSONText, _ field: Field, from reader: borrowing JSONReader) {
        if reader.matches(key, "interactiveData") {
            interactiveData = field
        } else if reader.matches(key, "interactionGoal") {
            interactionGoal = field
        } else if reader.matches(key, "allowSenderInteraction") {
            allowSenderInteraction = field
        }
    }

    /// `path`: where `data` stands. Refuses what is no such message.
    func terms(
        _ reader: inout JSONReader, _ path: StaticString, _ limits: Limits
    ) throws(APIFailure) -> InteractionTerms {
        guard interactiveData?.kind == .object else {
            throw APIFailure(.invalidMessageData, "\(path)data.interactiveData must be an object")
        }
        var terms = InteractionTerms()
        let name = FieldName(path, "data.allowSenderInteraction")
        do throws(APIFailure) {
            terms.allowsSender = try reader.bool(allowSenderInteraction, name) ?? false
        } catch { throw APIFailure(.invalidMessageData, error.message) }
        terms.goal = try goal(&reader, path, limits)
        return terms
    }

    private func goal(
        _ reader: inout JSONReader, _ path: StaticString, _ limits: Limits
    ) throws(APIFailure) -> InteractionGoal {
        guard let interactionGoal, interactionGoal.kind != .null else { return .none }
        guard interactionGoal.kind == .object else {
            throw APIFailure(.invalidMessageData, "\(path)data.interactionGoal must be an object")
        }
        var (type, elements): (Field?, Field?) = (nil, nil)
        try reader.eachMember(of: interactionGoal) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "type") {
                type = member
            } else if reader.matches(key, "elementIds") {
                elements = member
            }
        }
        let name = FieldName(path, "data.interactionGoal.type")
        let word = try reader.word(type, name, GoalWord.self, code: .invalidMessageData)
        let ids: [String]
        do throws(APIFailure) {
            ids = try reader.elementIDs(elements, FieldName(path, "data.interactionGoal.elementIds"), limits) ?? []
        } catch { throw APIFailure(.invalidMessageData, error.message) }
        switch word {
        case nil: throw APIFailure(.invalidMessageData, "\(name.text) is required")
        case .some(.none): return .none
        case .anyAction: return .anyAction
        case .anyOf, .allOf:
            guard !ids.isEmpty else {
                throw APIFailure(
                    .invalidMessageData, "\(path)data.interactionGoal.elementIds must not be empty for this type")
            }
            return word == .anyOf ? .anyOf(ids) : .allOf(ids)
        }
    }
}

private enum GoalWord: String, CaseIterable {
    case anyAction, anyOf, allOf, none
}

extension JSONReader {
    /// Ids of elements of an interactive message. nil: absent. An empty one is refused.
    mutating func elementIDs(
        _ field: Field?, _ name: FieldName, _ limits: Limits
    ) throws(APIFailure) -> [String]? {
        let ids = try strings(
            field, name, countMax: limits.interactionElements, charactersMax: limits.elementIDLength)
        guard ids?.contains("") != true else { throw APIFailure(.badRequest, "\(name.text) must not be empty") }
        return ids
    }
}
