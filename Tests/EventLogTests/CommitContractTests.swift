import ChatModel
import EventLog
import Testing

@Suite struct CommitContractTests {
    @Test(arguments: Backing.allCases) func appNumbersAreMadeOnceAndKept(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let other = try bench.store.number(ofApp: "app2")
        try bench.reopenIfAsked()
        #expect(try bench.store.number(ofApp: "app1") == bench.app)
        #expect(try bench.store.number(ofApp: "app2") == other)
        #expect(other != bench.app)
    }

    @Test(arguments: Backing.allCases) func positionsFollowCommitsAndReservations(_ backing: Backing) throws {
        let bench = try Bench(backing)
        #expect(try bench.store.positions(bench.app) == LogPositions(committed: 0, reserved: 0))
        try bench.log.reserve(bench.app, through: 500)
        try bench.log.reserve(bench.app, through: 400)
        try bench.send(message(7, "alice", toUser("bob"), sentAt: 99))
        try bench.commit(9, .mark(pair("alice", "bob"), mark(.read, "bob", 7, seq: 9)))
        #expect(
            try bench.store.positions(bench.app) == LogPositions(committed: 9, reserved: 500, lastSentAt: 99))
    }

    @Test(arguments: Backing.allCases) func reservingForAnUnknownAppFails(_ backing: Backing) throws {
        let bench = try Bench(backing)
        #expect(throws: LogFailure.self) { try bench.log.reserve(AppNumber(99), through: 5) }
    }

    @Test(arguments: Backing.allCases) func aMessageIsReadBackWhole(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = MessageRecord(
            id: 3, muid: "m\u{0}é", sender: uid("alice"), receiver: toUser("bob"), category: .custom, type: "x.y",
            data: json(#"{"text":"é\u0000 \n","n":1e400}"#), tags: ["a\"b", "\\", "\u{1F}", "ü"], parentID: 2,
            sentAt: 50, originSession: SessionID("sess"), subject: nil,
            edit: MessageStamp(by: uid("alice"), at: 51), deletion: MessageStamp(by: uid("bob"), at: 52))
        try bench.send(sent)
        let view = try #require(try bench.store.message(bench.app, id: 3))
        #expect(canonical(view.message) == canonical(sent))
        #expect(view.sender.record.name == "alice")
        #expect(try bench.store.message(bench.app, id: 4) == nil)
        #expect(try bench.store.message(try bench.store.number(ofApp: "app2"), id: 3) == nil)
    }

    @Test(arguments: Backing.allCases) func anActionIsReadBackWithTheAffectedUser(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let sent = message(
            4, "alice", toGroup("g"), category: .action, type: "groupMember",
            subject: .group(GroupAction(kind: .added, by: uid("alice"), on: uid("bob"))))
        try bench.commit(1, .user(user("bob")), .group(group("g", "Group")))
        try bench.send(sent)
        let view = try #require(try bench.store.message(bench.app, id: 4))
        #expect(canonical(view.message) == canonical(sent))
        guard case .user(let affected)? = view.on else { throw Unexpected() }
        #expect(affected.record.name == "Bob")
        guard case .group(let receiver) = view.receiver else { throw Unexpected() }
        #expect(receiver.record.name == "Group")
    }

    @Test(arguments: Backing.allCases) func aChangeOfScopeIsReadBackWithBothScopes(_ backing: Backing) throws {
        let bench = try Bench(backing)
        for (id, old) in zip(Int64(4)..., MemberScope.allCases) {
            for (offset, new) in MemberScope.allCases.enumerated() {
                let sent = message(
                    id * 10 + Int64(offset), "alice", toGroup("g"), category: .action,
                    subject: .group(
                        GroupAction(
                            kind: .scopeChanged, by: uid("alice"), on: uid("bob"), scopes: .init(old: old, new: new))))
                try bench.send(sent)
                let view = try #require(try bench.store.message(bench.app, id: sent.id))
                #expect(view.message.subject == sent.subject)
            }
        }
    }

    @Test(arguments: Backing.allCases) func aMessageActionShowsItsMessage(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let kinds = MessageAction.Kind.allCases
        try bench.send(message(3, "alice", toUser("bob")))
        for (id, kind) in zip(Int64(4)..., kinds) {
            let sent = message(
                id, "alice", toUser("bob"), category: .action, type: "message",
                subject: .message(MessageAction(kind: kind, by: uid("alice"), on: 3)))
            try bench.send(sent)
            let view = try #require(try bench.store.message(bench.app, id: id))
            #expect(view.message.subject == sent.subject)
            guard case .message(let target)? = view.on else { throw Unexpected() }
            #expect(target.message.id == 3)
        }
    }

    @Test(arguments: Backing.allCases) func aRepeatedMuidInTheSameBatchLoses(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let outcomes = try bench.commit([
            LoggedDecision(app: bench.app, seq: 1, changes: [.message(message(1, "alice", toUser("bob"), muid: "m"))]),
            LoggedDecision(
                app: bench.app, seq: 2,
                changes: [.message(message(2, "alice", toUser("carol"), muid: "m")), .user(user("dave"))]),
            LoggedDecision(app: bench.app, seq: 3, changes: [.message(message(3, "bob", toUser("alice"), muid: "m"))]),
        ])
        #expect(outcomes.map(firstID) == [nil, 1, nil])
        #expect(try bench.store.message(bench.app, id: 2) == nil)
        #expect(try bench.store.user(bench.app, uid("dave")) == nil)
        #expect(try bench.store.message(bench.app, id: 3) != nil)
    }

    @Test(arguments: Backing.allCases) func aRepeatedMuidInALaterBatchLoses(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.send(message(1, "alice", toUser("bob"), muid: "m", sentAt: 10))
        let later = message(2, "alice", toGroup("g"), muid: "m", sentAt: 10 + 86_399)
        #expect(firstID(try bench.commit(2, .message(later))) == 1)
    }

    @Test(arguments: Backing.allCases) func aMuidMayBeTakenAgainAfterADay(_ backing: Backing) throws {
        let bench = try Bench(backing)
        try bench.send(message(1, "alice", toUser("bob"), muid: "m", sentAt: 10))
        let later = message(2, "alice", toUser("bob"), muid: "m", sentAt: 10 + 86_400)
        #expect(firstID(try bench.commit(2, .message(later))) == nil)
        let again = message(3, "alice", toUser("bob"), muid: "m", sentAt: 10 + 86_401)
        #expect(firstID(try bench.commit(3, .message(again))) == 2)
    }

    @Test(arguments: Backing.allCases) func theSameMuidInAnotherAppIsAnother(_ backing: Backing) throws {
        let bench = try Bench(backing)
        let other = try bench.store.number(ofApp: "app2")
        let decisions = [bench.app, other].map {
            LoggedDecision(app: $0, seq: 1, changes: [.message(message(1, "alice", toUser("bob"), muid: "m"))])
        }
        #expect(try bench.commit(decisions).map(firstID) == [nil, nil])
    }

    @Test(arguments: Backing.allCases) func noDecisionsAreNoTransaction(_ backing: Backing) throws {
        let bench = try Bench(backing)
        #expect(try bench.commit([]).isEmpty)
        try bench.log.maintain(nowSeconds: 0)
    }

    private func firstID(_ outcome: CommitOutcome) -> Int64? {
        if case .duplicate(let first) = outcome { first.id } else { nil }
    }
}

struct Unexpected: Error {}
