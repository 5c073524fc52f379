internal import HTTPCodec
internal import JSONCodec
internal import WireProtocol

/// The fields of a media message's form, and the JSON body they stand for: from there on a form is judged as JSON is.
struct UploadForm: Sendable {
    /// Bytes of all fields together.
    private(set) var byteCount = 0
    private var texts: [String: String] = [:]
    private var objects: [String: [UInt8]] = [:]
    private var tags: [String] = []
    private var tagsJSON: [UInt8]?

    /// As text.
    private static let textNames: Set<String> = [
        "receiver", "receiverType", "category", "type", "muid", "parentId", "parentMessageId",
    ]
    /// As JSON text.
    private static let objectNames: Set<String> = ["data", "metadata"]

    var receiver: String? { texts["receiver"] }
    var receiverType: String? { texts["receiverType"] }
    var type: String? { texts["type"] }

    /// Takes a field. What is none of a message's is ignored, as SDKs repeat things there (`reactions`, `mentionedMe`).
    mutating func add(_ name: String, _ value: [UInt8], bytesMax: Int) throws(APIFailure) {
        byteCount += value.count
        guard !Limits.exceeds(byteCount, bytesMax) else {
            throw APIFailure(.badRequest, "the form's fields are longer than \(bytesMax) bytes", status: 413)
        }
        if Self.objectNames.contains(name) {
            guard objects[name] == nil else { throw Self.repeated(name) }
            // An empty field of a form is an absent one.
            if !value.isEmpty { objects[name] = try Self.json(value, name) }
        } else if Self.textNames.contains(name) {
            guard texts[name] == nil else { throw Self.repeated(name) }
            texts[name] = try Self.text(value, name)
        } else if name == "tags[]" || name == "tags" {
            if value.first == UInt8(ascii: "["), tags.isEmpty, tagsJSON == nil {
                tagsJSON = try Self.json(value, name)
            } else {
                tags.append(try Self.text(value, name))
            }
        }
    }

    private static func repeated(_ name: String) -> APIFailure {
        APIFailure(.badRequest, "\(name): is there twice")
    }

    private static func text(_ bytes: [UInt8], _ name: String) throws(APIFailure) -> String {
        guard let text = HTTPText.string(bytes.span, 0..<bytes.count) else {
            throw APIFailure(.badRequest, "\(name): is not UTF-8")
        }
        return text
    }

    /// One JSON value and nothing else: it will stand among others.
    private static func json(_ bytes: [UInt8], _ name: String) throws(APIFailure) -> [UInt8] {
        do throws(JSONError) {
            try JSONReader.read(bytes) { (reader: inout JSONReader) throws(JSONError) in
                _ = try reader.skip()
                try reader.finish()
            }
        } catch {
            let code: ErrorCode =
                switch name {
                case "data": .invalidMessageData
                case "metadata": .invalidMetadata
                default: .badRequest
                }
            throw APIFailure(code, "\(name): is not valid JSON: \(error)")
        }
        return bytes
    }

    /// The body of a JSON `POST messages`. A file needs no `data` beside it.
    func body(hasFiles: Bool) -> [UInt8] {
        var writer = JSONWriter(capacity: byteCount + 256)
        writer.beginObject()
        for (name, text) in texts {
            writer.key(text: name)
            writer.string(text)
        }
        for (name, object) in objects {
            writer.key(text: name)
            writer.raw(object)
        }
        if hasFiles, objects["data"] == nil {
            writer.key("data")
            writer.raw(Array("{}".utf8))
        }
        if let tagsJSON {
            writer.key("tags")
            writer.raw(tagsJSON)
        } else if !tags.isEmpty {
            writer.member("tags", ifAny: tags)
        }
        writer.endObject()
        return writer.take()
    }
}
