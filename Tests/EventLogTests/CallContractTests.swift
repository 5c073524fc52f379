import ChatModel
import EventLog
import Testing

@Suite struct CallContractTests {
    private func read(_ bench: Bench, _ session: String) throws -> CallRecord? {
        try bench.store.call(bench.app, CallSessionID(trusted: session))
    }

    @Test(arguments: Backing.allCases) func aCallIsReadBackWholeAndMoves(_ backing: Backing) throws {
        let bench = try Bench(backing)
        var pair = call("one", "a", toUser("b"), metadata: json(#"{"k":[1]}"#), muid: "m")
        var group = call("two", "c", toGroup("g"))
        try bench.commit(1, .call(pair), .message(message(1, "a", toUser("b"), .initiated, of: pair)))
        try bench.commit(2, .call(group), .message(message(2, "c", toGroup("g"), .initiated, of: group)))
        #expect(try read(bench, "one") == pair)
        #expect(try bench.store.activeCalls(bench.app) == [pair, group])
        group.apply(.ongoing, by: uid("d_1"), at: 77)
        pair.apply(.rejected, by: uid("b"), at: 78)
        try bench.commit(3, .call(group))
        try bench.commit(4, .call(pair))
        #expect(try bench.store.activeCalls(bench.app) == [group])
        #expect(try read(bench, "one") == pair)
        #expect(try read(bench, "two")?.participants.map(\.uid) == [uid("c"), uid("d_1")])
        #expect(try read(bench, "two")?.participants.map(\.joinedAt) == [77, 77])
    }

    @Test(arguments: Backing.allCases) func aCallIsOfItsAppAlone(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .call(call("one", "a", toUser("b"))))
        let other = try bench.store.number(ofApp: "app2")
        #expect(try bench.store.activeCalls(other).isEmpty)
        #expect(try bench.store.call(other, CallSessionID(trusted: "one")) == nil)
        #expect(try read(bench, "two") == nil)
    }

    @Test(arguments: Backing.allCases) func eachMessageKeepsWhatItToldOfTheCall(_ backing: Backing) throws {
        let bench = try Bench(backing)
        var record = call("one", "a", toUser("b"), metadata: json("{}"))
        let rung = message(1, "a", toUser("b"), .initiated, of: record)
        try bench.commit(1, .user(user("a")), .call(record), .message(rung))
        record.apply(.ongoing, by: uid("b"), at: 77)
        let accepted = message(2, "b", toUser("a"), .ongoing, of: record, joinedAt: 77)
        try bench.commit(2, .call(record), .message(accepted))
        record.apply(.ended, by: uid("a"), at: 78)
        try bench.commit(3, .call(record), .message(message(3, "a", toUser("b"), .ended, of: record, joinedAt: 77)))
        for (id, told) in [(Int64(1), rung), (2, accepted)] {
            let view = try #require(try bench.store.message(bench.app, id: id))
            #expect(view.message.subject == told.subject)
            guard case .call(let shown)? = view.on, case .user(let callee) = shown.receiver else { throw Unexpected() }
            #expect(shown.initiator.record.name == "A")
            #expect(callee.record.name == "b", "nobody of that name has a record")
        }
        guard case .message(let loaded?) = try bench.store.load(.message(bench.app, 2)) else { throw Unexpected() }
        #expect(loaded.subject == accepted.subject)
        #expect(try bench.history("b", .user(uid("a"))).ids == [1, 2, 3])
    }

    @Test(arguments: Backing.allCases) func aReplayKeepsEachMessageToItsAudience(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .group(group("g")), .memberAdded(member("g", "a", at: 1)))
        try bench.commit(2, .memberAdded(member("g", "b", at: 2)))
        let (pair, team) = (call("one", "a", toUser("b")), call("two", "a", toGroup("g")))
        let told: [(Int64, CallEvent, String, CallRecord)] = [
            (3, .initiated, "a", pair), (4, .busy, "a", pair), (5, .busy, "b", pair), (6, .unanswered, "a", pair),
            (7, .initiated, "a", team), (8, .left, "b", team), (9, .busy, "b", team), (10, .ended, "a", team),
        ]
        for (id, event, sender, record) in told {
            let receiver = record.facts.isGroupCall ? toGroup("g") : toUser(sender == "a" ? "b" : "a")
            try bench.commit(id, .call(record), .message(message(id, sender, receiver, event, of: record)))
        }
        #expect(try bench.replay("a", after: 2).items == ["4", "5", "6", "7", "9", "10"])
        #expect(try bench.replay("b", after: 2).items == ["3", "5", "6", "7", "8", "9", "10"])
        #expect(try bench.history("b", .user(uid("a"))).ids == [3, 4, 5, 6], "the history has all of it")
    }

    @Test(arguments: Backing.allCases) func aDeletedGroupTakesItsCallsAlong(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.commit(1, .group(group("g")))
        for index in Int64(2)..<40 {
            let record = call("call-\(index)", "a", toGroup("g"))
            try bench.commit(index, .call(record), .message(message(index, "a", toGroup("g"), .initiated, of: record)))
        }
        try bench.commit(50, .groupDeleted(guid("g")))
        #expect(try bench.store.activeCalls(bench.app).isEmpty)
        #expect(try read(bench, "call-7") == nil)
        for _ in 0..<3 { try bench.log.maintain(nowSeconds: 0) }
        try bench.commit(51, .group(group("g")))
        #expect(try bench.store.activeCalls(bench.app).isEmpty)
        #expect(try bench.store.message(bench.app, id: 7) == nil)
    }

    @Test(arguments: Backing.allCases) func aDuplicateWritesNoCall(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let (first, second) = (call("one", "a", toUser("b"), muid: "m"), call("two", "a", toUser("b"), muid: "m"))
        func rung(_ id: Int64, _ record: CallRecord) -> MessageRecord {
            MessageRecord(
                id: id, muid: "m", sender: uid("a"), receiver: toUser("b"), category: .call, type: "video",
                data: json("{}"), sentAt: 1_000,
                subject: .call(CallAction(event: .initiated, by: uid("a"), call: record.facts)))
        }
        try bench.commit(1, .call(first), .message(rung(1, first)))
        guard case .duplicate(let known) = try bench.commit(2, .call(second), .message(rung(2, second))) else {
            throw Unexpected()
        }
        #expect(known.subject == rung(1, first).subject)
        #expect(try bench.store.activeCalls(bench.app) == [first])
    }
}
