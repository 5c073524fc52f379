internal import ChatModel
internal import JSONCodec

/// A client frame's envelope: every member that any type looks at, found in one pass, whatever the order.
struct FrameEnvelope {
    private var type: Field?
    private var action: Field?
    private var ref: Field?
    private var appID: Field?
    private var session: Field?
    private var sender: Field?
    private var receiver: Field?
    private var receiverType: Field?
    private var body: Field?

    /// Reads and checks the whole text: afterwards only fields can be wrong.
    mutating func read(_ reader: inout JSONReader) throws(JSONError) {
        try reader.enterObject()
        while let key = try reader.nextKey() {
            let field = try reader.field()
            if reader.matches(key, "type") {
                type = field
            } else if reader.matches(key, "body") {
                body = field
            } else if reader.matches(key, "receiver") {
                receiver = field
            } else if reader.matches(key, "receiverType") {
                receiverType = field
            } else if reader.matches(key, "ref") {
                ref = field
            } else if reader.matches(key, "action") {
                action = field
            } else if reader.matches(key, "appId") {
                appID = field
            } else if reader.matches(key, "deviceId") {
                session = field
            } else if reader.matches(key, "sender") {
                sender = field
            }
        }
        try reader.finish()
    }

    func frame(_ reader: inout JSONReader, _ limits: Limits) throws(FrameRefusal) -> ClientFrame {
        let ref = ref(&reader, limits)
        guard let type, let name = reader.text(type) else {
            if type == nil, let action, let verb = reader.text(action), reader.matches(verb, "ping") { return .ping }
            throw FrameRefusal(APIFailure(.badRequest, "type must be a string"), ref: ref)
        }
        if reader.matches(name, "auth") {
            do throws(APIFailure) { return .auth(try auth(&reader, limits)) } catch {
                throw FrameRefusal(error, ref: ref, auth: echo(&reader))
            }
        }
        do throws(APIFailure) {
            if reader.matches(name, "typing_indicator") { return try typing(&reader, limits) }
            if reader.matches(name, "receipts") { return try receipt(&reader) }
            if reader.matches(name, "transient_message") { return try transient(&reader, limits) }
            if reader.matches(name, "message") { return .message(ref: ref, try message(&reader, limits)) }
            if reader.matches(name, "app_state") { return try appState(&reader) }
        } catch {
            throw FrameRefusal(error, ref: ref)
        }
        return .unknown(type: String(reader.decode(name).prefix(64)), ref: ref)
    }

    /// A string or a number, as its text. Anything else, or longer than allowed, is no `ref`.
    private func ref(_ reader: inout JSONReader, _ limits: Limits) -> String? {
        guard let ref, !Limits.exceeds(ref.range.count - 2, limits.refBytes) else { return nil }
        switch ref.kind {
        case .string: return reader.text(ref).map { reader.decode($0) }
        case .number: return String(decoding: reader.copy(ref.range), as: UTF8.self)
        default: return nil
        }
    }

    // MARK: auth

    private func auth(_ reader: inout JSONReader, _ limits: Limits) throws(APIFailure) -> AuthFrame {
        var members = AuthMembers()
        if let body = try bodyObject() { try members.read(&reader, body) }
        guard let appID = try reader.string(appID, "appId", bytesMax: 255), !appID.isEmpty else {
            throw APIFailure(.emptyAppID, "appId is required")
        }
        guard let sender = try reader.uid(sender, "sender") else {
            throw APIFailure(.badRequest, "sender is required")
        }
        let name = try reader.string(session ?? members.session, "deviceId", bytesMax: SessionID.bytesMax)
        guard let session = name.flatMap({ SessionID($0) }) else {
            throw APIFailure(.badRequest, "deviceId is required")
        }
        return try members.frame(&reader, appID: appID, session: session, sender: sender, limits)
    }

    private func echo(_ reader: inout JSONReader) -> FrameRefusal.AuthEcho {
        func short(_ field: Field?, _ reader: inout JSONReader) -> String {
            guard let field, field.range.count <= SessionID.bytesMax + 2, let text = reader.text(field) else {
                return ""
            }
            return reader.decode(text)
        }
        return FrameRefusal.AuthEcho(
            appID: short(appID, &reader), session: short(session, &reader), sender: short(sender, &reader))
    }

    // MARK: Relayed and sent

    private func typing(_ reader: inout JSONReader, _ limits: Limits) throws(APIFailure) -> ClientFrame {
        let receiver = try reader.receiver(receiver, type: receiverType)
        var members = PublishMembers()
        if let body = try bodyObject() { try members.read(&reader, body) }
        let typing = try members.typing(&reader, "body.", limits)
        return .typing(receiver: receiver, started: typing.started, metadata: typing.metadata)
    }

    private func transient(_ reader: inout JSONReader, _ limits: Limits) throws(APIFailure) -> ClientFrame {
        let receiver = try reader.receiver(receiver, type: receiverType)
        var members = PublishMembers()
        if let body = try bodyObject() { try members.read(&reader, body) }
        return .transient(receiver: receiver, data: try members.transient(&reader, "body.", limits))
    }

    private func receipt(_ reader: inout JSONReader) throws(APIFailure) -> ClientFrame {
        let receiver = try reader.receiver(receiver, type: receiverType)
        var action: Field?
        var messageID: Field?
        if let body = try bodyObject() {
            try reader.eachMember(of: body) { (reader, key, member) throws(APIFailure) in
                if reader.matches(key, "action") {
                    action = member
                } else if reader.matches(key, "messageId") {
                    messageID = member
                }
            }
        }
        guard let kind = try reader.word(action, "body.action", ReceiptKind.self) else {
            throw APIFailure(.badRequest, "body.action is required")
        }
        guard let id = try reader.position(messageID, "body.messageId"), id > 0 else {
            throw APIFailure(.badRequest, "body.messageId is required")
        }
        return .receipt(kind, receiver: receiver, messageID: id)
    }

    private func message(_ reader: inout JSONReader, _ limits: Limits) throws(APIFailure) -> MessageDraft {
        var members = MessageMembers()
        members.path = "body."
        if ref != nil, self.ref(&reader, limits) == nil {
            throw APIFailure(.badRequest, "ref must be a string or number of at most \(limits.refBytes) bytes")
        }
        guard let body = try bodyObject() else { throw APIFailure(.badRequest, "body is required") }
        try reader.eachMember(of: body) { (reader, key, member) throws(APIFailure) in
            members.take(key, member, from: reader)
        }
        members.receiver = receiver
        members.receiverType = receiverType
        return try members.draft(&reader, limits)
    }

    private func appState(_ reader: inout JSONReader) throws(APIFailure) -> ClientFrame {
        var state: Field?
        if let body = try bodyObject() {
            try reader.eachMember(of: body) { (reader, key, member) throws(APIFailure) in
                if reader.matches(key, "state") { state = member }
            }
        }
        guard let state = try reader.word(state, "body.state", AppState.self) else {
            throw APIFailure(.badRequest, "body.state is required")
        }
        return .appState(state)
    }

    private func bodyObject() throws(APIFailure) -> Field? {
        guard let body, body.kind != .null else { return nil }
        guard body.kind == .object else { throw APIFailure(.badRequest, "body must be an object") }
        return body
    }
}
