import ChatModel
import EventLog
import Testing

/// Random histories, written to SQLite and to the twin alike: every answer must be the same. The seed replays.
@Suite struct DifferentialTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func bothStoresGiveTheSameAnswers(_ seed: UInt64) throws {
        let (plain, stored) = (try Bench(.memory), try Bench(.sqlite))
        var story = RandomStory(seed: seed, app: plain.app)
        #expect(plain.app == stored.app)
        for round in 0..<120 {
            let batch = story.batch()
            #expect(
                try canonical(plain.commit(batch)) == canonical(stored.commit(batch)), "seed \(seed) round \(round)")
            if round % 10 == 9 { for bench in [plain, stored] { try bench.log.maintain(nowSeconds: 0) } }
            for question in story.questions(12) {
                let (expected, got) = (try question.ask(plain.store), try question.ask(stored.store))
                #expect(expected == got, "seed \(seed) round \(round)")
                if expected != got { return }
            }
        }
    }
}

/// A reading and how to compare what it gives.
struct Question {
    let ask: (any Store) throws -> String
}

/// What a core might decide, at random, with names colliding as often as they can.
struct RandomStory {
    private var random: SeededGenerator
    private let app: AppNumber
    private var seq: Int64 = 0
    private var second: Int64 = 1_000
    private let users = ["a", "b", "c", "d", "e_1", "f-2"]
    private let groups = ["g", "h", "i"]
    /// The latest messages, whether or not they became true.
    private var sent: [MessageRecord] = []
    private var given: [ReactionChange] = []
    private var calls: [CallRecord] = []

    init(seed: UInt64, app: AppNumber) {
        random = SeededGenerator(seed: seed)
        self.app = app
    }

    mutating func batch() -> [LoggedDecision] {
        (0..<Int.random(in: 1...6, using: &random)).map { _ in decision() }
    }

    private mutating func decision() -> LoggedDecision {
        seq += Int64.random(in: 1...3, using: &random)
        // Sometimes a day passes, so that muids come back.
        second += chance(40) ? 50_000 : Int64.random(in: 0...1, using: &random)
        var changes = chance(8) ? callChanges() : [change()]
        if chance(4) { changes.append(bystander()) }
        return LoggedDecision(app: app, seq: seq, at: second, changes: changes)
    }

    /// A step of a call that goes on, or the first of a new one.
    private mutating func callChanges() -> [Change] {
        let event = one(CallEvent.allCases)
        var record: CallRecord
        if let known = calls.randomElement(using: &random), !chance(3) {
            record = known
        } else {
            let receiver = chance(2) ? toUser(one(users)) : toGroup(one(groups))
            record = call(
                "call-\(seq)", one(users), receiver, metadata: chance(2) ? json(#"{"k":1}"#) : nil,
                muid: chance(2) ? "m\(seq)" : nil)
        }
        record.apply(event, by: uid(one(users)), at: second)
        calls.removeAll { $0.session == record.session }
        calls.append(record)
        let sender = chance(2) ? record.facts.initiator.text : one(users)
        let told = message(
            seq, sender, record.facts.receiver, event, of: record, joinedAt: chance(2) ? second : nil, sentAt: second,
            session: chance(2) ? "s1" : nil)
        return [.call(record), .message(told)]
    }

    private mutating func change() -> Change {
        switch Int.random(in: 0..<16, using: &random) {
        case 0..<6:
            let record = record()
            sent = sent.suffix(30) + [record]
            return .message(record)
        case 6, 7: return .mark(conversation(), mark())
        case 8..<12: return aftermath() ?? bystander()
        default: return bystander()
        }
    }

    /// Something that happens to one of the latest messages; it may be changed twice, deleted, or never have been.
    private mutating func aftermath() -> Change? {
        guard let record = sent.randomElement(using: &random) else { return nil }
        let stamp = MessageStamp(by: uid(one(users)), at: second)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: return .messageChanged(record.deleted(stamp))
        case 1:
            let edit = MessageEdit(data: json(#"{"text":"edited"}"#), tags: tags())
            return .messageChanged(record.edited(edit, mentions: [uid(one(users))], stamp))
        case 2:
            let completion = InteractionChange.Completion(
                author: chance(3) ? nil : record.sender, originSession: chance(2) ? SessionID("s1") : nil)
            return .interaction(
                InteractionChange(
                    messageID: record.id, uid: uid(one(users)),
                    interactions: [Interaction(elementID: one(["e1", "e2", "é"]), at: second)],
                    completion: chance(2) ? completion : nil))
        default: return .reaction(reaction(record))
        }
    }

    private mutating func reaction(_ record: MessageRecord) -> ReactionChange {
        let counts = ["x", "y"].prefix(Int.random(in: 0...2, using: &random))
            .map { ReactionCount(reaction: $0, count: Int.random(in: 1...3, using: &random)) }
        if chance(3), let old = given.randomElement(using: &random) {
            return ReactionChange(
                isAdded: false, id: old.id, messageID: old.messageID, conversation: old.conversation, uid: old.uid,
                reaction: old.reaction, at: old.at, originSession: old.originSession, counts: counts)
        }
        let made = ReactionChange(
            isAdded: true, id: seq, messageID: record.id, conversation: record.conversation, uid: uid(one(users)),
            reaction: one(["x", "y", "👍"]), at: second, originSession: chance(2) ? SessionID("s1") : nil,
            counts: counts)
        given = given.suffix(30) + [made]
        return made
    }

    /// Any change that is no message.
    private mutating func bystander() -> Change {
        switch Int.random(in: 0..<26, using: &random) {
        case 24...: .connection(connection())
        case 22, 23: .block(uid(one(users)), blocked: uid(one(users)), exists: !chance(3))
        case 18..<22: .conversation(conversation(), of: uid(one(users)), viewpoint())
        case 0, 1:
            .user(user(one(users), one(["Ann", "bob", "ÉVA", "x%_"]), role: one(["default", "vip"]), tags: tags()))
        case 2: .userDeleted(uid(one(users)))
        case 3: .lastActive(uid(one(users)), at: second)
        case 4: .token(token(UInt8.random(in: 0..<8, using: &random), of: one(users), at: second))
        case 5: chance(2) ? .tokenDeleted(token(3, of: "a").hash) : .tokensDeleted(uid(one(users)))
        case 6: .friendship(uid(one(users)), uid(one(users)), exists: !chance(3))
        case 7, 8: .group(group(one(groups), one(["One", "two"]), type: one(GroupType.allCases), tags: tags()))
        case 9: chance(3) ? groupDeleted(one(groups)) : .lastActive(uid(one(users)), at: second)
        case 10..<14: .memberAdded(member(one(groups), one(users), at: seq, one(MemberScope.allCases)))
        case 14:
            .banned(
                Ban(
                    guid: guid(one(groups)), uid: uid(one(users)), scope: chance(3) ? nil : one(MemberScope.allCases),
                    bannedAt: second, seq: seq))
        case 15: .unbanned(guid(one(groups)), uid(one(users)))
        default: .memberRemoved(guid(one(groups)), uid(one(users)))
        }
    }

    /// No call of a group outlives it.
    private mutating func groupDeleted(_ id: String) -> Change {
        calls.removeAll { $0.facts.receiver == toGroup(id) }
        return .groupDeleted(guid(id))
    }

    private mutating func record() -> MessageRecord {
        let sender = one(users)
        let receiver = chance(2) ? toUser(one(users)) : toGroup(one(groups))
        let category = one(MessageCategory.allCases)
        let subject: MessageSubject =
            chance(3)
            ? .message(MessageAction(kind: one(MessageAction.Kind.allCases), by: uid(sender), on: max(1, seq - 7)))
            : .group(
                GroupAction(
                    kind: one(GroupAction.Kind.allCases), by: uid(sender), on: chance(2) ? uid(one(users)) : nil,
                    scopes: chance(4) ? ScopeChange(old: .moderator, new: one(MemberScope.allCases)) : nil))
        let record = message(
            seq, sender, receiver, muid: chance(2) ? one(["m1", "m2", "m3"]) : nil, category: category,
            type: one(["text", "image"]), parent: chance(4) ? max(1, seq - 5) : nil, sentAt: second,
            session: chance(2) ? one(["s1", "s2"]) : nil, subject: category == .action ? subject : nil, tags: tags(),
            mentions: chance(4) ? [one(users), "nobody"] : [])
        return chance(8) ? record.deleted(by: uid(sender)) : chance(3) ? record : record.saying(text())
    }

    private mutating func text() -> String {
        (0...Int.random(in: 0...3, using: &random)).map { _ in one(["Hello", "hell", "he", "élan", "Elan", "世界", "x"]) }
            .joined(separator: one([" ", ", ", "-"]))
    }

    private mutating func viewpoint() -> ConversationChange {
        let position = Int64.random(in: 0...seq, using: &random)
        return one([.readPointer(position), .readPointer(nil), .hidden(through: position), .tags(tags())])
    }

    private mutating func connection() -> ConnectionEvent {
        let session = ConnectionEvent.Session(
            id: SessionID(one(["s1", "s\"2"]))!, deviceID: chance(2) ? "d" : nil, platform: chance(2) ? "web" : nil)
        let kind: ConnectionEvent.Kind = one([
            .connected(session), .disconnected(session, code: 4203), .online, .offline,
        ])
        return ConnectionEvent(kind: kind, uid: uid(one(users)), at: second)
    }

    private mutating func conversation() -> Conversation {
        chance(2) ? .group(guid(one(groups))) : pair(one(users), one(users))
    }

    private mutating func mark() -> ReceiptMark {
        let reader = chance(6) ? nil : one(users)
        return ReceiptMark(
            kind: one(ReceiptKind.allCases), reader: reader.map(uid),
            messageID: Int64.random(in: 0...seq, using: &random),
            at: second, seq: seq)
    }

    mutating func questions(_ count: Int) -> [Question] {
        (0..<count).map { _ in question() }
    }

    private mutating func question() -> Question {
        let (app, who, group) = (app, uid(one(users + ["stranger"])), guid(one(groups + ["nowhere"])))
        let other = uid(one(users))
        switch Int.random(in: 0..<24, using: &random) {
        case 14..<16:
            var query = ConversationQuery(app: app, viewer: who)
            query.kind = one([nil, .user, .group])
            query.unreadOnly = chance(3)
            if chance(4) { query.tags = ["t1"] }
            query.page = PageNumber(one([1, 2]), size: one([2, 50]))
            let asked = query
            return Question {
                canonical(try $0.conversations(asked)) + canonical(try $0.unreadCounts(app, of: who, asked.kind))
            }
        case 16..<18:
            let with: Receiver = chance(2) ? .user(other) : .group(group)
            return Question { canonical(try $0.conversation(app, of: who, with: with)) }
        case 18:
            let id = Int64.random(in: 0...seq, using: &random)
            return Question { canonical(try $0.message(app, id: id, viewer: who) as Any) }
        case 19: return loading(.engagement(app, message: sent.last?.id ?? 1, who))
        case 20, 21:
            var query = ReactionQuery(app: app, messageID: sent.randomElement(using: &random)?.id ?? 1)
            if chance(2) { query.reaction = one(["x", "👍"]) }
            if chance(2) { query.cursor = Int64.random(in: -1...(seq + 2), using: &random) }
            query.affix = one(HistoryQuery.Affix.allCases)
            query.limit = one([1, 3, 100])
            let asked = query
            return Question { canonical(try $0.reactions(asked)) }
        case 22...:
            let query = FeedQuery(
                app: app, after: Int64.random(in: -1...(seq + 9), using: &random), limit: one([20, 60, 500]))
            return Question { canonical(try $0.feed(query)) }
        case 0: return loading(.user(app, who))
        case 1: return loading(.group(app, group))
        case 2: return loading(.pair(app, first: min(who, other), second: max(who, other)))
        case 3: return loading(.message(app, Int64.random(in: 0...seq, using: &random)))
        case 4:
            let session = calls.randomElement(using: &random)?.session ?? CallSessionID(trusted: "none")
            return Question {
                canonical(try $0.positions(app)) + canonical(try $0.tokens(app, of: who))
                    + canonical(try $0.activeCalls(app)) + canonical(try $0.call(app, session) as Any)
            }
        case 5..<9:
            let after = Int64.random(in: -1...seq, using: &random)
            let request = ReplayRequest(
                app: app, uid: who, session: chance(2) ? SessionID("s1") : nil, after: after,
                through: Int64.random(in: after...(seq + 1), using: &random), limit: one([1, 3, 10, 1_000]))
            return Question { canonical(try $0.replay(request)) }
        case 9..<12:
            let query = history(who, other, group)
            return Question { canonical(try $0.history(query)) }
        case 12:
            var query = UserQuery(app: app)
            if chance(2) { query.searchKey = one(["a", "É", "%", "B"]) }
            if chance(3) { query.friendsOf = who }
            if chance(3) { query.tags = ["t1"] }
            if chance(3) { query.status = chance(2) ? .offline(online: [other]) : .online([other, who]) }
            if chance(4) { query.uids = [other, who] }
            if chance(3) { (query.blocksOf, query.direction) = (who, one(BlockDirection.allCases)) }
            if chance(3) { query.hidingBlockedBy = who }
            query.page = PageNumber(one([1, 2]), size: one([2, 50]))
            let all = users.map(uid)
            return Question {
                canonical(try $0.users(query)) + canonical(try $0.blocks(app, of: who, among: all))
            }
        default:
            var (groups, members) = (
                GroupQuery(app: app, viewer: chance(4) ? nil : who), MemberQuery(app: app, guid: group)
            )
            groups.joinedOnly = chance(3)
            if chance(3) { groups.searchKey = "o" }
            if chance(3) { members.scopes = [.admin] }
            if chance(3) { members.searchKey = "a" }
            if chance(4) { members.status = chance(2) ? .offline(online: [other]) : .online([other, who]) }
            var bans = BanQuery(app: app, guid: group)
            if chance(3) { bans.searchKey = "a" }
            if chance(3) { bans.scopes = [.participant] }
            bans.page = PageNumber(one([1, 2]), size: one([2, 50]))
            members.page = PageNumber(one([1, 2]), size: one([2, 50]))
            let (asked, listed, banned) = (groups, members, bans)
            return Question {
                canonical(try $0.groups(asked)) + canonical(try $0.members(listed)) + canonical(try $0.bans(banned))
                    + canonical(try $0.group(app, group, viewer: who) as Any)
            }
        }
    }

    private func loading(_ key: EntityKey) -> Question { Question { canonical(try $0.load(key)) } }

    private mutating func history(_ who: UserID, _ other: UserID, _ group: GroupID) -> HistoryQuery {
        var query = HistoryQuery(
            app: app, viewer: chance(4) ? nil : who, scope: one([.everything, .user(other), .group(group)]))
        if chance(2) {
            query.cursor =
                chance(2)
                ? .id(Int64.random(in: -1...(seq + 2), using: &random))
                : .sentAt(Int64.random(in: 990...(second + 2), using: &random))
        }
        query.affix = one(HistoryQuery.Affix.allCases)
        if chance(3) { query.categories = [one(MessageCategory.allCases), .message] }
        if chance(4) { query.types = ["image"] }
        if chance(4) { query.parentID = Int64.random(in: 0...seq, using: &random) }
        query.hideReplies = chance(4)
        query.unreadOnly = chance(5)
        query.hideDeleted = chance(4)
        if chance(5) { query.tags = ["t1"] }
        if chance(2) {
            query.searchKey = one(["hello", "HE", "h", "elan x", "x elan", "hell he", "世", "界 hel", "\"*"])
        }
        query.limit = one([1, 4, 100])
        return query
    }

    private mutating func tags() -> [String] { chance(2) ? [] : chance(2) ? ["t1"] : ["t1", "t\"2"] }
    private mutating func chance(_ of: Int) -> Bool { Int.random(in: 0..<of, using: &random) == 0 }
    private mutating func one<T>(_ all: [T]) -> T { all.randomElement(using: &random)! }
}

/// SplitMix64: a seed gives the same story on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
