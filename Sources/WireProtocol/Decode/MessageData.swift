internal import ChatModel
internal import JSONCodec

/// The `data` object of a message to be sent: checked where its category says so, else kept byte for byte.
struct MessageData {
    private let object: Field
    private let path: StaticString
    private var text: Field?
    private var url: Field?
    private var attachments: Field?
    private var customData: Field?
    private var metadata: Field?
    private var memberCount = 0
    /// The gateway makes the entities; a client's own are dropped.
    private var hasEntities = false

    init(_ reader: inout JSONReader, _ field: Field?, _ path: StaticString) throws(APIFailure) {
        guard let field, field.kind == .object else {
            throw APIFailure(.invalidMessageData, "\(path)data must be an object")
        }
        object = field
        self.path = path
        var found = (text: Field?.none, url: Field?.none, attachments: Field?.none, custom: Field?.none)
        var metadata: Field?
        var count = 0
        var hasEntities = false
        try reader.eachMember(of: field) { (reader, key, member) throws(APIFailure) in
            count += 1
            if reader.matches(key, "text") {
                found.text = member
            } else if reader.matches(key, "url") {
                found.url = member
            } else if reader.matches(key, "attachments") {
                found.attachments = member
            } else if reader.matches(key, "customData") {
                found.custom = member
            } else if reader.matches(key, "metadata") {
                metadata = member
            } else if reader.matches(key, "entities") {
                hasEntities = true
            }
        }
        (text, url, attachments, customData) = found
        self.metadata = metadata
        self.memberCount = count
        self.hasEntities = hasEntities
    }

    /// `outer`: the message's own `metadata`, which is moved in here and wins.
    func checked(
        _ reader: inout JSONReader, category: MessageCategory, type: String, metadata outer: Field?, _ limits: Limits
    ) throws(APIFailure) -> JSONBytes {
        switch category {
        case .custom:
            guard customData?.kind == .object else {
                throw APIFailure(.invalidCustomData, "\(path)data.customData must be an object")
            }
        default:
            if type == "text" { try checkText(&reader) } else { try checkMedia(&reader, limits) }
        }
        let outer = outer?.kind == .null ? nil : outer
        guard outer == nil || outer?.kind == .object else {
            throw APIFailure(.invalidMetadata, "\(path)metadata must be an object")
        }
        guard outer != nil || metadata == nil || metadata?.kind == .object || metadata?.kind == .null else {
            throw APIFailure(.invalidMetadata, "\(path)data.metadata must be an object")
        }
        let bytes = try assembled(&reader, metadata: outer)
        guard !Limits.exceeds(bytes.count, limits.dataBytes) else {
            throw APIFailure(
                .invalidMessageData, "\(path)data is longer than \(limits.dataBytes) bytes", status: 413)
        }
        return JSONBytes(validated: bytes)
    }

    private func checkText(_ reader: inout JSONReader) throws(APIFailure) {
        guard let text, text.kind != .null else {
            throw APIFailure(.emptyMessageText, "\(path)data.text must not be empty")
        }
        guard let string = reader.text(text) else {
            throw APIFailure(.invalidMessageData, "\(path)data.text must be a string")
        }
        guard !string.range.isEmpty else {
            throw APIFailure(.emptyMessageText, "\(path)data.text must not be empty")
        }
    }

    private func checkMedia(_ reader: inout JSONReader, _ limits: Limits) throws(APIFailure) {
        let hasURL = try isURL(url, FieldName(path, "data.url"), &reader, limits)
        guard let attachments, attachments.kind != .null else {
            guard hasURL else {
                throw APIFailure(.invalidMessageData, "\(path)data.url or \(path)data.attachments is required")
            }
            return
        }
        guard attachments.kind == .array else {
            throw APIFailure(.invalidMessageData, "\(path)data.attachments must be an array")
        }
        var count = 0
        try reader.eachElement(of: attachments) { (reader, element) throws(APIFailure) in
            count += 1
            guard element.kind == .object else {
                throw APIFailure(.invalidMessageData, "\(path)data.attachments must hold objects")
            }
            var url: Field?
            try reader.eachMember(of: element) { (reader, key, member) throws(APIFailure) in
                if reader.matches(key, "url") { url = member }
            }
            guard try isURL(url, FieldName(path, "data.attachments.url"), &reader, limits) else {
                throw APIFailure(.invalidMessageData, "\(path)data.attachments must each have a url")
            }
        }
        guard hasURL || count > 0 else {
            throw APIFailure(.invalidMessageData, "\(path)data.attachments must not be empty")
        }
    }

    /// False: absent or empty.
    private func isURL(
        _ field: Field?, _ name: FieldName, _ reader: inout JSONReader, _ limits: Limits
    ) throws(APIFailure) -> Bool {
        let url = try reader.string(field, name, charactersMax: limits.urlLength, code: .invalidMessageData)
        return url?.isEmpty == false
    }

    /// The object's own bytes; what is dropped or put in leaves the bytes of every other member as they were.
    private func assembled(_ reader: inout JSONReader, metadata outer: Field?) throws(APIFailure) -> [UInt8] {
        let dropsMetadata = outer != nil && metadata != nil
        guard hasEntities || outer != nil else { return reader.copy(object.range) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(object.range.count + (outer?.range.count ?? 0) + 16)
        var isEmpty = memberCount == 0
        if hasEntities || dropsMetadata {
            bytes.append(UInt8(ascii: "{"))
            isEmpty = true
            try reader.eachMember(of: object) { (reader, key, member) throws(APIFailure) in
                if reader.matches(key, "entities") || dropsMetadata && reader.matches(key, "metadata") { return }
                if !isEmpty { bytes.append(UInt8(ascii: ",")) }
                isEmpty = false
                // The key's opening quote stands before its range.
                reader.append((key.range.lowerBound - 1)..<member.range.upperBound, to: &bytes)
            }
        } else {
            reader.append(object.range.lowerBound..<(object.range.upperBound - 1), to: &bytes)
        }
        if let outer {
            if !isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: Self.metadataKey)
            reader.append(outer.range, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    private static let metadataKey = Array(#""metadata":"#.utf8)
}
