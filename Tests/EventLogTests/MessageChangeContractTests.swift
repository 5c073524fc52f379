import ChatModel
import EventLog
import Testing

@Suite struct MessageChangeContractTests {
    private func edited(_ record: MessageRecord, at: Int64 = 2_000) -> MessageRecord {
        let edit = MessageEdit(data: json(#"{"text":"new"}"#), tags: ["n"], mentions: [])
        return record.edited(edit, mentions: [uid("c")], MessageStamp(by: uid("a"), at: at))
    }

    private func stored(_ bench: Bench, _ id: Int64) throws -> MessageRecord {
        try #require(try bench.store.message(bench.app, id: id)).message
    }

    @Test(arguments: Backing.allCases) func anEditReplacesBodyTagsAndMentionsAndNothingElse(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = message(1, "a", toUser("b"), muid: "m", session: "s", tags: ["t"], mentions: ["b"])
        try bench.send(sent)
        try bench.commit(2, .messageChanged(edited(sent)))
        #expect(canonical(try stored(bench, 1)) == canonical(edited(sent)))
        #expect(
            canonical(try bench.store.load(.message(bench.app, 1))) == canonical(LoadedEntity.message(edited(sent))))
        guard case .duplicate(of: let first) = try bench.commit(3, .message(message(3, "a", toUser("b"), muid: "m")))
        else { throw Unexpected() }
        #expect(canonical(first) == canonical(edited(sent)))
    }

    @Test(arguments: Backing.allCases) func aDeletedMessageKeepsNothingThatWasWritten(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = message(1, "a", toGroup("g"), muid: "m", tags: ["t"], mentions: ["b"])
        try bench.send(sent)
        try bench.commit(2, .messageChanged(edited(sent)))
        let deleted = edited(sent).deleted(MessageStamp(by: uid("b"), at: 3_000))
        try bench.commit(3, .messageChanged(deleted))
        let found = try stored(bench, 1)
        #expect(found.data == json("{}") && found.tags == [] && found.mentions == [])
        #expect(found.edit?.at == 2_000 && found.deletion == MessageStamp(by: uid("b"), at: 3_000))
        #expect(found.muid == "m" && found.sentAt == sent.sentAt)
    }

    @Test(arguments: Backing.allCases) func aChangeOfNoMessageMakesNone(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = message(2, "a", toGroup("g"))
        try bench.commit(1, .group(group("g")))
        try bench.send(sent)
        try bench.commit(3, .groupDeleted(guid("g")))
        try bench.commit(4, .messageChanged(edited(sent)), reaction("x", "b", on: sent, seq: 4, counts: [("x", 1)]))
        try bench.commit(5, .messageChanged(edited(message(99, "a", toUser("b")))))
        #expect(try bench.store.message(bench.app, id: 2) == nil)
        #expect(try bench.store.message(bench.app, id: 99) == nil)
    }

    @Test(arguments: Backing.allCases) func anEditedMessageIsReplayedAsItStandsNowAndItsActionAtItsOwnPlace(
        _ backing: Backing
    ) throws {
        let bench = try Bench(backing)
        let sent = message(1, "a", toUser("b"))
        try bench.send(sent, message(2, "a", toUser("b")))
        let action = message(
            3, "a", toUser("b"), category: .action, type: "message",
            subject: .message(MessageAction(kind: .edited, by: uid("a"), on: 1)))
        try bench.commit(3, .messageChanged(edited(sent)), .message(action))
        #expect(try bench.replay("b").items == ["1", "2", "3"])
        let page = try bench.store.replay(
            ReplayRequest(app: bench.app, uid: uid("b"), session: nil, after: 0, through: 3, limit: 9))
        guard case .message(let first)? = page.items.first, case .message(let last)? = page.items.last,
            case .message(let changed)? = last.on
        else { throw Unexpected() }
        #expect(first.message.data == json(#"{"text":"new"}"#))
        #expect(canonical(changed.message) == canonical(edited(sent)))
    }

    @Test(arguments: Backing.allCases) func repliesAreCountedUntilTheyAreDeleted(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let parent = message(1, "a", toUser("b"))
        let reply = message(2, "b", toUser("a"), parent: 1)
        try bench.send(parent, reply, message(3, "a", toUser("b"), muid: "m", parent: 1))
        #expect(try stored(bench, 1).replyCount == 2)
        // A duplicate is no reply.
        try bench.send(message(4, "a", toUser("b"), muid: "m", parent: 1))
        #expect(try stored(bench, 1).replyCount == 2)
        // What an edit of the parent knows of it does not count.
        try bench.commit(5, .messageChanged(edited(parent)))
        #expect(try stored(bench, 1).replyCount == 2)
        let deleted = reply.deleted(MessageStamp(by: uid("b"), at: 3_000))
        try bench.commit(6, .messageChanged(deleted))
        try bench.commit(7, .messageChanged(deleted))
        #expect(try stored(bench, 1).replyCount == 1)
        let thread = try bench.history(nil, .everything) { $0.parentID = 1 }
        #expect(thread.ids == [2, 3])
    }

    @Test(arguments: Backing.allCases) func onlyThoseOfTheMentionedAreShownWhoExist(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .user(user("b")), .user(user("c")))
        try bench.send(message(2, "a", toUser("b"), mentions: ["c", "nobody", "b"]))
        let view = try #require(try bench.store.message(bench.app, id: 2))
        #expect(view.mentions.map(\.record.name) == ["C", "B"])
        try bench.commit(3, .userDeleted(uid("c")))
        #expect(try bench.store.message(bench.app, id: 2)?.mentions.map(\.record.uid.text) == ["b"])
    }
}
