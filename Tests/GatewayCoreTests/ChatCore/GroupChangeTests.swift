import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct GroupChangeTests {
    private func world() -> World {
        let world = World()
        world.user("alice", "bob", "carol")
        return world
    }

    private func fields(_ type: GroupType?, hash: String? = nil, name: String? = "G") -> GroupFields {
        var fields = GroupFields()
        fields.name = name
        fields.type = type
        fields.passwordHash = hash
        return fields
    }

    private func create(_ world: World, _ fields: GroupFields) {
        world.act(.createGroup(g("g"), fields, owner: nil, members: [], bans: []), "alice")
    }

    private func join(_ world: World, _ uid: String, _ hash: String?) -> ErrorCode? {
        world.refusal(.join(g("g"), passwordHash: hash), uid)?.code
    }

    @Test func anUpdateChangesWhatItNamesAndTellsNoClient() {
        let world = world()
        var first = fields(.open)
        first.icon = "i"
        first.tags = ["a"]
        create(world, first)
        world.forget()
        world.wall += 5
        var change = fields(nil, name: nil)
        change.description = "d"
        change.tags = []
        guard case .group(let view)? = world.act(.updateGroup(g("g"), change), "alice") else {
            Issue.record("no group")
            return
        }
        #expect(view.record.name == "G" && view.record.icon == "i" && view.record.description == "d")
        #expect(view.record.tags == [] && view.record.updatedAt == world.wall)
        #expect(view.viewer?.scope == .admin)
        #expect(world.store.groups[g("g")]?.description == "d")
        #expect(world.decisions.flatMap(\.projections).isEmpty)
    }

    @Test func thePasswordThatWasCheckedMustStillBeTheGroups() {
        let world = world()
        create(world, fields(.password, hash: "one"))
        #expect(join(world, "bob", nil) == .emptyGroupPass)
        #expect(join(world, "bob", "zero") == .wrongGroupPass)
        // It is changed between the check on the pool and the core's turn.
        world.act(.updateGroup(g("g"), fields(nil, hash: "two")), "alice")
        #expect(join(world, "bob", "one") == .wrongGroupPass)
        #expect(join(world, "bob", "two") == nil)
        // The group is deleted and made anew with another one.
        world.act(.deleteGroup(g("g")), "alice")
        create(world, fields(.password, hash: "three"))
        #expect(join(world, "bob", "two") == .wrongGroupPass)
        world.act(.updateGroup(g("g"), fields(.secret)), "alice")
        #expect(join(world, "bob", "three") == .groupJoinNotAllowed)
    }

    @Test func aGroupOfAnotherTypeKeepsNoPassword() {
        let world = world()
        create(world, fields(.open, hash: "ignored"))
        #expect(world.store.groups[g("g")]?.passwordHash == nil)
        #expect(world.refusal(.updateGroup(g("g"), fields(.password)), "alice")?.code == .emptyGroupPass)
        world.act(.updateGroup(g("g"), fields(.password, hash: "one")), "alice")
        world.act(.updateGroup(g("g"), fields(.password, name: "New")), "alice")
        #expect(world.store.groups[g("g")]?.passwordHash == "one", "an update without one leaves it")
        world.act(.updateGroup(g("g"), fields(.open)), "alice")
        #expect(world.store.groups[g("g")]?.passwordHash == nil)
        #expect(join(world, "bob", nil) == nil)
    }

    @Test func membersAndTheBannedAreToldSoBeforeAnyPassword() {
        let world = world()
        create(world, fields(.password, hash: "one"))
        #expect(join(world, "alice", nil) == .alreadyJoined)
        world.act(.ban(g("g"), u("bob")), "alice")
        #expect(join(world, "bob", nil) == .bannedGroupMember)
        #expect(join(world, "bob", "one") == .bannedGroupMember)
    }

    @Test func addingNeedsNoPassword() {
        let world = world()
        create(world, fields(.password, hash: "one"))
        world.act(.addMembers(g("g"), [MemberDraft(uid: u("bob"), scope: .participant)], bans: []), "alice")
        #expect(world.scope("bob", in: "g") == .participant)
    }
}
