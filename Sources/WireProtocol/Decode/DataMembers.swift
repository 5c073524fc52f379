internal import ChatModel
internal import JSONCodec

/// The members of a `data` object that an edit brings, to be put into another one.
struct DataMembers {
    private struct Member {
        let name: String
        /// `"name":value` as it stood.
        let bytes: [UInt8]
        let isNull: Bool
    }

    private var members: [Member] = []

    var isEmpty: Bool { members.isEmpty }

    /// `metadata`: the message's own, which counts as a member of `data` and wins.
    init(_ reader: inout JSONReader, data: Field?, metadata: Field?) throws(APIFailure) {
        if let data, data.kind != .null {
            guard data.kind == .object else { throw APIFailure(.invalidMessageData, "data must be an object") }
            members = try Self.read(&reader, data)
        }
        if let metadata, metadata.kind != .null {
            guard metadata.kind == .object else {
                throw APIFailure(.invalidMetadata, "metadata must be an object")
            }
            let bytes = Array(#""metadata":"#.utf8) + reader.copy(metadata.range)
            set(Member(name: "metadata", bytes: bytes, isNull: false))
        }
    }

    /// The object with these members in the place of its own.
    func merged(into object: JSONBytes) throws(APIFailure) -> [UInt8] {
        let old = try JSONReader.read(object.bytes) { (reader: inout JSONReader) throws(APIFailure) in
            let root: Field
            do throws(JSONError) { root = try reader.field() } catch { throw JSONReader.malformed(error) }
            return try Self.read(&reader, root)
        }
        let kept = old.filter { member in !members.contains { $0.name == member.name } }
        var bytes = [UInt8(ascii: "{")]
        for member in kept + members.filter({ !$0.isNull }) {
            if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
            bytes += member.bytes
        }
        bytes.append(UInt8(ascii: "}"))
        return bytes
    }

    /// A name that stands twice counts with its last value, as everywhere.
    private static func read(_ reader: inout JSONReader, _ object: Field) throws(APIFailure) -> [Member] {
        var all = DataMembers()
        try reader.eachMember(of: object) { (reader, key, member) throws(APIFailure) in
            // The key's opening quote stands before its range.
            let bytes = reader.copy((key.range.lowerBound - 1)..<member.range.upperBound)
            all.set(Member(name: reader.decode(key), bytes: bytes, isNull: member.kind == .null))
        }
        return all.members
    }

    private init() {}

    private mutating func set(_ member: Member) {
        members.removeAll { $0.name == member.name }
        members.append(member)
    }
}
