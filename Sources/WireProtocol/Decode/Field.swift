internal import ChatModel
internal import JSONCodec

/// A member as it was found: checked to be valid JSON, not looked into yet. Belongs to one reader.
struct Field {
    let kind: JSONKind
    let range: Range<Int>
}

/// Where a field stands, for refusals.
struct FieldName: ExpressibleByStringLiteral {
    let path: StaticString
    let name: StaticString

    init(_ path: StaticString = "", _ name: StaticString) {
        self.path = path
        self.name = name
    }

    init(stringLiteral value: StaticString) {
        self.init("", value)
    }

    var text: String { "\(path)\(name)" }
}
