import ChatModel
import EventLog
import Testing

@Suite struct FeedContractTests {
    private func connection(_ kind: ConnectionEvent.Kind, _ user: String, at: Int64 = 7) -> Change {
        .connection(ConnectionEvent(kind: kind, uid: uid(user), at: at))
    }

    private func session(_ id: String, device: String? = nil, platform: String? = nil) -> ConnectionEvent.Session {
        ConnectionEvent.Session(id: SessionID(id)!, deviceID: device, platform: platform)
    }

    /// Lines as `3 message 7`, `4 read bob 7`, `5 connected bob s1`, …
    private func texts(_ page: FeedPage) -> [String] {
        page.lines.map { line in
            switch line.event {
            case .message(let view): "\(line.n) message \(view.message.id)"
            case .receipts(_, let mark): "\(line.n) \(mark.kind) \(mark.reader?.text ?? "all") \(mark.messageID)"
            case .group(let change, let guid, let view): "\(line.n) \(change) \(guid) \(view == nil ? "gone" : "there")"
            case .block(let uid, let blocked, let exists):
                "\(line.n) \(uid) \(exists ? "blocks" : "unblocks") \(blocked)"
            case .reaction(let event):
                "\(line.n) \(event.isAdded ? "+" : "-")\(event.reaction.reaction) \(event.reaction.user.record.uid)"
            case .completion(let event): "\(line.n) done \(event.user.record.uid) \(event.author)"
            case .connection(let event):
                switch event.kind {
                case .connected(let session): "\(line.n) connected \(event.uid) \(session.id)"
                case .disconnected(let session, let code): "\(line.n) disconnected \(event.uid) \(session.id) \(code)"
                case .online: "\(line.n) online \(event.uid)"
                case .offline: "\(line.n) offline \(event.uid)"
                }
            }
        }
    }

    private func feed(_ bench: Bench, after: Int64 = 0, limit: Int = 100) throws -> FeedPage {
        try bench.store.feed(FeedQuery(app: bench.app, after: after, limit: limit))
    }

    @Test(arguments: Backing.allCases) func linesStandInTheOrderOfTheDecisions(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "alice", at: 1)))
        try bench.send(message(2, "alice", toGroup("g")), message(3, "alice", toUser("bob")))
        try bench.commit(0, connection(.connected(session("s1")), "bob"), connection(.online, "bob"))
        try bench.commit(
            4, .mark(pair("alice", "bob"), mark(.delivered, "bob", 3, seq: 4)),
            .mark(pair("alice", "bob"), mark(.read, "bob", 3, seq: 4)))
        try bench.commit(5, .mark(.group(guid("g")), mark(.read, nil, 2, seq: 5)))
        try bench.commit(0, .user(user("carol")), .lastActive(uid("bob"), at: 9))
        try bench.commit(0, connection(.disconnected(session("s1"), code: 4203), "bob"))
        let page = try feed(bench)
        #expect(
            texts(page) == [
                "1 created g there", "2 message 2", "3 message 3", "4 connected bob s1", "5 online bob",
                "6 delivered bob 3", "7 read bob 3", "8 read all 2", "9 disconnected bob s1 4203",
            ])
        #expect(page.lines.map(\.seq) == [1, 2, 3, 0, 0, 4, 4, 5, 0])
        #expect(page.lines.map(\.bootID) == Array(repeating: "boot", count: 9))
        #expect((page.reached, page.end, page.isLast) == (9, 9, true))
    }

    @Test(arguments: Backing.allCases) func aLineTellsWhen(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit([LoggedDecision(app: bench.app, seq: 1, at: 50, changes: [.group(group("g"))])])
        try bench.send(message(2, "alice", toGroup("g"), sentAt: 60))
        try bench.commit(3, .mark(.group(guid("g")), mark(.read, "bob", 2, seq: 3)))
        try bench.commit(0, connection(.offline, "bob", at: 70))
        #expect(try feed(bench).lines.map(\.at) == [50, 60, 1_003, 70])
    }

    @Test(arguments: Backing.allCases) func aSessionIsReadBackWhole(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let whole = session("s\"1\\", device: "d 1", platform: "android")
        try bench.commit(0, connection(.connected(whole), "bob"), connection(.connected(session("s2")), "bob"))
        let events = try feed(bench).lines.map(\.event)
        #expect(
            canonical(events)
                == canonical(
                    [whole, session("s2")].map {
                        FeedLine.Event.connection(ConnectionEvent(kind: .connected($0), uid: uid("bob"), at: 7))
                    }))
    }

    @Test(arguments: Backing.allCases) func aGroupsLifeIsTold(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .group(group("g")))
        try bench.commit(0, .group(group("g", "Renamed")))
        let owned = GroupRecord(guid: guid("g"), name: "g", type: .open, owner: uid("bob"), createdAt: 100)
        try bench.commit(2, .group(owned))
        try bench.commit(3, .groupDeleted(guid("g")))
        // A group that is not there is not deleted.
        try bench.commit(4, .groupDeleted(guid("g")), .groupDeleted(guid("never")))
        try bench.commit(5, .group(group("g")))
        #expect(
            texts(try feed(bench)) == [
                "1 created g there", "2 updated g there", "3 ownerTransferred(to: bob) g there", "4 deleted g there",
                "5 created g there",
            ])
    }

    @Test(arguments: Backing.allCases) func blocksAreTold(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(0, .block(uid("alice"), blocked: uid("bob"), exists: true))
        try bench.commit([
            LoggedDecision(
                app: bench.app, seq: 0, at: 50, changes: [.block(uid("alice"), blocked: uid("bob"), exists: false)])
        ])
        #expect(texts(try feed(bench)) == ["1 alice blocks bob", "2 alice unblocks bob"])
        #expect(try feed(bench).lines.map(\.at) == [0, 50])
    }

    @Test(arguments: Backing.allCases) func whatUsersDoWithMessagesIsTold(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = message(1, "alice", toUser("bob"), category: .interactive, type: "form")
        try bench.send(sent)
        try bench.commit([
            LoggedDecision(
                app: bench.app, seq: 2, at: 50, changes: [reaction("x", "bob", on: sent, seq: 2, counts: [("x", 1)])])
        ])
        try bench.commit(3, reaction("x", "bob", on: sent, seq: 3, of: 2))
        try bench.commit(4, interaction(["e"], "bob", on: 1, seq: 4))
        try bench.commit(
            5, interaction(["f"], "bob", on: 1, seq: 5, completion: .init(author: nil, originSession: nil)))
        let page = try feed(bench)
        #expect(texts(page) == ["1 message 1", "2 +x bob", "3 -x bob", "4 done bob alice"])
        #expect(page.lines.map(\.seq) == [1, 2, 3, 5])
        #expect(page.lines[1].at == 50)
        let deleted = sent.deleted(MessageStamp(by: uid("alice"), at: 9))
        let action = message(
            6, "alice", toUser("bob"), category: .action, type: "message",
            subject: .message(MessageAction(kind: .deleted, by: uid("alice"), on: 1)))
        try bench.commit(6, .messageChanged(deleted), .message(action))
        #expect(texts(try feed(bench)) == ["1 message 1", "5 message 6"])
    }

    @Test(arguments: Backing.allCases) func aDeletedGroupsHistoryLeavesTheFeed(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .group(group("g")))
        try bench.send(message(2, "alice", toGroup("g")), message(3, "alice", toUser("bob")))
        try bench.commit(4, .mark(.group(guid("g")), mark(.read, "bob", 2, seq: 4)))
        try bench.commit(5, .groupDeleted(guid("g")))
        let expected = ["1 created g gone", "3 message 3", "5 deleted g gone"]
        #expect(texts(try feed(bench)) == expected)
        for _ in 0..<4 { try bench.log.maintain(nowSeconds: 0) }
        #expect(texts(try feed(bench)) == expected)
        // A page of one is full with the first that is left.
        #expect(texts(try feed(bench, after: 1, limit: 1)) == ["3 message 3"])
        #expect(try feed(bench, after: 1, limit: 1).reached == 3)
    }

    @Test(arguments: Backing.allCases) func pagesFollowEachOtherWithoutGapOrDouble(_ backing: Backing) throws {
        let bench = try Bench(backing)
        for id in 1...7 { try bench.send(message(Int64(id), "alice", toUser("bob"))) }
        var (seen, after): ([Int64], Int64) = ([], 0)
        while true {
            let page = try feed(bench, after: after, limit: 3)
            seen += page.lines.map(\.n)
            after = page.reached
            if page.isLast { break }
        }
        #expect(seen == Array(1...7))
    }

    @Test(arguments: Backing.allCases) func aPageMayHoldSomeEventsOnly(_ backing: Backing) throws {
        let bench = try Bench(backing)
        for id: Int64 in 1...9 {
            try bench.send(message(id, "alice", toUser("bob")))
            try bench.commit(0, connection(id % 3 == 0 ? .offline : .online, "bob"))
        }
        let query = FeedQuery(app: bench.app, after: 2, limit: 2, events: [.offline, .groupCreated])
        let page = try bench.store.feed(query)
        #expect(texts(page) == ["6 offline bob", "12 offline bob"])
        #expect(page.reached >= 12 && page.reached <= 18)
        let last = try bench.store.feed(FeedQuery(app: bench.app, after: 18, limit: 2, events: [.offline]))
        #expect(last.lines.isEmpty && last.isLast)
    }

    @Test(arguments: Backing.allCases) func beyondTheEndIsTheEnd(_ backing: Backing) throws {
        let bench = try Bench(backing)
        #expect(try feed(bench, after: 5).reached == 0)
        try bench.send(message(1, "alice", toUser("bob")))
        let page = try feed(bench, after: .max)
        #expect(page.lines.isEmpty)
        #expect((page.reached, page.end) == (1, 1))
    }

    @Test(arguments: Backing.allCases) func appsCountForThemselves(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let other = try bench.store.number(ofApp: "app2")
        try bench.commit([
            LoggedDecision(app: bench.app, seq: 1, changes: [.message(message(1, "alice", toUser("bob")))]),
            LoggedDecision(app: other, seq: 1, changes: [.message(message(1, "alice", toUser("bob")))]),
        ])
        #expect(texts(try feed(bench)) == ["1 message 1"])
        #expect(texts(try bench.store.feed(FeedQuery(app: other, after: 0, limit: 9))) == ["1 message 1"])
    }

    @Test(arguments: Backing.allCases) func aDuplicateMakesNoLine(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.send(message(1, "alice", toUser("bob"), muid: "m"), message(2, "alice", toUser("bob"), muid: "m"))
        try bench.send(message(3, "alice", toUser("bob")))
        #expect(texts(try feed(bench)) == ["1 message 1", "2 message 3"])
    }

    // MARK: What is kept

    @Test(arguments: Backing.allCases) func connectionEventsAreKeptForTheLastLinesOnly(_ backing: Backing) throws {
        let bench = try Bench(backing, feedLinesKept: 3)
        try bench.commit(0, connection(.online, "a"), connection(.offline, "a"))
        try bench.send(message(1, "alice", toUser("bob")))
        try bench.commit(2, .mark(pair("alice", "bob"), mark(.read, "bob", 1, seq: 2)))
        try bench.send(message(3, "alice", toUser("bob")))
        try bench.commit(0, connection(.online, "b"))
        try bench.log.maintain(nowSeconds: 0)
        let kept = ["3 message 1", "4 read bob 1", "5 message 3", "6 online b"]
        #expect(texts(try feed(bench)) == kept)
        #expect(try feed(bench).end == 6)

        // Behind those lines a mark stays until it moves on.
        try bench.commit(4, .mark(pair("alice", "bob"), mark(.read, "bob", 3, seq: 4)))
        for id: Int64 in 5...9 { try bench.send(message(id, "alice", toUser("bob"))) }
        for _ in 0..<3 { try bench.log.maintain(nowSeconds: 0) }
        #expect(texts(try feed(bench)).prefix(3) == ["3 message 1", "5 message 3", "7 read bob 3"])
        #expect(try feed(bench).end == 12)
    }

    @Test(arguments: Backing.allCases) func aSupersededMarkGoesWithTheConnectionEvents(_ backing: Backing) throws {
        let bench = try Bench(backing, feedLinesKept: 2)
        try bench.send(message(1, "alice", toUser("bob")))
        try bench.commit(2, .mark(pair("alice", "bob"), mark(.read, "bob", 1, seq: 2)))
        try bench.send(message(3, "alice", toUser("bob")))
        try bench.commit(4, .mark(pair("alice", "bob"), mark(.read, "bob", 3, seq: 4)))
        try bench.log.maintain(nowSeconds: 0)
        #expect(texts(try feed(bench)) == ["1 message 1", "3 message 3", "4 read bob 3"])
    }

    // MARK: Webhooks

    @Test(arguments: Backing.allCases) func positionsOfWebhooksAreKept(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let other = try bench.store.number(ofApp: "app2")
        try bench.log.keep([
            HookPosition(app: bench.app, name: "b", through: 5), HookPosition(app: bench.app, name: "a", through: 1),
            HookPosition(app: other, name: "a", through: 9),
        ])
        try bench.log.keep([HookPosition(app: bench.app, name: "a", through: 7)])
        try bench.reopenIfAsked()
        #expect(
            try bench.store.hookPositions(bench.app) == [
                HookPosition(app: bench.app, name: "a", through: 7),
                HookPosition(app: bench.app, name: "b", through: 5),
            ])
        try bench.log.keep([HookPosition(app: bench.app, name: "a", through: nil)])
        #expect(try bench.store.hookPositions(bench.app).map(\.name) == ["b"])
        #expect(try bench.store.hookPositions(other).map(\.through) == [9])
    }
}
