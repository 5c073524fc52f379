public import ChatModel
public import JSONCodec

/// Members of objects; optional ones are left out when they are nil, never written as null.
extension JSONWriter {
    public mutating func member(_ name: StaticString, _ value: String) {
        key(name)
        string(value)
    }

    public mutating func member(_ name: StaticString, ifPresent value: String?) {
        if let value { member(name, value) }
    }

    public mutating func member(_ name: StaticString, _ value: Int64) {
        key(name)
        int(value)
    }

    public mutating func member(_ name: StaticString, ifPresent value: Int64?) {
        if let value { member(name, value) }
    }

    public mutating func member(_ name: StaticString, _ value: Bool) {
        key(name)
        bool(value)
    }

    /// The value as it stands.
    public mutating func member(_ name: StaticString, ifPresent value: JSONBytes?) {
        guard let value else { return }
        key(name)
        raw(value.bytes)
    }

    /// Left out when empty.
    public mutating func member(_ name: StaticString, ifAny values: [String]) {
        guard !values.isEmpty else { return }
        key(name)
        beginArray()
        for value in values { string(value) }
        endArray()
    }

    /// A duration in seconds, whole when it is whole, else to the millisecond.
    mutating func member(_ name: StaticString, secondsOfMs milliseconds: Int) {
        key(name)
        let (whole, rest) = milliseconds.quotientAndRemainder(dividingBy: 1_000)
        if rest == 0 { return int(Int64(whole)) }
        let digits = String(rest + 1_000).dropFirst()
        raw(Array("\(whole).\(digits)".utf8))
    }

    /// `receiver` and `receiverType`.
    mutating func members(_ receiver: Receiver) {
        switch receiver {
        case .user(let uid):
            member("receiver", uid.text)
            key("receiverType")
            literal("user")
        case .group(let guid):
            member("receiver", guid.text)
            key("receiverType")
            literal("group")
        }
    }
}
