import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// Random call traffic with failures and restarts: the promises of §6.2 hold at every moment.
@Suite struct CallSimulationTests {
    static let users = ["u0", "u1", "u2", "u3", "u4"]

    private var rules: CoreRules {
        var rules = CoreRules()
        rules.sendsPerMinute = 0
        // Everything but the calls goes through the store again and again.
        rules.cacheBytesMax = 0
        rules.participantsPerCall = 3
        return rules
    }

    @Test(arguments: 1...16 as ClosedRange<UInt64>) func noCallBreaksItsRules(seed: UInt64) {
        var random = SeededGenerator(state: seed &* 131)
        var world = World(rules)
        world.user("u0", "u1", "u2", "u3", "u4")
        world.group("g", ["u0", "u1", "u2", "u3"])
        var story = CallStory()
        var (nextCall, nextConnection) = (1, UInt64(1))
        var connections: [UInt64: String] = [:]
        for step in 0..<500 {
            let person = Self.users.randomElement(using: &random)!
            switch Int.random(in: 0..<20, using: &random) {
            case 0..<4:
                let other = Self.users.randomElement(using: &random)!
                let receiver = Int.random(in: 0..<3, using: &random) == 0 ? group("g") : user(other)
                world.call("s\(nextCall)", person, receiver)
                nextCall += 1
            case 4..<11:
                guard let session = story.sessions.suffix(4).randomElement(using: &random) else { continue }
                let client: [CallInput] = [.accept, .accept, .reject, .cancel, .busy, .unanswered, .end, .end]
                world.update(session, client.randomElement(using: &random)!, by: person)
            case 11, 12:
                world.connect(person, nextConnection)
                connections[nextConnection] = person
                nextConnection += 1
            case 13:
                guard let connection = connections.keys.sorted().randomElement(using: &random) else { continue }
                connections[connection] = nil
                world.disconnect(connection)
            case 14:
                let isMember = world.store.members[g("g")]?[u(person)] != nil
                guard person != "u0" else { continue }
                world.ask(isMember ? .leave(g("g")) : .join(g("g")), as: .backend(onBehalfOf: u(person)))
            case 15:
                world.commits = false
                world.post(
                    .updateCall(
                        CallSessionID(trusted: story.sessions.last ?? "none"),
                        [.accept, .end, .cancel].randomElement(using: &random)!),
                    as: .backend(onBehalfOf: u(person)))
                world.pump()
                world.fail()
                world.commits = true
                world.advance(seconds: 0)
            case 16:
                guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
                let (wall, store) = (world.wall, world.store)
                world = World(rules, store: store)
                world.wall = wall + Int64.random(in: 0...20, using: &random)
                connections = [:]
                world.advance(seconds: 0)
            default: world.advance(seconds: Int64.random(in: 0...12, using: &random))
            }
            if let broken = story.check(world) {
                Issue.record("seed \(seed) step \(step): \(broken)")
                return
            }
        }
        // When all have gone, so has every call, with all its timers.
        for connection in connections.keys { world.disconnect(connection) }
        world.advance(seconds: 100)
        world.advance(seconds: 100)
        #expect(world.store.activeCalls == [], "seed \(seed)")
        #expect(world.core.counts.timers == 0, "seed \(seed)")
        #expect(story.sessions.count > 20, "seed \(seed)")
    }
}

/// What the store held of calls so far, and whether it could be so.
private struct CallStory {
    private(set) var sessions: [String] = []
    private var final: [CallSessionID: CallStatus] = [:]
    private var messagesSeen = 0

    /// The broken rule, or nil.
    mutating func check(_ world: World) -> String? {
        let store = world.store
        var busy: Set<UserID> = []
        for record in store.calls.values.sorted(by: { $0.session.text < $1.session.text }) {
            if let end = final[record.session], record.status != end { return "\(record.session) ended twice" }
            if !record.status.isActive { final[record.session] = record.status }
            if record.status == .initiated, world.wall - record.facts.initiatedAt > 46 {
                return "\(record.session) rings for ever"
            }
            if record.status == .ongoing, record.participants.isEmpty { return "\(record.session) is empty" }
            if record.status != .ongoing, !record.participants.isEmpty { return "\(record.session) is over, not empty" }
            if record.participants.count > 3 { return "\(record.session) is overfull" }
            switch record.facts.receiver {
            case .user:
                for user in record.users where !busy.insert(user).inserted { return "\(user) is in two calls" }
            case .group(let guid):
                for user in record.users where store.members[guid]?[user] == nil {
                    return "\(user) is in the call of a group they left"
                }
            }
            if record.status != .busy, !sessions.contains(record.session.text) { sessions.append(record.session.text) }
        }
        let board = world.core.apps[World.app]!.calls
        let active = board.sessions.filter { board[$0]?.record.status.isActive == true }
        if Set(active) != Set(store.activeCalls.map(\.session)) { return "the board is not what the store holds" }
        return checkMessages(store)
    }

    /// Each call's messages tell one life: first `initiated`, one end at most, nothing after it.
    private mutating func checkMessages(_ store: FakeStore) -> String? {
        let all = store.messages.values.filter { $0.category == .call }.sorted { $0.id < $1.id }
        guard all.count != messagesSeen else { return nil }
        messagesSeen = all.count
        var lives: [CallSessionID: [CallAction]] = [:]
        for message in all {
            guard case .call(let action)? = message.subject else { return "a call message without its call" }
            lives[action.call.session, default: []].append(action)
        }
        for (session, life) in lives {
            let isRefused = life.count == 1 && life[0].event == .busy
            if !isRefused, life[0].event != .initiated { return "\(session) begins with \(life[0].event)" }
            if let end = life.firstIndex(where: \.isFinal), end != life.count - 1 { return "\(session) goes on" }
            let isOver = store.calls[session]?.status.isActive != true
            if isOver != life.contains(where: \.isFinal) { return "\(session): messages and record disagree" }
        }
        return nil
    }
}
