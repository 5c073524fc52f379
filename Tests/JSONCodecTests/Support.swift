import JSONCodec

/// A small generator whose runs can be repeated by their seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// nil when the whole text is one valid JSON value.
func refusal(of bytes: [UInt8], depthMax: Int = JSONReader.defaultDepthMax) -> JSONError? {
    do {
        try JSONReader.read(bytes, depthMax: depthMax) { (reader: inout JSONReader) throws(JSONError) in
            try reader.skip()
            try reader.finish()
        }
        return nil
    } catch {
        return error
    }
}

func refusal(of text: String) -> JSONError? { refusal(of: Array(text.utf8)) }

/// A value as a test compares it; numbers that are no Int64 keep their text.
indirect enum Value: Equatable {
    case object([String: Value])
    case array([Value])
    case string(String)
    case int(Int64)
    case number(String)
    case bool(Bool)
    case null
}

/// Reads a value by the pull calls alone.
func pull(_ reader: inout JSONReader) throws(JSONError) -> Value {
    switch try reader.kind() {
    case .object:
        var members: [String: Value] = [:]
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let value = try pull(&reader)
            members[reader.decode(key)] = value
        }
        return .object(members)
    case .array:
        var elements: [Value] = []
        try reader.enterArray()
        while try reader.nextElement() { elements.append(try pull(&reader)) }
        return .array(elements)
    case .string: return .string(try reader.string())
    case .boolean: return .bool(try reader.bool())
    case .null:
        try reader.null()
        return .null
    case .number:
        let range = try reader.skip()
        let end = reader.position
        reader.revisit(range)
        defer { precondition(reader.position == end) }
        do { return .int(try reader.int64()) } catch {
            return .number(String(decoding: reader.copy(range), as: UTF8.self))
        }
    }
}

func value(of bytes: [UInt8]) throws(JSONError) -> Value {
    try JSONReader.read(bytes) { (reader: inout JSONReader) throws(JSONError) in
        let value = try pull(&reader)
        try reader.finish()
        return value
    }
}
