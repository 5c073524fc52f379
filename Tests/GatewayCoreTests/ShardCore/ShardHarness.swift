import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// A shard's core with a clock of its own, a sink that remembers, and peers that read everything or nothing.
final class ShardHarness {
    final class Sink: ShardSink {
        var commands: [Command] = []
        var always: [Command] = []
        var verifications: [(connection: ConnectionReference, credential: String)] = []
        var replays: [(connection: ConnectionReference, query: ReplayQuery)] = []
        var paused: Set<ConnectionReference> = []
        var closings: [(connection: ConnectionReference, reason: CloseReason)] = []
        var answers: [ReplyAddress] = []
        var failedAttempts = 0
        var hasCredit = true
        var hasRoomForJobs = true
        var allowsAttempts = true

        func post(_ command: Command, bytes: Int) -> Bool {
            if hasCredit { commands.append(command) }
            return hasCredit
        }
        func postAlways(_ command: Command) { always.append(command) }
        func mayAuthenticate(_ connection: ConnectionReference) -> Bool { allowsAttempts }
        func authenticationFailed(_ connection: ConnectionReference) { failedAttempts += 1 }
        func verify(_ connection: ConnectionReference, credential: String, sender: UserID, app: AppNumber) -> Bool {
            if hasRoomForJobs { verifications.append((connection, credential)) }
            return hasRoomForJobs
        }
        func replay(_ connection: ConnectionReference, _ query: ReplayQuery) -> Bool {
            if hasRoomForJobs { replays.append((connection, query)) }
            return hasRoomForJobs
        }
        func pauseReading(_ connection: ConnectionReference) { paused.insert(connection) }
        func resumeReading(_ connection: ConnectionReference) { paused.remove(connection) }
        func closing(_ connection: ConnectionReference, _ reason: CloseReason) { closings.append((connection, reason)) }
        func answer(_ address: ReplyAddress, _ body: ReplyBody) { answers.append(address) }

        /// Connections whose `disconnected` was posted.
        var gone: [ConnectionReference] {
            always.compactMap { if case .disconnected(let connection, _) = $0.operation { connection } else { nil } }
        }
        /// What they were ended with, in the same order.
        var goneWith: [UInt16] {
            always.compactMap { if case .disconnected(_, let code) = $0.operation { code } else { nil } }
        }
        var connects: Int {
            always.count { if case .connect = $0.operation { true } else { false } }
        }
    }

    static let app = AppNumber(1)
    let sink = Sink()
    let core: ShardCore<Sink>
    var nowMs: Int64 = 1_000_000
    var wallSeconds: Int64 = 1_700_000_000
    private var nextSlot: UInt64 = 0
    private var generation: UInt64 = 0

    init(position: Int64 = 100, shards: Int = 1, _ adjust: (inout ShardRules) -> Void = { _ in }) {
        var rules = ShardRules()
        adjust(&rules)
        core = ShardCore(
            sink: sink, rules: rules, shard: 0, shards: shards, nowMs: 1_000_000, wallSeconds: 1_700_000_000)
        core.addApp(Self.app, id: "app1", position: position)
    }

    // MARK: Time

    /// Lets time pass in steps of 50 ms, ticking.
    func pass(_ ms: Int64) {
        let end = nowMs + ms
        while nowMs < end {
            let step = min(50, end - nowMs)
            nowMs += step
            wallSeconds = 1_700_000_000 + (nowMs - 1_000_000) / 1_000
            core.setTime(nowMs: nowMs, wallSeconds: wallSeconds)
            core.tick()
        }
    }

    // MARK: Connections

    func open(slot: UInt64? = nil) -> ConnectionReference {
        generation += 1
        let connection = ConnectionReference((slot ?? nextSlot) << 32 | generation)
        if slot == nil { nextSlot += 1 }
        core.opened(connection)
        return connection
    }

    func text(_ connection: ConnectionReference, _ json: String) {
        let bytes = Array(json.utf8)
        core.text(connection, bytes.span)
    }

    static func auth(
        _ uid: String, session: String, app: String = "app1", credential: String = "secret", body: String = ""
    ) -> String {
        #"{"appId":"\#(app)","deviceId":"\#(session)","type":"auth","sender":"\#(uid)","#
            + #""body":{"auth":"\#(credential)"\#(body)}}"#
    }

    /// Opens, authenticates and connects; what it was sent so far is read.
    @discardableResult
    func connect(
        _ uid: String, session: String? = nil, groups: [String] = [], friends: [String] = [],
        blocked: [String] = [], token: UInt8? = nil, expiresAt: Int64? = nil, body: String = ""
    ) -> ConnectionReference {
        let connection = beginConnect(uid, session: session, body: body)
        finishConnect(
            connection, uid, groups: groups, friends: friends, blocked: blocked, token: token, expiresAt: expiresAt)
        _ = read(connection)
        return connection
    }

    func beginConnect(_ uid: String, session: String? = nil, body: String = "") -> ConnectionReference {
        let connection = open()
        text(connection, Self.auth(uid, session: session ?? "s\(connection.raw)", body: body))
        core.credentialVerified(connection, .valid(.token(TokenHash([UInt8](repeating: 1, count: 32)))))
        return connection
    }

    func finishConnect(
        _ connection: ConnectionReference, _ uid: String, groups: [String] = [], friends: [String] = [],
        blocked: [String] = [], token: UInt8? = nil, expiresAt: Int64? = nil
    ) {
        let snapshot = SessionSnapshot(
            connection: connection, user: Self.user(uid),
            token: token.map { TokenHash([UInt8](repeating: $0, count: 32)) }, expiresAt: expiresAt,
            groups: groups.map { GroupID($0)! }, friends: friends.map { UserID($0)! },
            blocked: blocked.map { UserID($0)! })
        walk(reply: .connected(snapshot), to: connection, request: RequestNumber.connect)
    }

    // MARK: Reading

    struct Frame: Equatable, CustomStringConvertible {
        let opcode: UInt8
        let text: String
        var description: String { "\(opcode):\(text)" }
    }

    /// Everything queued, as a client that keeps up reads it.
    @discardableResult
    func read(_ connection: ConnectionReference, bufferBytes: Int = 4_096) -> [Frame] {
        Self.parse(readBytes(connection, bufferBytes: bufferBytes))
    }

    func readBytes(_ connection: ConnectionReference, bufferBytes: Int = 4_096, rounds: Int = .max) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: bufferBytes)
        var round = 0
        while round < rounds {
            round += 1
            var span = buffer.mutableSpan
            let result = core.drain(connection, into: &span)
            bytes += buffer[..<result.written]
            if !result.remains, !core.hasOutput(connection) { break }
        }
        var touched: [ConnectionReference] = []
        core.takeTouched(into: &touched)
        core.flushed()
        return bytes
    }

    func texts(_ connection: ConnectionReference) -> [String] {
        read(connection).filter { $0.opcode == 1 }.map(\.text)
    }

    /// Unmasked frames, as RFC 6455 §5.2 lays them out.
    static func parse(_ bytes: [UInt8]) -> [Frame] {
        var frames: [Frame] = []
        var index = 0
        while index < bytes.count {
            let opcode = bytes[index] & 0x0F
            #expect(bytes[index] & 0xF0 == 0x80, "FIN set, no RSV")
            var length = Int(bytes[index + 1])
            index += 2
            let extra = length == 126 ? 2 : length == 127 ? 8 : 0
            if extra > 0 {
                length = bytes[index..<index + extra].reduce(0) { $0 << 8 | Int($1) }
                index += extra
            }
            let payload = bytes[index..<index + length]
            index += length
            if opcode == 8 {
                frames.append(Frame(opcode: 8, text: String(payload.prefix(2).reduce(0) { $0 << 8 | Int($1) })))
            } else {
                frames.append(Frame(opcode: opcode, text: String(decoding: payload, as: UTF8.self)))
            }
        }
        return frames
    }

    /// The code of the close frame that ends the connection, after its `error` frame; nil when it is not closed so.
    func closeCode(_ connection: ConnectionReference) -> UInt16? {
        let frames = read(connection)
        guard let last = frames.last, last.opcode == 8, let code = UInt16(last.text) else { return nil }
        if code >= 4_000 {
            guard frames.count > 1, frames[frames.count - 2].text.contains(#""closeCode":\#(code)"#) else {
                Issue.record("no error frame before close \(code): \(frames)")
                return nil
            }
        }
        return code
    }

    // MARK: Walking

    static func user(_ uid: String, role: String = "default") -> UserView {
        UserView(
            record: UserRecord(uid: UserID(uid)!, name: uid, role: role, createdAt: 1), online: true,
            lastActiveAt: nil)
    }

    static func frame(_ text: String) -> SharedFrame { SharedFrame(payload: Array(text.utf8)) }

    func walk(
        seq: Int64 = 0, _ projections: [(Projection, String?)] = [], reply: ReplyBody? = nil,
        to connection: ConnectionReference? = nil, request: UInt64 = RequestNumber.withoutRef,
        duplicate: MessageView? = nil
    ) {
        let decision = Decision(
            app: Self.app, seq: seq, projections: projections.map(\.0),
            reply: reply.map {
                Reply(address: ReplyAddress(connection: connection!, request: request), body: $0)
            })
        core.walk([
            WalkableDecision(
                decision: decision, duplicate: duplicate, frames: projections.map { $0.1.map(Self.frame) })
        ])
    }

    static func view(_ seq: Int64, from sender: String, to receiver: Receiver, session: String? = nil) -> MessageView {
        MessageView(
            message: MessageRecord(
                id: seq, sender: UserID(sender)!, receiver: receiver, category: .message, type: "text",
                data: JSONBytes(validated: Array("{}".utf8)), sentAt: 1,
                originSession: session.flatMap { SessionID($0) }),
            sender: user(sender), receiver: .user(user(sender)))
    }

    /// A message from `sender`, with the text `m<seq>` or another.
    func message(
        _ seq: Int64, from sender: String, to receiver: Receiver, origin: Origin? = nil, alsoTo: String? = nil,
        text: String? = nil
    ) {
        let event = MessageEvent(
            view: Self.view(seq, from: sender, to: receiver), origin: origin,
            alsoTo: alsoTo.flatMap { UserID($0) })
        walk(seq: seq, [(.message(event), text ?? "m\(seq)")])
    }

    /// A message of a call that `initiator` began, to `receiver`; with the text `c<seq>`.
    func call(
        _ seq: Int64, _ event: CallEvent, by sender: String, _ initiator: String, to receiver: Receiver,
        origin: Origin? = nil
    ) {
        let facts = CallFacts(
            session: CallSessionID(trusted: "call"), initiator: UserID(initiator)!, receiver: receiver, type: .audio,
            initiatedAt: 1)
        let other: Receiver = receiver == .to(sender) ? .to(initiator) : receiver
        let record = MessageRecord(
            id: seq, sender: UserID(sender)!, receiver: other, category: .call, type: "audio",
            data: JSONBytes(validated: Array("{}".utf8)), sentAt: 1,
            subject: .call(CallAction(event: event, by: UserID(sender)!, call: facts)))
        let view = MessageView(message: record, sender: Self.user(sender), receiver: .user(Self.user(sender)))
        walk(seq: seq, [(.message(MessageEvent(view: view, origin: origin)), "c\(seq)")])
    }

    func presence(_ uid: String, online: Bool, role: String = "default") {
        core.deliver([
            EncodedEphemeral(
                event: EphemeralEvent(
                    app: Self.app, user: Self.user(uid, role: role), origin: nil,
                    kind: .presence(online: online, atSeconds: 1)),
                frame: Self.frame("\(uid) \(online ? "online" : "offline")"))
        ])
    }

    func typing(
        _ uid: String, to receiver: Receiver, origin: Origin? = nil, started: Bool = true, onlyTo: String? = nil
    ) {
        core.deliver([
            EncodedEphemeral(
                event: EphemeralEvent(
                    app: Self.app, user: Self.user(uid), origin: origin,
                    kind: .typing(receiver: receiver, started: started, metadata: nil),
                    soleReceiver: onlyTo.flatMap { UserID($0) }),
                frame: Self.frame("\(uid) \(started ? "types" : "stops")"))
        ])
    }

    func transient(_ uid: String, to receiver: Receiver) {
        core.deliver([
            EncodedEphemeral(
                event: EphemeralEvent(
                    app: Self.app, user: Self.user(uid), origin: nil,
                    kind: .transient(receiver: receiver, data: JSONBytes(validated: Array("{}".utf8)))),
                frame: Self.frame("\(uid) says"))
        ])
    }
}

extension Receiver {
    static func to(_ uid: String) -> Receiver { .user(UserID(uid)!) }
    static func into(_ guid: String) -> Receiver { .group(GroupID(guid)!) }
}
