public import ChatModel
internal import JSONCodec

/// The frames the gateway sends (protocol.md §3), each made once and shared by whoever gets it. Any thread.
///
/// `app` is the app's id as clients know it; `origin` the session the event came from, nil when it has none.
public enum ServerFrame {
    /// What a node that sheds load allows.
    public enum ThrottleMode: String, Sendable, CaseIterable {
        case `default` = "DEFAULT"
        case limitedTransient = "LIMITED_TRANSIENT"
        case noTransient = "NO_TRANSIENT"
    }

    /// The sender of what no user sent.
    public static let systemSender = "app_system"

    // MARK: Answers to one connection

    public static let pong = SharedFrame(payload: Array(#"{"action":"pong"}"#.utf8))

    /// The accepted `auth`. `seq`: the position the connection is live from.
    public static func authenticated(
        app: String, session: SessionID, sender: UserID, seq: Int64, pingIntervalMs: Int, pingTimeoutMs: Int
    ) -> SharedFrame {
        frame(capacity: 256) { writer in
            writer.authEnvelope(app: app, session: session.text, sender: sender.text)
            writer.member("code", "200")
            writer.member("status", "OK")
            writer.member("seq", seq)
            writer.member("pingInterval", secondsOfMs: pingIntervalMs)
            writer.member("pingTimeout", secondsOfMs: pingTimeoutMs)
            writer.endObject()
        }
    }

    /// The refused `auth`; `error` and a close follow it. `session` and `sender` as the client gave them; empty ones
    /// are left out. `status`: 400, 401, 403 or 429.
    public static func authRefused(
        app: String, session: String, sender: String, status: Int, code: ErrorCode
    ) -> SharedFrame {
        frame(capacity: 256) { writer in
            writer.authEnvelope(app: app, session: session, sender: sender)
            writer.key("code")
            writer.decimalString(Int64(status))
            writer.member("status", code.rawValue)
            writer.endObject()
        }
    }

    /// The answer to a client's message, which is durable now. `duplicate`: `message` is the first one of its `muid`.
    public static func ack(ref: String?, message: MessageRecord, duplicate: Bool) -> SharedFrame {
        frame(capacity: 256) { writer in
            writer.key("type")
            writer.literal("ack")
            writer.member("ref", ifPresent: ref)
            writer.member("seq", message.id)
            writer.key("body")
            writer.beginObject()
            writer.key("id")
            writer.decimalString(message.id)
            writer.member("muid", ifPresent: message.muid)
            writer.member("sentAt", message.sentAt)
            writer.member("duplicate", duplicate)
            writer.endObject()
        }
    }

    /// A refused frame, or what is said before a close.
    public static func error(_ failure: APIFailure, ref: String? = nil, close: CloseReason? = nil) -> SharedFrame {
        frame(capacity: 256) { writer in
            writer.key("type")
            writer.literal("error")
            writer.member("ref", ifPresent: ref)
            writer.key("body")
            writer.beginObject()
            writer.member("code", failure.code.rawValue)
            writer.member("message", failure.message)
            writer.member("retryable", failure.code.isRetryable)
            writer.member("retryAfterMs", Int64(failure.retryAfterMs))
            writer.member("resumable", close?.isResumable ?? true)
            if let close { writer.member("closeCode", Int64(close.code)) }
            writer.endObject()
        }
    }

    /// The end of a replay. `seq`: the position that was reached.
    public static func resumed(count: Int, complete: Bool, seq: Int64) -> SharedFrame {
        frame(capacity: 96) { writer in
            writer.key("type")
            writer.literal("resumed")
            writer.key("body")
            writer.beginObject()
            writer.member("count", Int64(count))
            writer.member("complete", complete)
            writer.member("seq", seq)
            writer.endObject()
        }
    }

    public static func throttle(_ mode: ThrottleMode) -> SharedFrame {
        frame(capacity: 96) { writer in
            writer.key("type")
            writer.literal("throttle")
            writer.key("body")
            writer.beginObject()
            writer.member("mode", mode.rawValue)
            writer.endObject()
        }
    }

    // MARK: Events

    /// `atSeconds`: of the change, Unix seconds. The status shown is the change's own.
    public static func presence(
        app: String, user: UserView, online: Bool, atSeconds: Int64, origin: SessionID?
    ) -> SharedFrame {
        frame { writer in
            writer.eventEnvelope("presence", app: app, origin: origin, sender: user.record.uid.text)
            writer.key("action")
            writer.literal(online ? "online" : "offline")
            writer.member("timestamp", atSeconds)
            writer.key("user")
            writer.beginObject()
            writer.members(of: user.record, online: online, lastActiveAt: user.lastActiveAt, .event)
            writer.endObject()
            writer.endObject()
        }
    }

    public static func typing(
        app: String, user: UserView, receiver: Receiver, started: Bool, metadata: JSONBytes?, origin: SessionID?
    ) -> SharedFrame {
        frame { writer in
            writer.eventEnvelope(
                "typing_indicator", app: app, receiver: receiver, origin: origin, sender: user.record.uid.text)
            writer.key("action")
            writer.literal(started ? "started" : "ended")
            writer.key("user")
            writer.user(user)
            writer.member("metadata", ifPresent: metadata)
            writer.endObject()
        }
    }

    public static func transient(
        app: String, user: UserView, receiver: Receiver, data: JSONBytes, origin: SessionID?
    ) -> SharedFrame {
        frame { writer in
            writer.eventEnvelope(
                "transient_message", app: app, receiver: receiver, origin: origin, sender: user.record.uid.text)
            writer.key("user")
            writer.user(user)
            writer.member("data", ifPresent: data)
            writer.endObject()
        }
    }

    /// The `receiver` of a 1:1 receipt is the author, that of a group's receipt the group.
    public static func receipt(app: String, _ event: ReceiptEvent, origin: SessionID?) -> SharedFrame {
        let receiver: Receiver =
            switch event.conversation {
            case .pair: .user(event.author)
            case .group(let guid): .group(guid)
            }
        return frame { writer in
            writer.eventEnvelope(
                "receipts", app: app, receiver: receiver, origin: origin,
                sender: event.reader?.record.uid.text ?? systemSender, messageSender: event.author, seq: event.seq)
            writer.member("action", event.action.rawValue)
            writer.key("messageId")
            writer.decimalString(event.messageID)
            writer.key("user")
            if let reader = event.reader {
                writer.user(reader)
            } else {
                writer.systemUser()
            }
            writer.member("timestamp", event.at)
            writer.endObject()
        }
    }

    public static func reaction(app: String, _ event: ReactionEvent) -> SharedFrame {
        let reactor = event.reaction.user.record.uid
        return frame { writer in
            writer.eventEnvelope(
                "reaction", app: app, receiver: event.reaction.conversation.receiver(from: reactor),
                origin: event.originSession,
                sender: reactor.text, seq: event.seq)
            writer.members(of: event)
            writer.endObject()
        }
    }

    /// The `receiver` of a 1:1 event is the author, that of a group's the group.
    public static func interactionCompleted(app: String, _ event: CompletionEvent) -> SharedFrame {
        let receiver: Receiver =
            switch event.conversation {
            case .pair: .user(event.author)
            case .group(let guid): .group(guid)
            }
        return frame { writer in
            writer.eventEnvelope(
                "interaction_completed", app: app, receiver: receiver, origin: event.originSession,
                sender: event.user.record.uid.text, messageSender: event.author, seq: event.seq)
            writer.members(of: event)
            writer.endObject()
        }
    }

    /// A durable message, live or replayed; its origin is part of its record.
    public static func message(app: String, _ view: MessageView) -> SharedFrame {
        let record = view.message
        return frame(capacity: 1_024 + record.data.bytes.count) { writer in
            writer.eventEnvelope(
                "message", app: app, receiver: record.receiver, origin: record.originSession,
                sender: record.sender.text, seq: record.id, opensBody: false)
            writer.message(view, reactions: .none)
        }
    }

    // MARK: Making one

    /// `write` writes the envelope's members and leaves only the envelope open.
    private static func frame(capacity: Int = 512, _ write: (inout JSONWriter) -> Void) -> SharedFrame {
        var writer = JSONWriter(capacity: capacity)
        writer.beginObject()
        write(&writer)
        writer.endObject()
        return SharedFrame(payload: writer.take())
    }
}

/// Envelopes; each leaves `body` open, unless told otherwise.
extension JSONWriter {
    fileprivate mutating func authEnvelope(app: String, session: String, sender: String) {
        key("type")
        literal("auth")
        member("appId", app)
        if !session.isEmpty { member("deviceId", session) }
        if !sender.isEmpty { member("sender", sender) }
        key("body")
        beginObject()
    }

    fileprivate mutating func eventEnvelope(
        _ type: StaticString, app: String, receiver: Receiver? = nil, origin: SessionID?, sender: String,
        messageSender: UserID? = nil, seq: Int64? = nil, opensBody: Bool = true
    ) {
        key("type")
        literal(type)
        member("appId", app)
        if let receiver { members(receiver) }
        member("deviceId", ifPresent: origin?.text)
        member("sender", sender)
        member("messageSender", ifPresent: messageSender?.text)
        member("seq", ifPresent: seq)
        key("body")
        if opensBody { beginObject() }
    }

    fileprivate mutating func systemUser() {
        beginObject()
        member("uid", ServerFrame.systemSender)
        member("name", "System")
        member("role", "default")
        member("status", "online")
        endObject()
    }
}
