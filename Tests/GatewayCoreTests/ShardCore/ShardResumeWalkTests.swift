import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// A seeded random walk over the seam between replay and live traffic, against a naive model of who must see what.
///
/// Clients come, drop and resume at any moment, read little or much; messages, joins and leaves go on; pages come late and
/// small. Each client must end up with every event of its audiences since its first `auth`, in order, none twice, its own
/// excepted, and with each ack at its place.
@Suite struct ShardResumeWalkTests {
    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func nothingIsLostTwiceOrOutOfOrder(seed: UInt64) {
        let walk = ResumeWalk(seed: seed)
        for _ in 0..<500 { walk.step() }
        walk.finish()
        walk.judge()
    }
}

private final class ResumeWalk {
    struct Event {
        let seq: Int64
        let audience: Set<String>
        let originSession: String?
    }

    final class Client {
        let uid: String
        let session: String
        var connection: ConnectionReference?
        var lastSeq: Int64?
        /// The first position it must know everything after.
        var since: Int64?
        var received: [Int64] = []
        var acked: [Int64] = []
        var unread: [UInt8] = []
        /// The highest position of a frame or ack on this connection.
        var highest: Int64 = 0

        init(_ uid: String, _ session: String) {
            self.uid = uid
            self.session = session
        }
    }

    let seed: UInt64
    var random: SeededGenerator
    let shard: ShardHarness
    var seq: Int64 = 100
    var events: [Event] = []
    var members: [String: Set<String>] = ["g0": [], "g1": []]
    let users = ["u0", "u1", "u2"]
    let clients: [Client]
    var pages: [(connection: ConnectionReference, query: ReplayQuery)] = []
    var sent: [String: Int64] = [:]

    init(seed: UInt64) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
        shard = ShardHarness(position: 100) {
            $0.replayHeldMax = 3
            $0.replayPageMax = 4
            $0.outboundSoftBytes = 60
            $0.resumeLimit = 100_000
            $0.limits.framesPerMinute = 0
        }
        clients = users.flatMap { uid in ["a", "b"].map { Client(uid, "\(uid)\($0)") } }
    }

    func step() {
        let client = clients.randomElement(using: &random)!
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<35: send(client)
        case 35..<43: changeMembership()
        case 43..<53: client.connection == nil ? connect(client) : ()
        case 53..<58: drop(client)
        case 58..<80: read(client, rounds: Int.random(in: 1...3, using: &random))
        case 80..<97: serve()
        default: shard.pass(300)
        }
    }

    func finish() {
        for client in clients where client.connection == nil { connect(client) }
        for _ in 0..<2_000 {
            for client in clients { read(client, rounds: .max) }
            if !serve() { break }
        }
    }

    func judge() {
        for client in clients {
            let since = client.since ?? .max
            let expected = events.filter {
                $0.seq > since && $0.audience.contains(client.uid) && $0.originSession != client.session
            }.map(\.seq)
            #expect(client.received == expected, "seed \(seed), \(client.session)")
        }
    }

    // MARK: Steps

    /// A message, from the client's connection when it has one, and its ack.
    private func send(_ client: Client) {
        let receiver: Receiver =
            random.chance(50) ? .to(users.randomElement(using: &random)!) : .into(random.chance(50) ? "g0" : "g1")
        var origin: Origin?
        var reply: (ConnectionReference, UInt64)?
        if let connection = client.connection, random.chance(60) {
            shard.sink.commands = []
            shard.text(connection, Frames.message(to: "u0", ref: "r"))
            if let command = shard.sink.commands.first {
                origin = command.origin
                reply = command.replyTo.map { ($0.connection, $0.request) }
            }
        } else if random.chance(50) {
            origin = .session(SessionID(client.session)!)
        }
        let seq = nextSeq()
        let session: String? =
            switch origin {
            case .connection(_, let name), .session(let name): name.text
            case nil: nil
            }
        var audience: Set<String> = [client.uid]
        switch receiver {
        case .user(let uid): audience.insert(uid.text)
        case .group(let guid): audience.formUnion(members[guid.text]!)
        }
        events.append(Event(seq: seq, audience: audience, originSession: session))
        let view = ShardHarness.view(seq, from: client.uid, to: receiver, session: session)
        shard.walk(
            seq: seq, [(.message(MessageEvent(view: view, origin: origin)), "e\(seq)")],
            reply: reply.map { _ in .message(view, duplicate: false) }, to: reply?.0, request: reply?.1 ?? 0)
    }

    private func changeMembership() {
        let uid = users.randomElement(using: &random)!
        let group = random.chance(50) ? "g0" : "g1"
        let seq = nextSeq()
        let view = ShardHarness.view(seq, from: "system", to: .into(group))
        let message = Projection.message(MessageEvent(view: view, origin: nil))
        if members[group]!.contains(uid) {
            events.append(Event(seq: seq, audience: members[group]!, originSession: nil))
            members[group]!.remove(uid)
            shard.walk(
                seq: seq, [(message, "e\(seq)"), (.memberRemoved(GroupID(group)!, UserID(uid)!), nil)])
        } else {
            members[group]!.insert(uid)
            events.append(Event(seq: seq, audience: members[group]!, originSession: nil))
            shard.walk(seq: seq, [(.memberAdded(GroupID(group)!, UserID(uid)!), nil), (message, "e\(seq)")])
        }
    }

    private func connect(_ client: Client) {
        let body = client.lastSeq.map { #","resume":{"lastSeq":\#($0)}"# } ?? ""
        let connection = shard.beginConnect(client.uid, session: client.session, body: body)
        client.connection = connection
        client.unread = []
        client.highest = 0
        let groups = members.filter { $0.value.contains(client.uid) }.keys.sorted()
        shard.finishConnect(connection, client.uid, groups: groups)
    }

    private func drop(_ client: Client) {
        guard let connection = client.connection else { return }
        shard.core.closed(connection)
        client.connection = nil
    }

    private func read(_ client: Client, rounds: Int) {
        guard let connection = client.connection else { return }
        let size = Int.random(in: 5...90, using: &random)
        client.unread += shard.readBytes(connection, bufferBytes: size, rounds: rounds)
        while let frame = nextFrame(&client.unread) { take(frame, client) }
    }

    /// Serves one of the pages that were asked for, in any order; false: there is none.
    @discardableResult
    private func serve() -> Bool {
        pages += shard.sink.replays
        shard.sink.replays = []
        guard let index = pages.indices.randomElement(using: &random) else { return false }
        let (connection, query) = pages.remove(at: index)
        if random.chance(5) {
            shard.core.replayPage(connection, nil)
            shard.pass(600)
            return true
        }
        let found = events.filter {
            $0.seq > query.after && $0.seq <= query.through && $0.audience.contains(query.uid.text)
                && $0.originSession != query.session.text
        }
        let some = found.prefix(min(query.eventsMax, Int.random(in: 0...4, using: &random)))
        let next = some.count == found.count ? nil : some.last?.seq ?? query.after
        shard.core.replayPage(
            connection,
            EncodedReplayPage(
                events: some.map {
                    .init(seq: $0.seq, frame: ShardHarness.frame("e\($0.seq)"), kind: .durable)
                }, next: next))
        return true
    }

    // MARK: The client's side

    private func nextFrame(_ bytes: inout [UInt8]) -> String? {
        guard bytes.count >= 2 else { return nil }
        let header = bytes[1] < 126 ? 2 : 4
        guard bytes.count >= header else { return nil }
        let length = bytes[1] < 126 ? Int(bytes[1]) : Int(bytes[2]) << 8 | Int(bytes[3])
        guard bytes.count >= header + length else { return nil }
        let text = String(decoding: bytes[header..<header + length], as: UTF8.self)
        bytes.removeFirst(header + length)
        return text
    }

    private func take(_ text: String, _ client: Client) {
        if text.hasPrefix("e") {
            let seq = Int64(text.dropFirst())!
            rise(client, to: seq, text)
            client.received.append(seq)
            client.lastSeq = seq
        } else if text.contains(#""type":"auth""#) {
            let seq = number(after: #""seq":"#, text)
            if client.since == nil { client.since = seq }
            if client.lastSeq == nil { client.lastSeq = seq }
        } else if text.contains(#""type":"ack""#) {
            rise(client, to: number(after: #""seq":"#, text), text)
        } else if text.contains(#""type":"resumed""#) {
            #expect(text.contains(#""complete":true"#))
            let seq = number(after: #""seq":"#, text)
            #expect(seq >= client.highest, "seed \(seed): \(text)")
            client.highest = seq
        } else {
            Issue.record("seed \(seed): \(text)")
        }
    }

    private func rise(_ client: Client, to seq: Int64, _ text: String) {
        #expect(seq > client.highest, "seed \(seed), \(client.session): \(text) after \(client.highest)")
        client.highest = seq
    }

    private func number(after key: String, _ text: String) -> Int64 {
        let digits = text.components(after: key).prefix { $0.isNumber }
        return Int64(digits)!
    }

    private func nextSeq() -> Int64 {
        seq += Int64.random(in: 1...3, using: &random)
        return seq
    }
}

extension String {
    fileprivate func components(after key: String) -> Substring {
        var index = startIndex
        while index < endIndex, !self[index...].hasPrefix(key) { index = self.index(after: index) }
        return self[self.index(index, offsetBy: key.count)...]
    }
}
