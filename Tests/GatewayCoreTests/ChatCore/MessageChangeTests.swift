import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// Edits, deletions and replies (protocol.md §6, §6.1, §7).
@Suite struct MessageChangeTests {
    private func world(_ rules: CoreRules = CoreRules()) -> World {
        let world = World(rules)
        world.user("owner", "admin", "moderator", "author", "participant", "stranger", "other")
        world.group("g", ["owner", "admin", "moderator", "author", "participant"])
        world.scope("g", "admin", .admin)
        world.scope("g", "moderator", .moderator)
        return world
    }

    private func edit(_ text: String = "new", mentions: [UserID] = []) -> MessageEdit {
        MessageEdit(data: JSONBytes(validated: Array(#"{"text":"\#(text)"}"#.utf8)), tags: ["t"], mentions: mentions)
    }

    private func acting(_ uid: String) -> Caller { .backend(onBehalfOf: uid == "system" ? nil : u(uid)) }

    private func sent(_ world: World, by author: String = "author", to receiver: Receiver = group("g")) throws -> Int64
    {
        try #require(world.ask(.send(world.draft(to: receiver)), as: acting(author))?.messageID)
    }

    enum Act: CaseIterable, Sendable {
        case edit, delete
    }

    private func operation(_ act: Act, _ id: Int64) -> Operation {
        act == .edit ? .editMessage(id, edit()) : .deleteMessage(id)
    }

    @Test(
        arguments: Act.allCases,
        [
            ("owner", ErrorCode?.none), ("admin", nil), ("moderator", nil), ("author", nil), ("system", nil),
            ("participant", .messageNotASender), ("stranger", .notAMember),
        ])
    func inAGroupTheTableDecides(_ act: Act, _ expected: (actor: String, refusal: ErrorCode?)) throws {
        let world = world()
        let id = try sent(world)
        #expect(world.failure(operation(act, id), as: acting(expected.actor)) == expected.refusal)
        let record = try #require(world.store.messages[id])
        let changed = act == .edit ? record.edit : record.deletion
        // The system acts in the author's name.
        let name = expected.actor == "system" ? "author" : expected.actor
        #expect(changed == (expected.refusal == nil ? MessageStamp(by: u(name), at: world.wall) : nil))
    }

    @Test(
        arguments: Act.allCases,
        [
            ("author", ErrorCode?.none), ("system", nil), ("other", .messageNotASender), ("stranger", .messageNoAccess),
        ])
    func aMessageBetweenTwoIsItsAuthors(_ act: Act, _ expected: (actor: String, refusal: ErrorCode?)) throws {
        let world = world()
        let id = try sent(world, to: user("other"))
        #expect(world.failure(operation(act, id), as: acting(expected.actor)) == expected.refusal)
    }

    @Test(arguments: Act.allCases) func whoLeftTheGroupChangesNothingMore(_ act: Act) throws {
        let world = world()
        let id = try sent(world)
        #expect(world.ask(.leave(g("g")), as: acting("author"))?.failureCode == nil)
        #expect(world.failure(operation(act, id), as: acting("author")) == .notAMember)
    }

    @Test(arguments: Act.allCases) func whatIsNotThereIsUnknown(_ act: Act) throws {
        let world = world()
        let id = try sent(world)
        for wrong in [0, -1, id + 1, 99_999_999] {
            #expect(world.failure(operation(act, wrong), as: acting("author")) == .messageIDNotFound)
        }
        #expect(world.failure(.deleteMessage(id), as: acting("author")) == nil)
        #expect(world.failure(operation(act, id), as: acting("author")) == .messageIDNotFound)
    }

    @Test(arguments: Act.allCases) func theGatewaysOwnMessagesStay(_ act: Act) throws {
        let world = world()
        let joined = try #require(world.ask(.join(g("g"), passwordHash: nil), as: acting("stranger"))?.messageID)
        #expect(world.failure(operation(act, joined), as: acting("stranger")) == .invalidMessageCategory)
        let id = try sent(world)
        let action = try #require(world.ask(.editMessage(id, edit()), as: acting("author"))?.messageID)
        #expect(world.failure(operation(act, action), as: acting("author")) == .invalidMessageCategory)
    }

    @Test func anEditIsOneDecisionWithItsActionForTheAudience() throws {
        let world = world()
        let id = try sent(world)
        world.connect("moderator", 7)
        world.forget()
        let origin = Origin.connection(c(7), SessionID("s7")!)
        let reply = world.ask(
            .editMessage(id, edit("x", mentions: [u("other"), u("ghost")])), as: .connection(c(7)), from: origin)
        let decision = try #require(world.decisions.last)
        guard case .messageChanged(let changed)? = decision.changes.first,
            case .message(let action)? = decision.changes.last, case .message(let event)? = decision.projections.first,
            case .message(let shown)? = event.view.on
        else {
            Issue.record("an edit changes one message and makes another")
            return
        }
        #expect(changed.id == id && changed.sender == u("author") && changed.tags == ["t"])
        #expect(changed.mentions == [u("other")])
        #expect(action.id == decision.seq && action.sender == u("moderator") && action.receiver == group("g"))
        #expect(action.subject == .message(MessageAction(kind: .edited, by: u("moderator"), on: id)))
        #expect(action.originSession == SessionID("s7") && event.origin == origin)
        #expect(reply?.messageID == action.id)
        #expect(shown.message === changed && shown.sender.record.uid == u("author"))
        #expect(shown.mentions.map(\.record.uid) == [u("other")] && shown.viewer == nil)
    }

    @Test func aMessageEditedTwiceStandsAsTheLastEditLeftIt() throws {
        let world = world()
        let id = try sent(world)
        world.commits = false
        world.post(.editMessage(id, edit("one")), as: acting("author"))
        world.post(.deleteMessage(id), as: acting("moderator"))
        let late = world.post(.editMessage(id, edit("two")), as: acting("author"))
        world.pump()
        #expect(world.reply(to: late)?.failureCode == .messageIDNotFound)
        world.commits = true
        world.pump()
        let record = try #require(world.store.messages[id])
        #expect(record.edit?.by == u("author") && record.deletion?.by == u("moderator"))
        #expect(record.data == .emptyObject)
    }

    @Test func afterAFailedCommitTheMessageIsAsItWas() throws {
        let world = world()
        let id = try sent(world)
        world.commits = false
        world.ask(.deleteMessage(id), as: acting("author"))
        world.fail()
        world.commits = true
        #expect(world.failure(.editMessage(id, edit()), as: acting("author")) == nil)
        #expect(world.store.messages[id]?.deletion == nil)
    }

    @Test func aMessageThatIsNotCommittedCannotBeChangedYet() throws {
        let world = world()
        world.ask(.send(world.draft(to: group("g"))), as: acting("author"))
        world.commits = false
        let request = world.post(.send(world.draft(to: group("g"), muid: "m")), as: acting("author"))
        world.pump()
        // Its id could be guessed, but the log may still find it to be a duplicate.
        let id = try #require(world.reply(to: request)?.messageID)
        #expect(world.ask(.editMessage(id, edit()), as: acting("author"))?.failureCode == .messageIDNotFound)
    }

    @Test func editsHaveARateOfTheirOwn() throws {
        var rules = CoreRules()
        rules.sendsPerMinute = 2
        let world = world(rules)
        let id = try sent(world)
        world.connect("author", 4)
        for _ in 0..<2 { #expect(world.failure(.editMessage(id, edit()), as: .connection(c(4))) == nil) }
        #expect(world.failure(.editMessage(id, edit()), as: .connection(c(4))) == .tooManyRequests)
        #expect(world.send(4, to: group("g"))?.messageID != nil)
        for _ in 0..<5 { #expect(world.failure(.editMessage(id, edit()), as: acting("author")) == nil) }
    }

    @Test func aGroupMadeAgainHasNoneOfTheOldMessages() throws {
        let world = world()
        let id = try sent(world)
        #expect(world.failure(.editMessage(id, edit()), as: acting("author")) == nil)
        world.ask(.deleteGroup(g("g")))
        var fields = GroupFields()
        fields.name = "again"
        let again = Operation.createGroup(g("g"), fields, owner: u("author"), members: [], bans: [])
        #expect(world.failure(again) == nil)
        #expect(world.failure(.editMessage(id, edit()), as: acting("author")) == .messageIDNotFound)
    }

    @Test func aReadThatMissedTheGroupsEndDoesNotBringItsMessagesBack() throws {
        let world = world()
        let id = try sent(world)
        var fields = GroupFields()
        fields.name = "again"
        world.answersLoads = false
        world.commits = false
        // The group is in memory, the message is not: it is being read while the group ends.
        let edit = world.post(.editMessage(id, edit()), as: acting("author"))
        let stale = world.output.loads.count - 1
        world.post(.deleteGroup(g("g")))
        world.answerLoad(at: stale)
        world.answersLoads = true
        world.pump()
        #expect(world.reply(to: edit)?.failureCode != nil)
        world.commits = true
        world.pump()
        #expect(world.failure(.createGroup(g("g"), fields, owner: u("author"), members: [], bans: [])) == nil)
        #expect(world.failure(.deleteMessage(id), as: acting("author")) == .messageIDNotFound)
    }

    @Test func betweenABlockedPairNothingNewIsSaidButThingsAreTakenBack() throws {
        let world = world()
        let id = try sent(world, to: user("other"))
        #expect(world.failure(.react(id, "x", given: true), as: acting("other")) == nil)
        world.ask(.block([u("author")]), as: acting("other"))
        for (actor, code) in [("author", ErrorCode.blockedSender), ("other", .blockedReceiver)] {
            #expect(world.failure(.react(id, "y", given: true), as: acting(actor)) == code)
        }
        #expect(world.failure(.editMessage(id, edit()), as: acting("author")) == .blockedSender)
        let reply = world.draft(to: user("other"), parent: id)
        #expect(world.failure(.send(reply), as: acting("author")) == .blockedSender)
        #expect(world.failure(.editMessage(id, edit()), as: acting("system")) == nil)
        #expect(world.failure(.react(id, "x", given: false), as: acting("other")) == nil)
        #expect(world.failure(.deleteMessage(id), as: acting("author")) == nil)
    }

    // MARK: Replies

    @Test func repliesAreCountedInMemoryAsInTheStore() throws {
        let world = world()
        let parent = try sent(world)
        var replies: [Int64] = []
        for _ in 0..<3 {
            let draft = world.draft(to: group("g"), parent: parent)
            replies.append(try #require(world.ask(.send(draft), as: acting("participant"))?.messageID))
        }
        #expect(world.core.apps[World.app]?.messages[parent]?.record?.replyCount == 3)
        #expect(world.failure(.deleteMessage(replies[1]), as: acting("participant")) == nil)
        #expect(world.core.apps[World.app]?.messages[parent]?.record?.replyCount == 2)
        #expect(world.store.messages[parent]?.replyCount == 2)
    }

    @Test func aDuplicateIsNotCounted() throws {
        let world = world()
        let parent = try sent(world)
        let draft = world.draft(to: group("g"), muid: "m", parent: parent)
        let first = try #require(world.ask(.send(draft), as: acting("author"))?.messageID)
        world.commits = false
        world.ask(.send(draft), as: acting("author"))
        guard case .message(let second)? = world.output.decisions.last?.changes.first else {
            Issue.record("a send is a message")
            return
        }
        world.core.judgedDuplicate(World.app, second)
        #expect(second.id > first)
        #expect(world.core.apps[World.app]?.messages[parent]?.record?.replyCount == 1)
    }

    @Test func aDeletedMessageTakesNoReplies() throws {
        let world = world()
        let parent = try sent(world)
        #expect(world.failure(.deleteMessage(parent), as: acting("author")) == nil)
        let draft = world.draft(to: group("g"), parent: parent)
        #expect(world.failure(.send(draft), as: acting("participant")) == .messageIDNotFound)
    }

    @Test func onlyThoseOfTheMentionedAreKeptWhoExist() throws {
        let world = world()
        var draft = world.draft(to: group("g"))
        draft.mentions = [u("other"), u("ghost"), u("author")]
        guard case .message(let view, _)? = world.ask(.send(draft), as: acting("author")) else {
            Issue.record("it is sent")
            return
        }
        #expect(view.message.mentions == [u("other"), u("author")])
        #expect(view.mentions.map(\.record.name) == ["other", "author"])
    }
}
