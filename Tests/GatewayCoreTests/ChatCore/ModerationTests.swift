import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct ModerationTests {
    /// Alice owns g; anna is another admin, mona a moderator, bob and carol participants; eve is nobody there.
    private func world(_ type: GroupType = .open, _ rules: CoreRules = CoreRules()) -> World {
        let world = World(rules)
        world.user("alice", "anna", "mona", "bob", "carol", "eve")
        world.group("g", ["alice", "anna", "mona", "bob", "carol"], type)
        world.store.members[g("g")]?[u("anna")] = member("anna", .admin)
        world.store.members[g("g")]?[u("mona")] = member("mona", .moderator)
        return world
    }

    private func member(_ uid: String, _ scope: MemberScope) -> Membership {
        Membership(guid: g("g"), uid: u(uid), scope: scope, joinedAt: 1, joinedSeq: 1)
    }

    // MARK: Removing

    @Test func theKickedAreStillThereWhenTheMessageIsWalked() throws {
        let world = world()
        #expect(world.act(.kick(g("g"), u("bob")), "mona")?.isDone == true)
        #expect(world.groupSteps == ["kicked by mona on bob", "-bob"])
        let decision = try #require(world.decisions.last)
        guard case .message(let record)? = decision.changes.first, case .memberRemoved? = decision.changes.last,
            case .message(let event)? = decision.projections.first, case .group(let shown) = event.view.receiver
        else {
            Issue.record("the message, then the membership's end")
            return
        }
        #expect(record.id == decision.seq)
        #expect(shown.membersCount == 4)
        #expect(world.refusal(.send(world.draft(to: group("g"))), "bob")?.code == .notAMember)
        #expect(world.act(.join(g("g"), passwordHash: nil), "bob")?.messageID != nil, "kicked is not banned")
    }

    @Test func theBannedStayOut() {
        let world = world()
        #expect(world.act(.ban(g("g"), u("bob")), "anna")?.isDone == true)
        #expect(world.groupSteps == ["banned by anna on bob", "-bob"])
        #expect(world.store.bans[g("g")]?[u("bob")]?.scope == .participant)
        for operation: GatewayCore.Operation in [
            .join(g("g"), passwordHash: nil), .send(world.draft(to: group("g"))),
            .typing(receiver: group("g"), started: true, metadata: nil),
            .transient(receiver: group("g"), data: JSONBytes(validated: [])), .leave(g("g")),
            .receipt(.read, receiver: group("g"), messageID: 1), .kick(g("g"), u("carol")),
        ] {
            let failure = world.refusal(operation, "bob")
            #expect(failure?.code == .bannedGroupMember && failure?.httpStatus == 403, "\(operation)")
        }
        guard
            case .members(let outcome)? = world.act(
                .addMembers(g("g"), [MemberDraft(uid: u("bob"), scope: .admin)], bans: []), "alice")
        else {
            Issue.record("no results")
            return
        }
        #expect(outcome.added.map(\.failure?.code) == [.bannedGroupMember])
        #expect(world.refusal(.ban(g("g"), u("bob")), "anna")?.code == .alreadyBanned)
        #expect(world.connect("bob", 1)?.snapshot?.groups == [])
    }

    @Test func aPrivateGroupDoesNotExistForTheBanned() {
        let world = world(.secret)
        world.act(.ban(g("g"), u("bob")), "alice")
        #expect(world.refusal(.send(world.draft(to: group("g"))), "bob")?.code == .guidNotFound)
        #expect(world.refusal(.join(g("g"), passwordHash: nil), "bob")?.code == .groupJoinNotAllowed)
    }

    @Test func whoIsBannedWithoutBeingAMemberIsTold() {
        let world = world()
        #expect(world.act(.ban(g("g"), u("eve")), "alice")?.isDone == true)
        #expect(world.groupSteps == ["banned by alice on eve also eve"])
        #expect(world.store.bans[g("g")]?[u("eve")]?.scope == nil)
        #expect(world.refusal(.unban(g("g"), u("eve")), "mona")?.code == .groupNoClearance)
        #expect(world.refusal(.ban(g("g"), u("ghost")), "alice")?.code == .uidNotFound)
    }

    @Test func anUnbannedUserMayComeBackAndIsNotTold() {
        let world = world()
        world.act(.ban(g("g"), u("bob")), "mona")
        world.act(.ban(g("g"), u("mona")), "anna")
        world.forget()
        #expect(world.refusal(.unban(g("g"), u("bob")), "carol")?.code == .groupNoClearance)
        #expect(world.act(.unban(g("g"), u("bob")), "anna")?.isDone == true)
        #expect(world.groupSteps == ["unbanned by anna on bob"])
        #expect(world.store.bans[g("g")]?[u("bob")] == nil)
        #expect(world.refusal(.unban(g("g"), u("bob")), "anna")?.code == .notABannedUser)
        #expect(world.act(.join(g("g"), passwordHash: nil), "bob")?.messageID != nil)
        #expect(world.scope("bob", in: "g") == .participant)
    }

    @Test func moderatorsUnbanWhoWasAParticipantWhenBanned() {
        let world = world()
        world.act(.changeScope(g("g"), u("carol"), to: .moderator), "alice")
        for uid in ["bob", "carol"] { world.act(.ban(g("g"), u(uid)), "alice") }
        #expect(world.refusal(.unban(g("g"), u("carol")), "mona")?.code == .groupNoClearance)
        #expect(world.act(.unban(g("g"), u("bob")), "mona")?.isDone == true)
    }

    @Test func aRemovedUsersTypingEndsAndMayNotBeginAgain() {
        let world = world()
        world.connect("bob", 1)
        world.typing(1, group("g"), true)
        world.forget()
        world.act(.kick(g("g"), u("bob")), "alice")
        #expect(world.heard == ["ended bob->group g"])
        world.typing(1, group("g"), true)
        #expect(world.heard == ["ended bob->group g"])
        #expect(world.core.counts.timers == 0)
    }

    @Test(arguments: [true, false]) func removingTheLastWhoLackedAMessageCompletesIt(_ bans: Bool) throws {
        let world = world()
        for (index, uid) in ["alice", "anna", "mona", "bob", "carol"].enumerated() {
            world.connect(uid, UInt64(index + 1))
        }
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        for connection in [2, 3, 5] as [UInt64] { world.receipt(.read, connection, group("g"), id) }
        world.forget()
        world.act(bans ? .ban(g("g"), u("bob")) : .kick(g("g"), u("bob")), "alice")
        #expect(world.receipts == ["deliveredToAll \(id) to alice", "readByAll \(id) to alice"])
        #expect(Set(world.decisions.map(\.seq)).count == 3)
    }

    @Test func anAuthorWhoWasRemovedIsToldOfNoReceipt() throws {
        let world = world()
        world.connect("bob", 1)
        world.connect("carol", 2)
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.act(.kick(g("g"), u("bob")), "alice")
        world.forget()
        world.receipt(.read, 2, group("g"), id)
        #expect(world.receipts == [])
        #expect(!world.decisions.flatMap(\.changes).isEmpty, "the mark moves all the same")
    }

    // MARK: Who

    @Test func whoMayNotIsToldWhichRuleItIs() {
        let world = world()
        let cases: [(GatewayCore.Operation, String, ErrorCode, Int)] = [
            (.kick(g("g"), u("bob")), "carol", .groupNoClearance, 403),
            (.kick(g("g"), u("anna")), "mona", .groupNoClearance, 403),
            (.kick(g("g"), u("alice")), "anna", .groupNoClearance, 403),
            (.kick(g("g"), u("bob")), "bob", .groupNoSelfAction, 403),
            (.kick(g("g"), u("eve")), "anna", .notAMember, 400),
            (.kick(g("g"), u("bob")), "eve", .notAMember, 403),
            (.kick(g("g"), u("ghost")), "anna", .uidNotFound, 404),
            (.kick(g("ghost"), u("bob")), "anna", .guidNotFound, 404),
            (.ban(g("g"), u("alice")), "anna", .groupNoClearance, 403),
            (.ban(g("g"), u("eve")), "mona", .groupNoClearance, 403),
            (.ban(g("g"), u("mona")), "mona", .groupNoSelfAction, 403),
            (.unban(g("g"), u("bob")), "anna", .notABannedUser, 400),
            (.changeScope(g("g"), u("bob"), to: .moderator), "carol", .groupNoScopeClearance, 403),
            (.changeScope(g("g"), u("bob"), to: .admin), "mona", .groupNoScopeClearance, 403),
            (.changeScope(g("g"), u("alice"), to: .participant), "anna", .groupNoScopeClearance, 403),
            (.changeScope(g("g"), u("bob"), to: .participant), "anna", .sameScope, 409),
            (.changeScope(g("g"), u("eve"), to: .moderator), "anna", .notAMember, 400),
            (.changeScope(g("g"), u("anna"), to: .participant), "anna", .groupNoSelfAction, 403),
            (.transferGroup(g("g"), to: u("bob")), "anna", .groupNoClearance, 403),
            (.transferGroup(g("g"), to: u("eve")), "alice", .notAMember, 400),
            (.transferGroup(g("g"), to: u("alice")), "alice", .groupNoSelfAction, 403),
            (.transferGroup(g("g"), to: u("bob")), "eve", .notAMember, 403),
            (.updateGroup(g("g"), GroupFields()), "bob", .groupNoModeratorScope, 403),
            (.updateGroup(g("g"), GroupFields()), "eve", .notAMember, 403),
            (.addMembers(g("g"), [], bans: [u("eve")]), "carol", .groupNoClearance, 403),
        ]
        for (operation, uid, code, status) in cases {
            let failure = world.refusal(operation, uid)
            #expect(failure?.code == code && failure?.httpStatus == status, "\(operation) by \(uid): \(failure as Any)")
        }
        #expect(world.groupSteps == [])
        #expect(world.decisions.allSatisfy { $0.changes.isEmpty })
    }

    @Test func theSystemActsInTheOwnersNameAndSparesTheOwner() {
        let world = world()
        for operation: GatewayCore.Operation in [
            .kick(g("g"), u("bob")), .ban(g("g"), u("carol")), .unban(g("g"), u("carol")),
            .changeScope(g("g"), u("mona"), to: .admin),
        ] {
            #expect(world.ask(operation)?.isDone == true)
        }
        #expect(
            world.groupSteps == [
                "kicked by alice on bob", "-bob", "banned by alice on carol", "-carol", "unbanned by alice on carol",
                "scopeChanged by alice on mona moderator>admin",
            ])
        #expect(world.refusal(.kick(g("g"), u("alice")))?.code == .groupNoClearance)
        #expect(world.refusal(.ban(g("g"), u("alice")))?.code == .groupNoClearance)
        #expect(world.refusal(.changeScope(g("g"), u("alice"), to: .moderator))?.code == .groupNoScopeClearance)
    }

    @Test func inAGroupThatNobodyOwnsTheSystemActsInItsOwnName() {
        let world = world()
        world.ask(.deleteUser(u("alice"), permanent: true))
        world.forget()
        #expect(world.ask(.kick(g("g"), u("bob")))?.isDone == true)
        #expect(world.groupSteps == ["kicked by app_system on bob", "-bob"])
        #expect(world.ask(.transferGroup(g("g"), to: u("carol"))) != nil)
        #expect(world.store.groups[g("g")]?.owner == u("carol"))
    }

    // MARK: Scope, owner

    @Test func aNewScopeCountsAtOnceAndIsTold() {
        let world = world()
        #expect(world.act(.changeScope(g("g"), u("bob"), to: .moderator), "mona")?.isDone == true)
        #expect(world.groupSteps == ["scopeChanged by mona on bob participant>moderator"])
        #expect(world.scope("bob", in: "g") == .moderator)
        #expect(world.act(.kick(g("g"), u("carol")), "bob")?.isDone == true)
        #expect(world.act(.changeScope(g("g"), u("bob"), to: .participant), "mona")?.isDone == true)
        #expect(world.refusal(.kick(g("g"), u("mona")), "bob")?.code == .groupNoClearance)
    }

    @Test func theNewOwnerIsAnAdminAndTheOldOneMayLeave() throws {
        let world = world()
        guard case .group(let view)? = world.act(.transferGroup(g("g"), to: u("bob")), "alice") else {
            Issue.record("no group")
            return
        }
        #expect(view.record.owner == u("bob"))
        #expect(view.viewer?.scope == .admin)
        #expect(world.groupSteps == [], "clients are told nothing")
        #expect(world.scope("bob", in: "g") == .admin)
        #expect(world.store.members[g("g")]?[u("bob")]?.joinedSeq == 1, "the stay goes on")
        #expect(world.refusal(.leave(g("g")), "bob")?.code == .ownerCannotLeave)
        #expect(world.act(.leave(g("g")), "alice")?.isDone == true)
        #expect(world.refusal(.transferGroup(g("g"), to: u("carol")), "anna")?.code == .groupNoClearance)
    }

    // MARK: Life of bans

    @Test func bansGoWithTheUserAndWithTheGroup() {
        let world = world()
        for uid in ["bob", "eve"] { world.act(.ban(g("g"), u(uid)), "alice") }
        world.ask(.deleteUser(u("bob"), permanent: true))
        var fields = UserFields()
        fields.name = "Bob"
        world.ask(.createUser(u("bob"), fields, withToken: nil))
        #expect(world.act(.join(g("g"), passwordHash: nil), "bob")?.messageID != nil, "who has the uid now is free")

        world.act(.deleteGroup(g("g")), "alice")
        var group = GroupFields()
        group.name = "G"
        world.act(.createGroup(g("g"), group, owner: nil, members: [], bans: []), "alice")
        #expect(world.act(.join(g("g"), passwordHash: nil), "eve")?.messageID != nil)
    }

    @Test func aReadThatMissedTheDeletionOfABannedUserBringsNoBanBack() {
        let world = world()
        world.store.bans[g("g")] = [
            u("bob"): Ban(guid: g("g"), uid: u("bob"), scope: .participant, bannedAt: 1, seq: 5)
        ]
        world.store.members[g("g")]?[u("bob")] = nil
        world.answersLoads = false
        world.commits = false
        // The group is asked for before the deletion is decided, and its answer comes after.
        let waiting = world.post(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("eve")))
        let stale = world.store.load(.group(World.app, g("g")))
        var fields = UserFields()
        fields.name = "Bob"
        let deleted = world.post(.deleteUser(u("bob"), permanent: true))
        let made = world.post(.createUser(u("bob"), fields, withToken: nil))
        for key in world.output.loads where key != .group(World.app, g("g")) {
            world.core.loaded(key, world.store.load(key), at: world.clock)
        }
        #expect(world.reply(to: deleted) != nil && world.reply(to: made) != nil)
        world.core.loaded(.group(World.app, g("g")), stale, at: world.clock)
        #expect(world.reply(to: waiting)?.messageID != nil)
        let joined = world.post(.join(g("g"), passwordHash: nil), as: .backend(onBehalfOf: u("bob")))
        #expect(world.reply(to: joined)?.messageID != nil)
    }

    @Test func aBanSurvivesEvictionAndAFailedCommitTakesItBack() {
        var rules = CoreRules()
        rules.cacheBytesMax = 0
        let world = world(.open, rules)
        world.act(.ban(g("g"), u("bob")), "alice")
        #expect(world.refusal(.join(g("g"), passwordHash: nil), "bob")?.code == .bannedGroupMember)
        world.commits = false
        world.act(.ban(g("g"), u("carol")), "alice")
        #expect(world.refusal(.send(world.draft(to: group("g"))), "carol")?.code == .bannedGroupMember)
        world.fail()
        world.commits = true
        #expect(world.act(.send(world.draft(to: group("g"))), "carol")?.messageID != nil)
    }

    @Test func aGroupHasSoManyBansAndNoMore() {
        var rules = CoreRules()
        rules.bansPerGroup = 1
        let world = world(.open, rules)
        world.act(.ban(g("g"), u("bob")), "alice")
        let failure = world.refusal(.ban(g("g"), u("carol")), "alice")
        #expect(failure?.code == .badRequest)
        #expect(failure?.message.contains("bansPerGroup") == true)
        #expect(world.scope("carol", in: "g") == .participant)
        world.act(.unban(g("g"), u("bob")), "alice")
        #expect(world.act(.ban(g("g"), u("carol")), "alice")?.isDone == true)
    }

    // MARK: Adding and banning in one call

    @Test func whoStandsInBothListsIsBanned() {
        let world = world()
        let drafts = ["eve", "bob"].map { MemberDraft(uid: u($0), scope: .participant) }
        guard
            case .members(let outcome)? = world.act(
                .addMembers(g("g"), drafts, bans: [u("eve"), u("bob"), u("alice"), u("ghost"), u("anna")]), "anna")
        else {
            Issue.record("no results")
            return
        }
        #expect(
            outcome.banned.map(\.failure?.code) == [
                nil, nil, .groupNoClearance, .uidNotFound, .groupNoSelfAction,
            ])
        #expect(outcome.added.map(\.failure?.code) == [.bannedGroupMember, .bannedGroupMember])
        #expect(world.groupSteps == ["banned by anna on eve also eve", "banned by anna on bob", "-bob"])
    }

    @Test func aModeratorBansParticipantsInOneCall() {
        let world = world()
        guard
            case .members(let outcome)? = world.act(
                .addMembers(g("g"), [], bans: [u("bob"), u("anna"), u("eve")]), "mona")
        else {
            Issue.record("no results")
            return
        }
        #expect(outcome.banned.map(\.failure?.code) == [nil, .groupNoClearance, .groupNoClearance])
    }
}
