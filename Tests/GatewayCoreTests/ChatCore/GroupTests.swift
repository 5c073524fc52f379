import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct GroupTests {
    private func world(_ rules: CoreRules = CoreRules()) -> World {
        let world = World(rules)
        world.user("alice", "bob", "carol", "dave")
        return world
    }

    private func fields(_ type: GroupType = .open) -> GroupFields {
        var fields = GroupFields()
        fields.name = "G"
        fields.type = type
        return fields
    }

    private func create(_ world: World, _ guid: String = "g", _ type: GroupType = .open) {
        world.ask(
            .createGroup(g(guid), fields(type), owner: nil, members: [], bans: []), as: .backend(onBehalfOf: u("alice"))
        )
    }

    private func actions(_ world: World) -> [String] { world.groupSteps }

    @Test func theCallerOwnsTheGroupAndIsItsAdmin() throws {
        let world = world()
        let drafts = [MemberDraft(uid: u("bob"), scope: .moderator), MemberDraft(uid: u("alice"), scope: .participant)]
        let reply = world.ask(
            .createGroup(g("g"), fields(), owner: u("bob"), members: drafts, bans: []),
            as: .backend(onBehalfOf: u("alice")))
        guard case .groupCreated(let view, _)? = reply else {
            Issue.record("no group")
            return
        }
        #expect(view.record.owner == u("alice"))
        #expect(view.membersCount == 2)
        #expect(view.viewer?.scope == .admin)
        #expect(world.store.members[g("g")]?[u("bob")]?.scope == .moderator)
        #expect(actions(world) == ["+alice", "+bob"])
    }

    @Test func theSystemNamesTheOwner() {
        let world = world()
        #expect(world.failure(.createGroup(g("g"), fields(), owner: nil, members: [], bans: [])) == .badRequest)
        #expect(world.failure(.createGroup(g("g"), fields(), owner: u("ghost"), members: [], bans: [])) == .uidNotFound)
        #expect(world.failure(.createGroup(g("g"), fields(), owner: u("bob"), members: [], bans: [])) == nil)
        #expect(world.store.groups[g("g")]?.owner == u("bob"))
        #expect(
            world.failure(.createGroup(g("g"), fields(), owner: u("bob"), members: [], bans: [])) == .guidAlreadyExists)
    }

    @Test func groupsWithoutANameOrTheirPasswordAreRefused() {
        let world = world()
        #expect(
            world.failure(.createGroup(g("g"), fields(.password), owner: u("bob"), members: [], bans: []))
                == .emptyGroupPass)
        #expect(
            world.failure(.createGroup(g("g"), GroupFields(), owner: u("bob"), members: [], bans: [])) == .badRequest)
        #expect(world.store.groups.isEmpty)
    }

    @Test func whoCannotBeginWithAGroupSpoilsNoOther() throws {
        let world = world()
        let drafts = ["ghost", "bob", "carol", "alice", "bob"].map { MemberDraft(uid: u($0), scope: .moderator) }
        guard
            case .groupCreated(let view, let outcome)? = world.ask(
                .createGroup(
                    g("g"), fields(), owner: nil, members: drafts, bans: [u("carol"), u("alice"), u("ghost")]),
                as: .backend(onBehalfOf: u("alice")))
        else {
            Issue.record("no group")
            return
        }
        #expect(view.membersCount == 2)
        #expect(outcome.added.map(\.failure?.code) == [.uidNotFound, nil, .bannedGroupMember, nil, nil])
        #expect(outcome.banned.map(\.failure?.code) == [nil, .groupNoSelfAction, .uidNotFound])
        #expect(world.store.members[g("g")]?[u("alice")]?.scope == .admin)
        #expect(world.store.bans[g("g")]?.keys.map(\.text) == ["carol"])
        #expect(actions(world) == ["+alice", "+bob"], "nobody was there to be told")
        #expect(
            world.failure(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("carol"))) == .bannedGroupMember)
    }

    @Test func joiningIsOneDecisionSeenByAllAndTheJoiner() throws {
        let world = world()
        create(world)
        world.forget()
        let reply = world.ask(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("bob")))
        #expect(reply?.messageID != nil)
        #expect(actions(world) == ["+bob", "joined by bob also bob"])
        let decision = try #require(world.decisions.last)
        guard case .memberAdded(let membership)? = decision.changes.first,
            case .message(let record)? = decision.changes.last
        else {
            Issue.record("membership, then its message")
            return
        }
        #expect(membership.scope == .participant)
        #expect(membership.joinedSeq == decision.seq)
        #expect(record.id == decision.seq)
        #expect(record.category == .action)
        guard case .message(let view, _)? = reply, case .group(let shown) = view.receiver else { return }
        #expect(shown.membersCount == 2)
    }

    @Test func joiningTwiceIsAConflictAndPrivateGroupsAreClosed() {
        let world = world()
        create(world)
        create(world, "p", .secret)
        world.ask(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("bob")))
        #expect(world.failure(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("bob"))) == .alreadyJoined)
        #expect(
            world.failure(.join(g("p"), passwordHash: nil), as: .backend(onBehalfOf: u("bob"))) == .groupJoinNotAllowed)
        #expect(
            world.failure(.join(g("ghost"), passwordHash: nil), as: .backend(onBehalfOf: u("bob"))) == .guidNotFound)
        #expect(world.failure(.join(g("g"), passwordHash: nil)) == .badRequest)
    }

    @Test func theLeaverIsStillThereWhenTheMessageIsWalked() {
        let world = world()
        create(world)
        world.ask(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("bob")))
        world.forget()
        #expect(world.ask(.leave(g("g")), as: .backend(onBehalfOf: u("bob")))?.isDone == true)
        #expect(actions(world) == ["left by bob", "-bob"])
        #expect(world.failure(.leave(g("g")), as: .backend(onBehalfOf: u("bob"))) == .notAMember)
        #expect(world.failure(.leave(g("g")), as: .backend(onBehalfOf: u("alice"))) == .ownerCannotLeave)
    }

    @Test func onlyAdminsAddAndEachAddedHasTheirOwnDecision() {
        let world = world()
        create(world, "p", .secret)
        let drafts = ["bob", "ghost", "bob", "alice", "carol"].map { MemberDraft(uid: u($0), scope: .participant) }
        world.forget()
        guard
            case .members(let outcome)? = world.ask(
                .addMembers(g("p"), drafts, bans: []), as: .backend(onBehalfOf: u("alice")))
        else {
            Issue.record("no results")
            return
        }
        #expect(outcome.added.map(\.failure?.code) == [nil, .uidNotFound, .alreadyJoined, .groupNoSelfAction, nil])
        #expect(
            actions(world) == [
                "+bob", "added by alice on bob also bob", "+carol", "added by alice on carol also carol",
            ])
        #expect(Set(world.decisions.map(\.seq)).count == 2)
        #expect(world.decisions.first?.reply == nil)
        let more = [MemberDraft(uid: u("dave"), scope: .participant)]
        #expect(
            world.failure(.addMembers(g("p"), more, bans: []), as: .backend(onBehalfOf: u("bob"))) == .groupNoAdminScope
        )
        #expect(
            world.failure(.addMembers(g("p"), more, bans: []), as: .backend(onBehalfOf: u("dave"))) == .guidNotFound)
    }

    @Test func theSystemAddsInTheOwnersName() {
        let world = world()
        create(world)
        world.forget()
        world.ask(.addMembers(g("g"), [MemberDraft(uid: u("bob"), scope: .admin)], bans: []))
        #expect(actions(world) == ["+bob", "added by alice on bob also bob"])
        #expect(world.store.members[g("g")]?[u("bob")]?.scope == .admin)
    }

    @Test func onlyTheOwnerOrTheBackendDeletes() {
        let world = world()
        create(world)
        world.ask(.addMembers(g("g"), [MemberDraft(uid: u("bob"), scope: .admin)], bans: []))
        #expect(world.failure(.deleteGroup(g("g")), as: .backend(onBehalfOf: u("bob"))) == .groupNoClearance)
        #expect(world.failure(.deleteGroup(g("g")), as: .backend(onBehalfOf: u("carol"))) == .notAMember)
        world.forget()
        #expect(world.failure(.deleteGroup(g("g")), as: .backend(onBehalfOf: u("alice"))) == nil)
        #expect(actions(world) == ["deleted"])
        #expect(world.failure(.send(world.draft(to: group("g"))), as: .backend(onBehalfOf: u("bob"))) == .guidNotFound)
        create(world)
        #expect(world.store.members[g("g")]?.count == 1)
        #expect(world.connect("bob", 1)?.snapshot?.groups == [])
        #expect(world.connect("alice", 2)?.snapshot?.groups == [g("g")])
    }

    @Test func groupLimitsAreKept() {
        var rules = CoreRules()
        rules.groupsPerUser = 1
        rules.membersPerGroup = 2
        rules.membersPerAdd = 2
        let world = world(rules)
        create(world)
        #expect(
            world.failure(
                .createGroup(g("h"), fields(), owner: nil, members: [], bans: []), as: .backend(onBehalfOf: u("alice")))
                == .badRequest)
        world.ask(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("bob")))
        #expect(world.failure(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("carol"))) == .badRequest)
        let drafts = ["bob", "carol", "dave"].map { MemberDraft(uid: u($0), scope: .participant) }
        #expect(world.failure(.addMembers(g("g"), drafts, bans: [])) == .badRequest)
    }
}

extension GroupID {
    static func ~= (pattern: GroupID, value: GroupID) -> Bool { pattern == value }
}
