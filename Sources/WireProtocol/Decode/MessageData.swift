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
    private var interactive = InteractiveMembers()
    private var memberCount = 0
    /// The gateway makes some members itself; a client's own are dropped.
    private var hasForeign = false

    init(_ reader: inout JSONReader, _ field: Field?, _ path: StaticString) throws(APIFailure) {
        guard let field, field.kind == .object else {
            throw APIFailure(.invalidMessageData, "\(path)data must be an object")
        }
        object = field
        self.path = path
        var found = (text: Field?.none, url: Field?.none, attachments: Field?.none, custom: Field?.none)
        var metadata: Field?
        var count = 0
        var hasForeign = false
        var interactive = InteractiveMembers()
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
            } else if Self.isMadeHere(key, reader) {
                hasForeign = true
            } else {
                interactive.take(key, member, from: reader)
            }
        }
        (text, url, attachments, customData) = found
        self.metadata = metadata
        self.memberCount = count
        self.hasForeign = hasForeign
        self.interactive = interactive
    }

    private static func isMadeHere(_ key: JSONText, _ reader: borrowing JSONReader) -> Bool {
        reader.matches(key, "entities") || reader.matches(key, "mentions") || reader.matches(key, "reactions")
            || reader.matches(key, "interactions")
    }

    /// Whom the text mentions, whether or not they exist.
    func mentions(_ reader: inout JSONReader, _ limits: Limits) -> [UserID] {
        // Most texts mention nobody, and are not decoded to find that out.
        guard let text, let string = reader.text(text),
            string.hasEscapes || reader.contains(UInt8(ascii: "@"), in: string.range)
        else { return [] }
        return MentionScanner.mentions(in: reader.decode(string), countMax: limits.mentions)
    }

    /// `outer`: the message's own `metadata`, which is moved in here and wins. `uploads` stand in place of whatever `url`
    /// and `attachments` say.
    func checked(
        _ reader: inout JSONReader, category: MessageCategory, type: String, metadata outer: Field?,
        uploads: [Attachment] = [], _ limits: Limits
    ) throws(APIFailure) -> JSONBytes {
        var firstURL: Field?
        switch category {
        case .custom:
            guard customData?.kind == .object else {
                throw APIFailure(.invalidCustomData, "\(path)data.customData must be an object")
            }
        case .interactive: _ = try interactive.terms(&reader, path, limits)
        default:
            if type == "text" {
                try checkText(&reader)
            } else if uploads.isEmpty {
                firstURL = try checkMedia(&reader, limits)
            }
        }
        let outer = outer?.kind == .null ? nil : outer
        guard outer == nil || outer?.kind == .object else {
            throw APIFailure(.invalidMetadata, "\(path)metadata must be an object")
        }
        guard outer != nil || metadata == nil || metadata?.kind == .object || metadata?.kind == .null else {
            throw APIFailure(.invalidMetadata, "\(path)data.metadata must be an object")
        }
        var changes = Changes(hasForeign: hasForeign)
        if let outer {
            changes.put("metadata", reader.copy(outer.range))
            changes.dropsMetadata = metadata != nil
        }
        if let first = uploads.first {
            changes.dropsURL = true
            changes.dropsAttachments = true
            changes.put("url", Self.json { $0.string(first.url) })
            changes.put("attachments", Self.json(uploads))
        } else if let firstURL {
            changes.dropsURL = true
            changes.put("url", reader.copy(firstURL.range))
        }
        let bytes = try assembled(&reader, changes)
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

    /// The first attachment's url, where the message has none of its own.
    private func checkMedia(_ reader: inout JSONReader, _ limits: Limits) throws(APIFailure) -> Field? {
        let hasURL = try isURL(url, FieldName(path, "data.url"), &reader, limits)
        guard let attachments, attachments.kind != .null else {
            guard hasURL else {
                throw APIFailure(.invalidMessageData, "\(path)data.url or \(path)data.attachments is required")
            }
            return nil
        }
        guard attachments.kind == .array else {
            throw APIFailure(.invalidMessageData, "\(path)data.attachments must be an array")
        }
        var first: Field?
        try reader.eachElement(of: attachments) { (reader, element) throws(APIFailure) in
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
            if first == nil { first = url }
        }
        guard hasURL || first != nil else {
            throw APIFailure(.invalidMessageData, "\(path)data.attachments must not be empty")
        }
        return hasURL ? nil : first
    }

    /// False: absent or empty.
    private func isURL(
        _ field: Field?, _ name: FieldName, _ reader: inout JSONReader, _ limits: Limits
    ) throws(APIFailure) -> Bool {
        let url = try reader.string(field, name, charactersMax: limits.urlLength, code: .invalidMessageData)
        guard let url, !url.isEmpty else { return false }
        guard Self.isWebAddress(url) else {
            throw APIFailure(.invalidMessageData, "\(name.text) must be an http or https URL")
        }
        return true
    }

    /// Clients open it: nothing but the web's own schemes, and no blank or control character in it.
    private static func isWebAddress(_ url: String) -> Bool {
        let start = url.utf8.prefix(8).map { $0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z") ? $0 | 0x20 : $0 }
        let scheme = start.starts(with: "https://".utf8) ? 8 : start.starts(with: "http://".utf8) ? 7 : 0
        let rest = url.utf8.dropFirst(scheme)
        return scheme > 0 && rest.first.map { $0 != UInt8(ascii: "/") } == true
            && rest.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// What the object lacks and gets, and what of it is not passed on.
    private struct Changes {
        let hasForeign: Bool
        var dropsMetadata = false
        var dropsURL = false
        var dropsAttachments = false
        /// Members, each with a comma in front.
        private(set) var members: [UInt8] = []

        var drops: Bool { hasForeign || dropsMetadata || dropsURL || dropsAttachments }

        init(hasForeign: Bool) {
            self.hasForeign = hasForeign
        }

        mutating func put(_ name: String, _ value: [UInt8]) {
            members += ",\"\(name)\":".utf8
            members += value
        }
    }

    private static func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        write(&writer)
        return writer.take()
    }

    private static func json(_ attachments: [Attachment]) -> [UInt8] {
        json { writer in
            writer.beginArray()
            for attachment in attachments {
                writer.beginObject()
                writer.member("url", attachment.url)
                writer.member("name", attachment.name)
                writer.member("mimeType", attachment.mimeType)
                writer.member("extension", attachment.fileExtension)
                writer.member("size", Int64(attachment.byteCount))
                writer.endObject()
            }
            writer.endArray()
        }
    }

    /// The object's own bytes; what is dropped or put in leaves the bytes of every other member as they were.
    private func assembled(_ reader: inout JSONReader, _ changes: Changes) throws(APIFailure) -> [UInt8] {
        guard changes.drops || !changes.members.isEmpty else { return reader.copy(object.range) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(object.range.count + changes.members.count + 1)
        var isEmpty = memberCount == 0
        if changes.drops {
            bytes.append(UInt8(ascii: "{"))
            isEmpty = true
            try reader.eachMember(of: object) { (reader, key, member) throws(APIFailure) in
                if Self.isMadeHere(key, reader) { return }
                if changes.dropsMetadata, reader.matches(key, "metadata") { return }
                if changes.dropsURL, reader.matches(key, "url") { return }
                if changes.dropsAttachments, reader.matches(key, "attachments") { return }
                if !isEmpty { bytes.append(UInt8(ascii: ",")) }
                isEmpty = false
                // The key's opening quote stands before its range.
                reader.append((key.range.lowerBound - 1)..<member.range.upperBound, to: &bytes)
            }
        } else {
            reader.append(object.range.lowerBound..<(object.range.upperBound - 1), to: &bytes)
        }
        bytes += isEmpty ? changes.members.dropFirst() : changes.members[...]
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }
}
