import ChatModel
import EventLog
import Testing

@Suite struct EngagementContractTests {
    private func counts(_ bench: Bench, _ id: Int64) throws -> [ReactionCount]? {
        try bench.store.message(bench.app, id: id)?.message.reactions
    }

    private func page(
        _ bench: Bench, _ id: Int64, _ change: (inout ReactionQuery) -> Void = { _ in }
    ) throws -> [String] {
        var query = ReactionQuery(app: bench.app, messageID: id)
        change(&query)
        return try bench.store.reactions(query).reactions.map { "\($0.id)\($0.reaction)\($0.user.record.uid)" }
    }

    @Test(arguments: Backing.allCases) func aReactionStandsUntilItIsTakenBack(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = message(1, "a", toUser("b"))
        try bench.send(sent)
        let word = "👩‍👩‍👧\"\\"
        try bench.commit(2, reaction(word, "b", on: sent, seq: 2, counts: [(word, 1)]))
        try bench.commit(3, reaction("y", "b", on: sent, seq: 3, counts: [(word, 1), ("y", 1)]))
        #expect(
            try counts(bench, 1) == [ReactionCount(reaction: word, count: 1), ReactionCount(reaction: "y", count: 1)])
        #expect(
            canonical(try bench.store.load(.engagement(bench.app, message: 1, uid("b"))))
                == canonical(
                    LoadedEntity.engagement(
                        LoadedEngagement(
                            reactions: [
                                .init(reaction: word, id: 2, at: 1_002), .init(reaction: "y", id: 3, at: 1_003),
                            ],
                            interactions: [], hasCompleted: false))))
        try bench.commit(4, reaction(word, "b", on: sent, seq: 4, of: 2, counts: [("y", 1)]))
        #expect(try page(bench, 1) == ["3yb"])
        #expect(try bench.store.message(bench.app, id: 1, viewer: uid("b"))?.viewer?.reactions == ["y"])
        #expect(try bench.store.message(bench.app, id: 1, viewer: uid("a"))?.viewer?.reactions == [])
        #expect(try bench.store.message(bench.app, id: 1)?.viewer == nil)
    }

    @Test(arguments: Backing.allCases) func reactionsArePagedBothWaysAndByWord(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = message(1, "a", toGroup("g"))
        try bench.commit(1, .group(group("g")), .message(sent))
        for seq in Int64(2)...9 {
            try bench.commit(seq, reaction(seq % 2 == 0 ? "x" : "y", "u\(seq)", on: sent, seq: seq, counts: [("x", 1)]))
        }
        #expect(try page(bench, 1) { $0.limit = 2 } == ["8xu8", "9yu9"])
        #expect(try page(bench, 1) { ($0.limit, $0.cursor) = (2, 8) } == ["6xu6", "7yu7"])
        #expect(try page(bench, 1) { ($0.limit, $0.affix) = (2, .append) } == ["2xu2", "3yu3"])
        #expect(try page(bench, 1) { ($0.affix, $0.cursor) = (.append, 7) } == ["8xu8", "9yu9"])
        #expect(try page(bench, 1) { $0.reaction = "x" } == ["2xu2", "4xu4", "6xu6", "8xu8"])
        #expect(try page(bench, 1) { $0.limit = 0 } == ["9yu9"])
        #expect(try page(bench, 1) { $0.reaction = "z" } == [])
        #expect(try page(bench, 7) == [])
    }

    @Test(arguments: Backing.allCases) func reactionsAreReplayedAtTheirOwnPlacesButNotToTheirOrigin(
        _ backing: Backing
    ) throws {
        let bench = try Bench(backing)
        let sent = message(1, "a", toUser("b"))
        try bench.send(sent)
        try bench.commit(2, reaction("x", "b", on: sent, seq: 2, session: "s", counts: [("x", 1)]))
        try bench.send(message(3, "a", toUser("b")))
        try bench.commit(4, reaction("x", "b", on: sent, seq: 4, of: 2, session: "t", counts: []))
        #expect(try bench.replay("a").items == ["1", "2:+x:b:1", "3", "4:-x:b:1"])
        #expect(try bench.replay("b", session: "s").items == ["1", "3", "4:-x:b:1"])
        #expect(try bench.replay("a", session: "s").items == ["1", "2:+x:b:1", "3", "4:-x:b:1"])
        #expect(try bench.replay("c").items.isEmpty)
        let first = try bench.replay("a", limit: 2)
        #expect(first.items == ["1", "2:+x:b:1"] && first.next == 2)
    }

    @Test(arguments: Backing.allCases) func aGroupsReactionsAreReplayedToTheMembersOfTheirTime(_ backing: Backing)
        throws
    {
        let bench = try Bench(backing)
        let sent = message(2, "a", toGroup("g"))
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "a", at: 1)))
        try bench.send(sent)
        try bench.commit(3, reaction("x", "a", on: sent, seq: 3, counts: [("x", 1)]))
        try bench.commit(4, .memberAdded(member("g", "b", at: 4)))
        try bench.commit(5, reaction("y", "a", on: sent, seq: 5, counts: [("x", 1), ("y", 1)]))
        try bench.commit(6, .memberRemoved(guid("g"), uid("b")))
        try bench.commit(7, reaction("y", "a", on: sent, seq: 7, of: 5, counts: [("x", 1)]))
        #expect(try bench.replay("b").items == ["5:+y:a:2"])
        #expect(try bench.replay("a").items == ["2", "3:+x:a:2", "5:+y:a:2", "7:-y:a:2"])
    }

    @Test(arguments: Backing.allCases) func anActionShowsTheReactionsOfItsOwnTimeOnReplay(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = message(1, "a", toUser("b"))
        try bench.send(sent)
        try bench.commit(2, reaction("x", "b", on: sent, seq: 2, counts: [("x", 1)]))
        try bench.commit(3, reaction("y", "a", on: sent, seq: 3, counts: [("x", 1), ("y", 1)]))
        let subject = MessageSubject.message(MessageAction(kind: .edited, by: uid("a"), on: 1))
        try bench.send(message(4, "a", toUser("b"), category: .action, type: "message", subject: subject))
        try bench.commit(5, reaction("x", "b", on: sent, seq: 5, of: 2, counts: [("y", 1)]))
        try bench.commit(6, reaction("y", "b", on: sent, seq: 6, counts: [("y", 2)]))
        let page = try bench.store.replay(
            ReplayRequest(app: bench.app, uid: uid("b"), session: nil, after: 3, through: 4, limit: 9))
        guard case .message(let action)? = page.items.first, case .message(let changed)? = action.on else {
            throw Unexpected()
        }
        #expect(Set(changed.message.reactions.map { "\($0.reaction)\($0.count)" }) == ["x1", "y1"])
        guard case .message(let now)? = try bench.store.message(bench.app, id: 4)?.on else { throw Unexpected() }
        #expect(now.message.reactions == [ReactionCount(reaction: "y", count: 2)])
    }

    @Test(arguments: Backing.allCases) func whatUsersDidWithADeletedMessageIsForgotten(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = message(1, "a", toUser("b"), category: .interactive, type: "form")
        try bench.send(sent)
        try bench.commit(2, reaction("x", "b", on: sent, seq: 2, counts: [("x", 1)]))
        try bench.commit(
            3, interaction(["e"], "b", on: 1, seq: 3, completion: .init(author: uid("a"), originSession: nil)))
        try bench.commit(4, .messageChanged(sent.deleted(MessageStamp(by: uid("a"), at: 5))))
        #expect(try counts(bench, 1) == [])
        #expect(try page(bench, 1) == [])
        #expect(try bench.replay("a").items == ["1"])
        #expect(
            canonical(try bench.store.load(.engagement(bench.app, message: 1, uid("b"))))
                == canonical(
                    LoadedEntity.engagement(LoadedEngagement(reactions: [], interactions: [], hasCompleted: false))))
    }

    @Test(arguments: Backing.allCases) func interactionsCountOnceAndAreTheViewersOwn(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.send(message(1, "a", toUser("b"), category: .interactive, type: "form"))
        try bench.commit(2, interaction(["z", "e"], "b", on: 1, seq: 2))
        try bench.commit(3, interaction(["e", "a"], "b", on: 1, seq: 3))
        let seen = try #require(try bench.store.message(bench.app, id: 1, viewer: uid("b"))?.viewer?.interactions)
        #expect(seen.map { "\($0.elementID)\($0.at)" } == ["e1002", "z1002", "a1003"])
        #expect(try bench.store.message(bench.app, id: 1, viewer: uid("a"))?.viewer?.interactions == [])
    }

    @Test(arguments: Backing.allCases) func aReachedGoalIsReplayedToTheAuthorWithWhatLedToIt(_ backing: Backing) throws
    {
        let bench = try Bench(backing)
        try bench.send(message(1, "a", toUser("b"), category: .interactive, type: "form"))
        try bench.commit(2, interaction(["e"], "b", on: 1, seq: 2))
        try bench.commit(
            3,
            interaction(
                ["f"], "b", on: 1, seq: 3, completion: .init(author: uid("a"), originSession: SessionID("s"))))
        try bench.commit(4, interaction(["g"], "b", on: 1, seq: 4))
        // Once is enough, and nobody is told of what nobody was told of.
        try bench.commit(
            5, interaction(["h"], "b", on: 1, seq: 5, completion: .init(author: uid("a"), originSession: nil)))
        try bench.commit(
            6, interaction(["h"], "c", on: 1, seq: 6, completion: .init(author: nil, originSession: nil)))
        #expect(try bench.replay("a").items == ["1", "3:done:b:1:e+f"])
        #expect(try bench.replay("a", session: "s").items == ["1", "3:done:b:1:e+f"])
        #expect(try bench.replay("b").items == ["1"])
        guard case .engagement(let loaded) = try bench.store.load(.engagement(bench.app, message: 1, uid("b"))) else {
            throw Unexpected()
        }
        #expect(loaded.hasCompleted)
    }

    @Test(arguments: Backing.allCases) func interactiveMessagesTakeReceiptsLikeOthers(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.send(message(1, "a", toUser("b"), category: .interactive, type: "form"))
        try bench.commit(2, .mark(pair("a", "b"), mark(.read, "b", 1, seq: 2)))
        #expect(try bench.replay("a", after: 1).items == ["2:read:b:1"])
        guard case .pair(let loaded) = try bench.store.load(.pair(bench.app, first: uid("a"), second: uid("b"))) else {
            throw Unexpected()
        }
        #expect(loaded.latest.map(\.id) == [1])
    }
}
