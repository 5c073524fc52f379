internal import ChatModel
internal import EventLog
internal import JSONCodec
internal import TLSEngine

/// What a webhook is sent for one line of the feed (docs/webhooks.md).
enum WebhookDelivery {
    static func body(_ line: FeedLine, _ hook: WebhookInbox.Hook) -> [UInt8] {
        var writer = JSONWriter(capacity: 1_024)
        writer.beginObject()
        writer.key("appId")
        writer.string(hook.appID)
        writer.key("trigger")
        writer.string(FeedEventName(line.event).rawValue)
        writer.key("webhook")
        writer.string(hook.definition.name)
        writer.key("data")
        writer.feedLine(line)
        writer.endObject()
        return writer.take()
    }

    /// Events with the same lane are delivered one after the other: those of a conversation, and the connections of a
    /// user.
    static func lane(_ line: FeedLine) -> String {
        switch line.event {
        case .message(let view): view.message.conversation.id
        case .receipts(let conversation, _): conversation.id
        case .reaction(let event): event.reaction.conversation.id
        case .completion(let event): event.conversation.id
        case .group(_, let guid, _): Conversation.group(guid).id
        case .block(let uid, _, _): "user \(uid)"
        case .connection(let event): "user \(event.uid)"
        }
    }

    static func headers(_ hook: WebhookInbox.Hook, n: Int64, body: [UInt8], unixSeconds: Int64) -> [String] {
        [
            "Content-Type: application/json", "User-Agent: halleyd/\(GatewayVersion.text)",
            "X-Halley-Delivery: \(encoded(hook.appID))/\(n)",
            "X-Halley-Signature: " + signature(body, secret: hook.definition.secret, unixSeconds: unixSeconds),
        ]
    }

    /// `t=<Unix seconds>,v1=<hex of HMAC-SHA256 over "<t>.<body>">`.
    static func signature(_ body: [UInt8], secret: String, unixSeconds: Int64) -> String {
        let code = Digest.hmacSHA256(key: Array(secret.utf8), Array("\(unixSeconds).".utf8) + body)
        return "t=\(unixSeconds),v1=\(Hex.encode(code))"
    }

    /// An app's id may be any text; a header's value may not.
    private static func encoded(_ id: String) -> String {
        var text = ""
        for byte in id.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                text.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                text += "%" + Hex.encode([byte])
            }
        }
        return text
    }
}
