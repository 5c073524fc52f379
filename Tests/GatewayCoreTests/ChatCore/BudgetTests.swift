import ChatModel
import Foundation
import Testing

@testable import GatewayCore

@Suite struct BudgetTests {
    /// Answers loads from arithmetic, so that nothing but the core holds memory.
    private final class Arithmetic: ChatCoreOutput {
        static let users = 5_000
        static let groups = 500
        var loads: [EntityKey] = []
        var reservations: [Int64] = []

        func decide(_ decision: Decision) {}
        func emit(_ event: EphemeralEvent) {}
        func load(_ key: EntityKey) { loads.append(key) }
        func reserve(_ app: AppNumber, through: Int64) { reservations.append(through) }
        func recovered() {}

        static func entity(_ key: EntityKey) -> LoadedEntity {
            switch key {
            case .user(_, let uid):
                let number = Int(uid.text.dropFirst(4))!
                let memberships = (0..<10).map { membership(number, (number + $0 * 50) % groups) }
                return .user(
                    LoadedUser(
                        record: UserRecord(uid: uid, name: "User \(number)", createdAt: 1), lastActiveAt: nil,
                        memberships: memberships, friends: []))
            case .group(_, let guid):
                let number = Int(guid.text.dropFirst(5))!
                let members = (0..<10).flatMap { step in
                    stride(from: (number - step * 50 + groups) % groups, to: users, by: groups).map {
                        membership($0, number)
                    }
                }
                return .group(
                    LoadedGroup(
                        record: GroupRecord(guid: guid, name: "Group", type: .open, owner: u("user0"), createdAt: 1),
                        members: members, conversation: LoadedConversation(marks: [], latest: [])))
            case .token(_, let hash):
                let number = Int(String(decoding: hash.bytes.prefix { $0 != 0 }, as: UTF8.self))!
                return .token(TokenRecord(hash: hash, uid: u("user\(number)"), createdAt: 1))
            case .pair: return .pair(LoadedConversation(marks: [], latest: []))
            case .message: return .message(nil)
            case .engagement:
                return .engagement(LoadedEngagement(reactions: [], interactions: [], hasCompleted: false))
            }
        }

        private static func membership(_ user: Int, _ group: Int) -> Membership {
            Membership(
                guid: g("group\(group)"), uid: u("user\(user)"), scope: .participant, joinedAt: 1, joinedSeq: 1)
        }
    }

    /// Resident bytes of this process.
    private static func resident() throws -> Int {
        let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
        return (Int(fields[1]) ?? 0) * 4_096
    }

    /// In a process of its own, as what is measured is all of its memory. Another app goes through the same before, so
    /// that no session pays for the pages of code that the first one touches.
    @Test func aSessionWithTenGroupsCostsAtMostTwoKilobytesWithItsUserTokenAndMemberships() async {
        await #expect(processExitsWith: .success) {
            let output = Arithmetic()
            let core = ChatCore(rules: CoreRules(), presence: PresenceTable(), output: output)
            let (app, other) = (AppNumber(1), AppNumber(2))
            Self.fill(core, other, users: 20, groups: 5)
            let before = try Self.resident()
            Self.fill(core, app, users: Arithmetic.users, groups: Arithmetic.groups)
            let perSession = (try Self.resident() - before) / Arithmetic.users
            print("bytes per session: \(perSession)")
            #expect(core.counts.sessions == Arithmetic.users + 20)
            #expect(core.apps[app]!.groups.entity(of: g("group7"))!.members.count == 100)
            #expect(perSession < 2_048)
            if core.counts.sessions != Arithmetic.users + 20 || perSession >= 2_048 { exit(1) }
        }
    }

    private static func fill(_ core: ChatCore<Arithmetic>, _ app: AppNumber, users: Int, groups: Int) {
        let clock = CoreClock(monotonicMs: 0, wallSeconds: 1)
        core.addApp(app, reservedThrough: 0)
        core.reserved(app, through: core.output.reservations.last!, at: clock)
        func handle(_ command: Command) {
            core.handle(command, credit: .none, at: clock)
            while let key = core.output.loads.popLast() { core.loaded(key, Arithmetic.entity(key), at: clock) }
            core.committed(through: core.decided)
        }
        for index in 0..<users {
            let connection = c(UInt64(app.raw) << 32 | UInt64(index))
            let request = ConnectRequest(
                connection: connection, session: SessionID("1795219853-0123456789abcdef-\(index)")!,
                uid: u("user\(index)"), credential: .token(hash("\(index)")), deviceID: nil, platform: "javascript",
                appState: .foreground, connectedAt: 1)
            handle(Command(app: app, caller: .connection(connection), operation: .connect(request)))
        }
        for index in 0..<groups {
            handle(
                Command(app: app, caller: .backend(onBehalfOf: nil), operation: .onlineMembers(g("group\(index)"))))
        }
    }
}
