import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct SimulationTests {
    static let users = ["u0", "u1", "u2", "u3", "u4", "u5"]
    static let groups = ["g0", "g1", "g2"]

    /// Everything evicted as soon as it may be, so that all state goes through the store again and again.
    private func world(_ model: inout NaiveModel) -> World {
        var rules = CoreRules()
        rules.sendsPerMinute = 0
        rules.cacheBytesMax = 0
        let world = World(rules)
        for uid in Self.users { world.user(uid) }
        for guid in Self.groups {
            world.group(guid, ["u0", "u1"])
            model.members[guid] = ["u0": 1, "u1": 1]
        }
        model.nowMs = world.nowMs
        return world
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>) func presenceTypingAndReceiptsAreWhatTheNaiveModelSays(seed: UInt64)
    {
        var random = SeededGenerator(state: seed)
        var model = NaiveModel()
        let world = world(&model)
        var nextConnection: UInt64 = 1
        for step in 0..<1_500 {
            world.forget()
            var heard: [String] = []
            var receipts: [String] = []
            let connection = model.connections.keys.sorted().randomElement(using: &random)
            let person = Self.users.randomElement(using: &random)!
            let group = Self.groups.randomElement(using: &random)!
            let target = Bool.random(using: &random) ? group : person
            switch Int.random(in: 0..<15, using: &random) {
            case 0, 1:
                world.connect(person, nextConnection)
                heard = model.connect(person, nextConnection)
                nextConnection += 1
            case 2:
                guard let connection else { continue }
                world.disconnect(connection)
                heard = model.disconnect(connection)
            case 3:
                guard let connection else { continue }
                let on = Bool.random(using: &random)
                world.ask(.appState(on ? .background : .foreground), as: .connection(c(connection)))
                heard = model.setBackground(connection, on)
            case 4, 5:
                guard let connection else { continue }
                world.typing(connection, receiver(target), true)
                heard = model.startTyping(connection, target)
            case 6:
                guard let connection else { continue }
                world.typing(connection, receiver(target), false)
                heard = model.stopTyping(connection, target)
            case 7:
                guard let connection, let sender = model.connections[connection] else { continue }
                if let id = world.send(connection, to: receiver(target))?.messageID {
                    heard = model.sent(sender, target, id)
                } else {
                    #expect(model.members[target] != nil && model.members[target]?[sender] == nil)
                }
            case 8, 9, 10:
                guard let connection, let reader = model.connections[connection],
                    let id = model.messages[model.conversation(reader, target)]?.suffix(12)
                        .randomElement(using: &random)?.id
                else { continue }
                let kind = Bool.random(using: &random) ? ReceiptKind.read : .delivered
                world.receipt(kind, connection, receiver(target), id)
                let refused = kind == .read && model.background.contains(connection)
                receipts = refused ? [] : model.receipt(kind, reader, target, id)
            case 11:
                if model.members[group]?[person] == nil {
                    let id = world.ask(.join(g(group), passwordHash: nil), as: .backend(onBehalfOf: u(person)))?
                        .messageID
                    let isBanned = model.banned[group]?.contains(person) ?? false
                    #expect((id == nil) == isBanned, "seed \(seed) step \(step)")
                    if let id { model.joined(person, group, id) }
                } else if person != "u0" {
                    world.ask(.leave(g(group)), as: .backend(onBehalfOf: u(person)))
                    (heard, receipts) = model.left(person, group)
                }
            case 12:
                let isDone = world.act(.kick(g(group), u(person)), "u0")?.isDone ?? false
                #expect(isDone == (person != "u0" && model.members[group]?[person] != nil), "seed \(seed) step \(step)")
                if isDone { (heard, receipts) = model.left(person, group) }
            case 13:
                let isBanned = model.banned[group]?.contains(person) ?? false
                let isDone = world.act(isBanned ? .unban(g(group), u(person)) : .ban(g(group), u(person)), "u0")?.isDone
                #expect(isDone ?? false == (person != "u0"), "seed \(seed) step \(step)")
                if isBanned {
                    model.banned[group]?.remove(person)
                } else if person != "u0" {
                    model.banned[group, default: []].insert(person)
                    if model.members[group]?[person] != nil { (heard, receipts) = model.left(person, group) }
                }
            default:
                world.advance(seconds: Int64.random(in: 0...20, using: &random))
                heard = model.advance(toMs: world.nowMs)
            }
            #expect(world.heard.sorted() == heard.sorted(), "seed \(seed) step \(step)")
            #expect(world.receipts == receipts, "seed \(seed) step \(step)")
            guard world.heard.sorted() == heard.sorted(), world.receipts == receipts else { return }
        }
        for user in Self.users {
            #expect(world.presence.isOnline(World.app, u(user)) == model.isOnline(user), "seed \(seed)")
        }
        // Nothing of anybody is left behind when all have gone.
        for connection in model.connections.keys { world.disconnect(connection) }
        world.advance(seconds: 60)
        world.core.tick(at: world.clock)
        let app = world.core.apps[World.app]!
        #expect(world.core.counts.timers == 0)
        #expect(world.core.counts.cachedEntities == 0)
        #expect(app.users.count == 0, "seed \(seed)")
        #expect(app.groups.count == 0, "seed \(seed)")
    }

    private func receiver(_ target: String) -> Receiver {
        Self.groups.contains(target) ? group(target) : user(target)
    }

    /// Loads come late and in any order, commits come late, transactions fail; the promises hold all the same.
    @Test(arguments: 1...12 as ClosedRange<UInt64>) func underChaosEveryCommandIsAnsweredOnceAndTheStoreAgrees(
        seed: UInt64
    ) {
        var random = SeededGenerator(state: seed &* 77)
        var model = NaiveModel()
        let world = world(&model)
        world.answersLoads = false
        world.commits = false
        var open: [Int] = []
        var seenLoads = 0
        var lost: Set<UInt64> = []
        var posted: [UInt64] = []
        for _ in 0..<1_200 {
            let person = Self.users.randomElement(using: &random)!
            let other = Self.users.randomElement(using: &random)!
            let group = g(Self.groups.randomElement(using: &random)!)
            let caller = Caller.backend(onBehalfOf: u(person))
            var fields = UserFields()
            fields.name = person
            var name = GroupFields()
            name.name = "G"
            switch Int.random(in: 0..<24, using: &random) {
            case 22: posted.append(world.post(.block([u(other), u(person)]), as: caller))
            case 23: posted.append(world.post(.unblock([u(other)]), as: caller))
            case 0: posted.append(world.post(.join(group, passwordHash: nil), as: caller))
            case 1: posted.append(world.post(.leave(group), as: caller))
            case 2: posted.append(world.post(.send(world.draft(to: .group(group))), as: caller))
            case 3: posted.append(world.post(.send(world.draft(to: user(other))), as: caller))
            case 4:
                posted.append(
                    world.post(
                        .addMembers(group, [MemberDraft(uid: u(other), scope: .participant)], bans: []), as: caller))
            case 5: posted.append(world.post(.addFriends(u(person), [u(other)])))
            case 6: posted.append(world.post(.removeFriends(u(person), [u(other)])))
            case 7 where Int.random(in: 0..<4, using: &random) == 0:
                posted.append(world.post(.deleteUser(u(person), permanent: true)))
            case 8: posted.append(world.post(.createUser(u(person), fields, withToken: hash(person))))
            case 9 where Int.random(in: 0..<4, using: &random) == 0: posted.append(world.post(.deleteGroup(group)))
            case 10: posted.append(world.post(.createGroup(group, name, owner: u(person), members: [], bans: [])))
            case 11:
                let id = Int64.random(in: 100...world.core.apps[World.app]!.positions.last + 2, using: &random)
                posted.append(world.post(.receipt(.read, receiver: .group(group), messageID: id), as: caller))
            case 16: posted.append(world.post(.kick(group, u(other)), as: caller))
            case 17: posted.append(world.post(.ban(group, u(other)), as: caller))
            case 18:
                posted.append(world.post(.unban(group, u(other)), as: Bool.random(using: &random) ? caller : .system))
            case 19:
                let scope = MemberScope.allCases.randomElement(using: &random)!
                posted.append(world.post(.changeScope(group, u(other), to: scope), as: caller))
            case 20: posted.append(world.post(.transferGroup(group, to: u(other)), as: caller))
            case 21:
                name.type = GroupType.allCases.randomElement(using: &random)
                posted.append(world.post(.updateGroup(group, name), as: caller))
            case 12, 13:
                if !open.isEmpty {
                    let index = open.remove(at: Int.random(in: 0..<open.count, using: &random))
                    world.answerLoad(at: index)
                }
            case 14: world.commit()
            default:
                guard Int.random(in: 0..<20, using: &random) == 0 else { continue }
                lost.formUnion(world.output.decisions[world.committedCount...].compactMap(\.reply?.address.request))
                world.fail()
            }
            open.append(contentsOf: seenLoads..<world.output.loads.count)
            seenLoads = world.output.loads.count
            world.pump()
        }
        while !open.isEmpty || world.committedCount < world.output.decisions.count {
            if !open.isEmpty { world.answerLoad(at: open.removeFirst()) }
            world.commit()
            world.pump()
            open.append(contentsOf: seenLoads..<world.output.loads.count)
            seenLoads = world.output.loads.count
        }
        #expect(world.core.counts.parkedCommands == 0, "seed \(seed)")
        let answers = world.output.decisions.compactMap(\.reply?.address.request)
        #expect(answers.sorted() == posted.sorted(), "seed \(seed)")
        #expect(world.output.decisions.count { $0.credit != .none } == posted.count, "seed \(seed)")
        let positions = world.output.decisions.map(\.seq).filter { $0 > 0 }
        #expect(zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
        checkStore(world, seed)
    }

    /// What the core decided and what a store made of it are consistent in themselves, and all memory is given back.
    private func checkStore(_ world: World, _ seed: UInt64) {
        let store = world.store
        for (guid, members) in store.members {
            for uid in members.keys {
                #expect(store.users[uid] != nil, "seed \(seed): a deleted member")
                #expect(store.groups[guid] != nil, "seed \(seed): a member of nothing")
            }
        }
        for (guid, bans) in store.bans {
            for (uid, ban) in bans {
                #expect(store.users[uid] != nil, "seed \(seed): a deleted user is banned")
                #expect(store.groups[guid] != nil, "seed \(seed): banned from nothing")
                #expect(store.members[guid]?[uid] == nil, "seed \(seed): a banned member")
                #expect(ban.uid == uid && ban.guid == guid)
            }
        }
        for (guid, group) in store.groups where group.owner != u("app_system") {
            #expect(store.members[guid]?[group.owner]?.scope == .admin, "seed \(seed): an owner is an admin")
        }
        for (uid, friends) in store.friends {
            for friend in friends {
                #expect(store.friends[friend]?.contains(uid) == true, "seed \(seed): friends are mutual")
                #expect(store.users[friend] != nil, "seed \(seed): a deleted friend")
            }
        }
        for (uid, blocks) in store.blocks where !blocks.isEmpty {
            #expect(store.users[uid] != nil, "seed \(seed): a deleted blocker")
            #expect(blocks.allSatisfy { store.users[$0] != nil }, "seed \(seed): a deleted blocked user")
        }
        world.core.tick(at: world.clock)
        #expect(world.core.counts.cachedEntities == 0, "seed \(seed)")
        #expect(world.core.counts.cachedBytes == 0, "seed \(seed)")
        let app = world.core.apps[World.app]!
        #expect(app.users.count == 0, "seed \(seed)")
        #expect(app.groups.count == 0, "seed \(seed)")
    }
}
