internal import ChatModel
internal import JSONCodec

/// The members of a message to be sent, as socket and REST share them, and the rules they must keep.
struct MessageMembers {
    var receiver: Field?
    var receiverType: Field?
    var category: Field?
    var type: Field?
    var data: Field?
    var muid: Field?
    var metadata: Field?
    var tags: Field?
    var parentID: Field?
    /// Of all but the receiver, in refusals.
    var path: StaticString = ""
    /// Files that came with the message.
    var uploads: [Attachment] = []

    /// Keeps a member of the body if it is one of a message's; the rest is ignored, as SDKs repeat things there.
    mutating func take(_ key: JSONText, _ field: Field, from reader: borrowing JSONReader) {
        if reader.matches(key, "category") {
            category = field
        } else if reader.matches(key, "type") {
            type = field
        } else if reader.matches(key, "data") {
            data = field
        } else if reader.matches(key, "muid") {
            muid = field
        } else if reader.matches(key, "metadata") {
            metadata = field
        } else if reader.matches(key, "tags") {
            tags = field
        } else if reader.matches(key, "parentId") || reader.matches(key, "parentMessageId") {
            parentID = field
        }
    }

    /// `known`: the receiver where the body is not asked for it.
    func draft(
        _ reader: inout JSONReader, _ limits: Limits, receiver known: Receiver? = nil
    ) throws(APIFailure) -> MessageDraft {
        let receiver: Receiver
        if let known { receiver = known } else { receiver = try reader.receiver(self.receiver, type: receiverType) }
        let category = try readCategory(&reader)
        let type = try readType(&reader, category)
        let body = try MessageData(&reader, data, path)
        let data = try body.checked(
            &reader, category: category, type: type, metadata: metadata, uploads: uploads, limits)
        var draft = MessageDraft(receiver: receiver, category: category, type: type, data: data)
        if category == .message { draft.mentions = body.mentions(&reader, limits) }
        draft.muid = try readMuid(&reader, limits)
        draft.tags = try reader.tags(tags, FieldName(path, "tags"), limits) ?? []
        let parent = try reader.position(parentID, FieldName(path, "parentId")) ?? 0
        draft.parentID = parent == 0 ? nil : parent
        return draft
    }

    /// nil: there is none that could be used.
    func readMuid(_ reader: inout JSONReader, _ limits: Limits) throws(APIFailure) -> String? {
        let text = try reader.string(muid, FieldName(path, "muid"), bytesMax: limits.muidBytes)
        return text == "" ? nil : text
    }

    private func readCategory(_ reader: inout JSONReader) throws(APIFailure) -> MessageCategory {
        let name = FieldName(path, "category")
        switch try reader.word(category, name, MessageCategory.self, code: .invalidMessageCategory) {
        case .message: return .message
        case .custom: return .custom
        case .action: throw APIFailure(.invalidMessageCategory, "\(name.text): actions are made by the gateway only")
        case .interactive: return .interactive
        case .call: throw APIFailure(.invalidMessageCategory, "\(name.text): calls have routes of their own")
        case nil: throw APIFailure(.invalidMessageCategory, "\(name.text) is required")
        }
    }

    private func readType(_ reader: inout JSONReader, _ category: MessageCategory) throws(APIFailure) -> String {
        let name = FieldName(path, "type")
        if category == .message {
            guard let word = try reader.word(type, name, MediaWord.self, code: .invalidMessageType) else {
                throw APIFailure(.invalidMessageType, "\(name.text) is required")
            }
            return word.rawValue
        }
        if category == .interactive {
            guard let word = try reader.word(type, name, InteractiveWord.self, code: .invalidMessageType) else {
                throw APIFailure(.invalidMessageType, "\(name.text) is required")
            }
            return word.rawValue
        }
        guard let text = try reader.string(type, name, bytesMax: 50, code: .invalidMessageType), !text.isEmpty,
            text.utf8.allSatisfy(Self.isTypeCharacter)
        else {
            throw APIFailure(.invalidMessageType, "\(name.text) must be 1 to 50 characters of A-Z a-z 0-9 _ . -")
        }
        return text
    }

    private static func isTypeCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}

/// The types of category `message`.
private enum MediaWord: String, CaseIterable {
    case text, image, video, audio, file
}

/// The types of category `interactive`.
private enum InteractiveWord: String, CaseIterable {
    case form, card, scheduler, customInteractive
}
