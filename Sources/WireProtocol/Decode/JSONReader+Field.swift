internal import ChatModel
internal import JSONCodec

/// Reading members once their text was checked: what is wrong from here on is a field, and the refusal names it.
///
/// A null stands for an absent field.
extension JSONReader {
    mutating func field() throws(JSONError) -> Field {
        let kind = try kind()
        return Field(kind: kind, range: try skip())
    }

    /// Hands out the members of a checked object. The body may look into the member, and into nothing else.
    mutating func eachMember(
        of object: Field, _ body: (inout JSONReader, JSONText, Field) throws(APIFailure) -> Void
    ) throws(APIFailure) {
        revisit(object.range)
        do throws(JSONError) { try enterObject() } catch { throw Self.malformed(error) }
        while true {
            let key: JSONText
            let member: Field
            do throws(JSONError) {
                guard let next = try nextKey() else { return }
                key = next
                member = try field()
            } catch { throw Self.malformed(error) }
            try body(&self, key, member)
            revisit(member.range.upperBound..<member.range.upperBound)
        }
    }

    /// Hands out the elements of a checked array.
    mutating func eachElement(
        of array: Field, _ body: (inout JSONReader, Field) throws(APIFailure) -> Void
    ) throws(APIFailure) {
        revisit(array.range)
        do throws(JSONError) { try enterArray() } catch { throw Self.malformed(error) }
        while true {
            let element: Field
            do throws(JSONError) {
                guard try nextElement() else { return }
                element = try field()
            } catch { throw Self.malformed(error) }
            try body(&self, element)
            revisit(element.range.upperBound..<element.range.upperBound)
        }
    }

    static func malformed(_ error: JSONError) -> APIFailure {
        APIFailure(.badRequest, "not valid JSON: \(error)")
    }

    // MARK: Values

    /// nil: absent. Refused past `bytesMax` bytes of UTF-8 (0: no bound).
    mutating func string(
        _ field: Field?, _ name: FieldName, bytesMax: Int, code: ErrorCode = .badRequest
    ) throws(APIFailure) -> String? {
        guard let text = try string(field, name, code: code) else { return nil }
        guard !Limits.exceeds(text.utf8.count, bytesMax) else {
            throw APIFailure(code, "\(name.text) is longer than \(bytesMax) bytes")
        }
        return text
    }

    /// nil: absent. Refused past `charactersMax` Unicode scalars (0: no bound).
    mutating func string(
        _ field: Field?, _ name: FieldName, charactersMax: Int, code: ErrorCode = .badRequest
    ) throws(APIFailure) -> String? {
        guard let text = try string(field, name, code: code) else { return nil }
        // Scalars are at most as many as bytes.
        let isOver =
            Limits.exceeds(text.utf8.count, charactersMax) && Limits.exceeds(text.unicodeScalars.count, charactersMax)
        guard !isOver else { throw APIFailure(code, "\(name.text) is longer than \(charactersMax) characters") }
        return text
    }

    /// nil: absent. An empty string is refused.
    mutating func nonEmpty(
        _ field: Field?, _ name: FieldName, charactersMax: Int
    ) throws(APIFailure) -> String? {
        let text = try string(field, name, charactersMax: charactersMax)
        guard text != "" else { throw APIFailure(.badRequest, "\(name.text) must not be empty") }
        return text
    }

    private mutating func string(
        _ field: Field?, _ name: FieldName, code: ErrorCode
    ) throws(APIFailure) -> String? {
        guard let field, field.kind != .null else { return nil }
        guard let text = text(field) else { throw APIFailure(code, "\(name.text) must be a string") }
        return decode(text)
    }

    /// nil: not a string.
    mutating func text(_ field: Field) -> JSONText? {
        guard field.kind == .string else { return nil }
        revisit(field.range)
        do throws(JSONError) { return try text() } catch { return nil }
    }

    /// A string that must be one of a type's words. nil: absent.
    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ field: Field?, _ name: FieldName, _ type: Word.Type = Word.self, code: ErrorCode = .badRequest
    ) throws(APIFailure) -> Word? {
        guard let field, field.kind != .null else { return nil }
        guard field.kind == .string, field.range.count <= 64, let text = text(field),
            let word = Word(rawValue: decode(text))
        else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw APIFailure(code, "\(name.text) must be one of \(words)")
        }
        return word
    }

    mutating func bool(_ field: Field?, _ name: FieldName) throws(APIFailure) -> Bool? {
        guard let field, field.kind != .null else { return nil }
        revisit(field.range)
        do throws(JSONError) { return try bool() } catch {
            throw APIFailure(.badRequest, "\(name.text) must be true or false")
        }
    }

    mutating func integer(
        _ field: Field?, _ name: FieldName, _ range: ClosedRange<Int64>
    ) throws(APIFailure) -> Int64? {
        guard let field, field.kind != .null else { return nil }
        revisit(field.range)
        do throws(JSONError) {
            let value = try int64()
            if range.contains(value) { return value }
        } catch {
            throw APIFailure(.badRequest, "\(name.text) must be an integer")
        }
        throw APIFailure(.badRequest, "\(name.text) is out of range")
    }

    /// A log position or message id, as a number or a decimal string, zero or more. nil: absent or an empty string.
    mutating func position(_ field: Field?, _ name: FieldName) throws(APIFailure) -> Int64? {
        guard let field, field.kind != .null else { return nil }
        if field.kind == .number { return try integer(field, name, 0...Int64.max) }
        guard let text = text(field) else { throw APIFailure(.badRequest, "\(name.text) must be an id") }
        if text.range.isEmpty { return nil }
        let digits = decode(text)
        guard digits.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") <= 9 }), let value = Int64(digits) else {
            throw APIFailure(.badRequest, "\(name.text) must be an id")
        }
        return value
    }

    /// An object, byte for byte. nil: absent.
    mutating func object(
        _ field: Field?, _ name: FieldName, bytesMax: Int, code: ErrorCode
    ) throws(APIFailure) -> JSONBytes? {
        guard let field, field.kind != .null else { return nil }
        guard field.kind == .object else { throw APIFailure(code, "\(name.text) must be an object") }
        guard !Limits.exceeds(field.range.count, bytesMax) else {
            throw APIFailure(code, "\(name.text) is longer than \(bytesMax) bytes")
        }
        return JSONBytes(validated: copy(field.range))
    }

    mutating func uid(_ field: Field?, _ name: FieldName) throws(APIFailure) -> UserID? {
        guard let text = try string(field, name, code: .badRequest) else { return nil }
        guard let uid = UserID(text) else { throw Self.notAnID(name) }
        return uid
    }

    mutating func guid(_ field: Field?, _ name: FieldName) throws(APIFailure) -> GroupID? {
        guard let text = try string(field, name, code: .badRequest) else { return nil }
        guard let guid = GroupID(text) else { throw Self.notAnID(name) }
        return guid
    }

    /// An array of uids. nil: absent.
    mutating func uids(_ field: Field?, _ name: FieldName, countMax: Int) throws(APIFailure) -> [UserID]? {
        try list(field, name, countMax: countMax) { (reader, element) throws(APIFailure) in
            guard let uid = try reader.uid(element, name) else { throw Self.notAnID(name) }
            return uid
        }
    }

    /// An array of guids. nil: absent.
    mutating func guids(_ field: Field?, _ name: FieldName, countMax: Int) throws(APIFailure) -> [GroupID]? {
        try list(field, name, countMax: countMax) { (reader, element) throws(APIFailure) in
            guard let guid = try reader.guid(element, name) else { throw Self.notAnID(name) }
            return guid
        }
    }

    /// An array of tags. nil: absent.
    mutating func tags(_ field: Field?, _ name: FieldName, _ limits: Limits) throws(APIFailure) -> [String]? {
        try strings(field, name, countMax: limits.tags, charactersMax: limits.tagLength)
    }

    mutating func strings(
        _ field: Field?, _ name: FieldName, countMax: Int, charactersMax: Int
    ) throws(APIFailure) -> [String]? {
        try list(field, name, countMax: countMax) { (reader, element) throws(APIFailure) in
            guard let text = try reader.string(element, name, charactersMax: charactersMax) else {
                throw APIFailure(.badRequest, "\(name.text) must be an array of strings")
            }
            return text
        }
    }

    private mutating func list<Element>(
        _ field: Field?, _ name: FieldName, countMax: Int,
        _ read: (inout JSONReader, Field) throws(APIFailure) -> Element
    ) throws(APIFailure) -> [Element]? {
        guard let field, field.kind != .null else { return nil }
        guard field.kind == .array else { throw APIFailure(.badRequest, "\(name.text) must be an array") }
        var elements: [Element] = []
        try eachElement(of: field) { (reader, element) throws(APIFailure) in
            guard !Limits.exceeds(elements.count + 1, countMax) else {
                throw APIFailure(.badRequest, "\(name.text) has more than \(countMax) entries")
            }
            elements.append(try read(&reader, element))
        }
        return elements
    }

    private static func notAnID(_ name: FieldName) -> APIFailure {
        APIFailure(.badRequest, "\(name.text) must be 1 to 100 characters of A-Z a-z 0-9 _ -")
    }

    // MARK: Receivers

    mutating func receiver(_ id: Field?, type: Field?, _ path: StaticString = "") throws(APIFailure) -> Receiver {
        guard let id, id.kind == .string, let name = text(id), !name.range.isEmpty else {
            throw APIFailure(.emptyReceiver, "\(path)receiver must be a uid or guid")
        }
        switch try word(type, FieldName(path, "receiverType"), ReceiverWord.self, code: .invalidReceiverType) {
        case .user, .chat:
            guard let uid = UserID(decode(name)) else { throw Self.notAnID(FieldName(path, "receiver")) }
            return .user(uid)
        case .group, .groupchat:
            guard let guid = GroupID(decode(name)) else { throw Self.notAnID(FieldName(path, "receiver")) }
            return .group(guid)
        case nil:
            throw APIFailure(.invalidReceiverType, "\(path)receiverType must be user or group")
        }
    }
}

/// `chat` and `groupchat` are what some clients call a user and a group.
private enum ReceiverWord: String, CaseIterable {
    case user, group, chat, groupchat
}
