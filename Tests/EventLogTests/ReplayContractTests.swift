import ChatModel
import EventLog
import Testing

@Suite struct ReplayContractTests {
    @Test(arguments: Backing.allCases) func replayGivesBothSidesOfOneToOneBetweenThePositions(_ backing: Backing) throws
    {
        let bench = try Bench(backing)
        try bench.send(
            message(1, "a", toUser("b")), message(2, "b", toUser("a")), message(3, "c", toUser("b")),
            message(4, "a", toUser("a")), message(5, "a", toUser("c")))
        #expect(try bench.replay("a").items == ["1", "2", "4", "5"])
        #expect(try bench.replay("a", after: 1, through: 4).items == ["2", "4"])
        #expect(try bench.replay("a", after: 5, through: 5).items.isEmpty)
        #expect(try bench.replay("nobody").items.isEmpty)
    }

    @Test(arguments: Backing.allCases) func replayLeavesOutTheResumingSessionsOwnEvents(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.send(
            message(1, "a", toUser("b"), session: "s"), message(2, "a", toUser("b"), session: "t"),
            message(3, "b", toUser("a"), session: "s"))
        #expect(try bench.replay("a", session: "s").items == ["2", "3"])
        #expect(try bench.replay("a").items == ["1", "2", "3"])
    }

    @Test(arguments: Backing.allCases) func replayOfAGroupCoversEachStayWithItsEnds(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "a", at: 1)))
        try bench.send(message(2, "a", toGroup("g")))
        let joined = message(
            3, "b", toGroup("g"), category: .action, subject: .group(.init(kind: .joined, by: uid("b"))))
        try bench.commit(3, .memberAdded(member("g", "b", at: 3)), .message(joined))
        try bench.send(message(4, "a", toGroup("g")))
        let left = message(5, "b", toGroup("g"), category: .action, subject: .group(.init(kind: .left, by: uid("b"))))
        try bench.commit(5, .message(left), .memberRemoved(guid("g"), uid("b")))
        try bench.send(message(6, "a", toGroup("g")))
        try bench.commit(7, .memberAdded(member("g", "b", at: 7)))
        try bench.send(message(8, "a", toGroup("g")))
        #expect(try bench.replay("b").items == ["3", "4", "5", "8"])
        #expect(try bench.replay("b", after: 4, through: 8).items == ["5", "8"])
        #expect(try bench.replay("a").items == ["2", "3", "4", "5", "6", "8"])
    }

    @Test(arguments: Backing.allCases) func replayIncludesTheAffectedUserOfAnAction(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let action = GroupAction(kind: .added, by: uid("a"), on: uid("c"))
        try bench.send(message(2, "a", toGroup("g"), category: .action, subject: .group(action)))
        #expect(try bench.replay("c").items == ["2"])
        #expect(try bench.replay("b").items.isEmpty)
    }

    @Test(arguments: Backing.allCases) func replayPagesJoinWithoutGapOrDouble(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "a", at: 1)))
        try bench.commit(
            (2...60).map { (id: Int64) in
                let receiver = id % 3 == 0 ? toGroup("g") : id % 3 == 1 ? toUser("b") : toUser("c")
                return LoggedDecision(app: bench.app, seq: id, changes: [.message(message(id, "a", receiver))])
            })
        var (items, after, pages): ([String], Int64, Int) = ([], 0, 0)
        while true {
            let page = try bench.replay("a", after: after, through: 60, limit: 7)
            items += page.items
            pages += 1
            guard let next = page.next else { break }
            #expect(page.items.count == 7)
            after = next
        }
        #expect(items == (2...60).map { "\($0)" })
        #expect(pages == 9)
    }

    @Test(arguments: Backing.allCases) func aMovedMarkIsRestatedForTheAuthorsNewestMessageBelowIt(_ backing: Backing)
        throws
    {
        let bench = try Bench(backing)
        try bench.send(
            message(1, "a", toUser("b")), message(2, "a", toUser("b")), message(3, "b", toUser("a")),
            message(4, "a", toUser("b")))
        try bench.commit(5, .mark(pair("a", "b"), mark(.read, "b", 3, seq: 5)))
        #expect(try bench.replay("a", after: 4).items == ["5:read:b:2"])
        #expect(try bench.replay("a", after: 5).items.isEmpty)
        #expect(try bench.replay("b", after: 4).items.isEmpty)
        #expect(try bench.replay("a", after: 4, through: 4).items.isEmpty)
    }

    @Test(arguments: Backing.allCases) func deliveredIsRestatedOnlyWhereItIsAheadOfRead(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.send(message(1, "a", toUser("b")), message(2, "a", toUser("b")))
        let conversation = pair("a", "b")
        try bench.commit(3, .mark(conversation, mark(.read, "b", 1, seq: 3)))
        try bench.commit(4, .mark(conversation, mark(.delivered, "b", 2, seq: 4)))
        #expect(try bench.replay("a", after: 2).items == ["3:read:b:1", "4:delivered:b:2"])
        try bench.commit(5, .mark(conversation, mark(.read, "b", 2, seq: 5)))
        #expect(try bench.replay("a", after: 2).items == ["5:read:b:2"])
    }

    @Test(arguments: Backing.allCases) func groupReceiptsAreRestatedPerReaderAndForAll(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let g = Conversation.group(guid("g"))
        let members = ["a", "b", "c"].map { Change.memberAdded(member("g", $0, at: 1)) }
        try bench.commit([LoggedDecision(app: bench.app, seq: 1, changes: [.group(group("g"))] + members)])
        try bench.send(message(2, "a", toGroup("g")), message(3, "b", toGroup("g")))
        try bench.commit(4, .mark(g, mark(.read, "c", 3, seq: 4)))
        try bench.commit(5, .mark(g, mark(.read, "b", 2, seq: 5)))
        try bench.commit(
            6, .mark(g, mark(.delivered, nil, 2, seq: 6)), .mark(g, mark(.read, nil, 2, seq: 6)))
        #expect(
            try bench.replay("a", after: 3).items
                == ["4:read:c:2", "5:read:b:2", "6:deliveredToAll:all:2", "6:readByAll:all:2"])
        #expect(try bench.replay("b", after: 3).items == ["4:read:c:3"])
        #expect(try bench.replay("c", after: 3).items.isEmpty)
        let page = try bench.replay("a", after: 3, limit: 3)
        #expect(page.items.count == 4 && page.next == nil)
    }

    @Test(arguments: Backing.allCases) func everybodyIsRestatedOnlyToAuthorsOfWhomItIsTrue(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let g = Conversation.group(guid("g"))
        let members = ["a", "b", "c"].map { Change.memberAdded(member("g", $0, at: 1)) }
        try bench.commit([LoggedDecision(app: bench.app, seq: 1, changes: [.group(group("g"))] + members)])
        try bench.send(message(2, "b", toGroup("g")), message(3, "a", toGroup("g")))
        for (seq, reader) in [(4, "b"), (5, "c")] as [(Int64, String)] {
            try bench.commit(seq, .mark(g, mark(.read, reader, 3, seq: seq)))
        }
        // All but a have a's message; of b's, a has nothing.
        try bench.commit(6, .mark(g, mark(.read, nil, 3, seq: 6)))
        #expect(try bench.replay("a", after: 5).items == ["6:readByAll:all:3"])
        #expect(try bench.replay("b", after: 5).items.isEmpty)
        try bench.commit(7, .mark(g, mark(.read, "a", 2, seq: 7)))
        try bench.commit(8, .mark(g, mark(.read, nil, 3, seq: 8)))
        #expect(try bench.replay("b", after: 5).items == ["7:read:a:2", "8:readByAll:all:2"])
    }

    @Test(arguments: Backing.allCases) func aMemberReceiptsNothingFromBeforeTheirJoining(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let g = Conversation.group(guid("g"))
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "a", at: 1)))
        try bench.send(message(2, "a", toGroup("g")))
        try bench.commit(3, .memberAdded(member("g", "b", at: 3)), .mark(g, mark(.read, "b", 3, seq: 3)))
        #expect(try bench.replay("a", after: 2).items.isEmpty)
    }

    @Test(arguments: Backing.allCases) func anAuthorWhoLeftGetsNoReceiptsAfterwards(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let g = Conversation.group(guid("g"))
        try bench.commit(
            1, .group(group("g")), .memberAdded(member("g", "a", at: 1)), .memberAdded(member("g", "b", at: 1)))
        try bench.send(message(2, "a", toGroup("g")))
        try bench.commit(3, .memberRemoved(guid("g"), uid("a")))
        try bench.commit(4, .mark(g, mark(.read, "b", 2, seq: 4)))
        #expect(try bench.replay("a", after: 2).items.isEmpty)
    }

    @Test(arguments: Backing.allCases) func itemsOfOnePositionStayTogether(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let g = Conversation.group(guid("g"))
        let readers = (0..<150).map { "r\($0)" }
        let joins = (["a"] + readers).map { Change.memberAdded(member("g", $0, at: 1)) }
        try bench.commit([LoggedDecision(app: bench.app, seq: 1, changes: [.group(group("g"))] + joins)])
        try bench.send(message(2, "a", toGroup("g")))
        let marks = readers.map { Change.mark(g, mark(.read, $0, 2, seq: 4)) }
        try bench.commit([
            LoggedDecision(app: bench.app, seq: 4, changes: [.message(message(4, "r0", toGroup("g")))] + marks)
        ])
        try bench.send(message(5, "a", toGroup("g")))
        let first = try bench.replay("a", after: 2, limit: 1)
        #expect(first.items.count == 151 && first.items[0] == "4" && first.next == 4)
        let second = try bench.replay("a", after: 4, limit: 1)
        #expect(second.items == ["5"] && second.next == nil)
    }
}
