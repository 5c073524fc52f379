import ChatModel
import EventLog

func uid(_ text: String) -> UserID { UserID(trusted: text) }
func guid(_ text: String) -> GroupID { GroupID(trusted: text) }
func json(_ text: String) -> JSONBytes { JSONBytes(validated: Array(text.utf8)) }

func user(_ id: String, _ name: String? = nil, role: String = "default", tags: [String] = []) -> UserRecord {
    UserRecord(
        uid: uid(id), name: name ?? (id.prefix(1).uppercased() + id.dropFirst()), role: role, tags: tags, createdAt: 100
    )
}

func group(_ id: String, _ name: String? = nil, type: GroupType = .open, tags: [String] = []) -> GroupRecord {
    GroupRecord(guid: guid(id), name: name ?? id, type: type, owner: uid("alice"), tags: tags, createdAt: 100)
}

func member(_ group: String, _ user: String, at seq: Int64, _ scope: MemberScope = .participant) -> Membership {
    Membership(guid: guid(group), uid: uid(user), scope: scope, joinedAt: 1_000 + seq, joinedSeq: seq)
}

func token(_ number: UInt8, of user: String, at: Int64 = 5) -> TokenRecord {
    TokenRecord(hash: TokenHash(Array(repeating: number, count: 32)), uid: uid(user), createdAt: at)
}

/// A message whose `sentAt` is its id past 1,000 unless said.
func message(
    _ id: Int64, _ sender: String, _ receiver: Receiver, muid: String? = nil, category: MessageCategory = .message,
    type: String = "text", parent: Int64? = nil, sentAt: Int64? = nil, session: String? = nil,
    subject: MessageSubject? = nil, tags: [String] = [], mentions: [String] = []
) -> MessageRecord {
    MessageRecord(
        id: id, muid: muid, sender: uid(sender), receiver: receiver, category: category, type: type,
        data: json(#"{"text":"\#(id)"}"#), tags: tags, parentID: parent, sentAt: sentAt ?? 1_000 + id,
        originSession: session.flatMap { SessionID($0) }, subject: subject, mentions: mentions.map(uid))
}

/// A reaction given, or with `of` (where it was given) taken back.
func reaction(
    _ word: String, _ user: String, on record: MessageRecord, seq: Int64, of given: Int64? = nil,
    session: String? = nil, counts: [(String, Int)] = []
) -> Change {
    .reaction(
        ReactionChange(
            isAdded: given == nil, id: given ?? seq, messageID: record.id, conversation: record.conversation,
            uid: uid(user), reaction: word, at: 1_000 + (given ?? seq),
            originSession: session.flatMap { SessionID($0) },
            counts: counts.map { ReactionCount(reaction: $0.0, count: $0.1) }))
}

func interaction(
    _ elements: [String], _ user: String, on id: Int64, seq: Int64,
    completion: InteractionChange.Completion? = nil
) -> Change {
    .interaction(
        InteractionChange(
            messageID: id, uid: uid(user),
            interactions: elements.map { Interaction(elementID: $0, at: 1_000 + seq) }, completion: completion))
}

/// A call from `initiator`; its facts are the same whenever they are made again.
func call(
    _ session: String, _ initiator: String, _ receiver: Receiver, _ status: CallStatus = .initiated,
    in participants: [String] = [], metadata: JSONBytes? = nil, muid: String? = nil
) -> CallRecord {
    CallRecord(
        facts: CallFacts(
            session: CallSessionID(trusted: session), initiator: uid(initiator), receiver: receiver, type: .video,
            initiatedAt: 900, metadata: metadata, muid: muid),
        status: status, participants: participants.map { CallParticipant(uid: uid($0), joinedAt: 950) })
}

/// A message of that call.
func message(
    _ id: Int64, _ sender: String, _ receiver: Receiver, _ event: CallEvent, of call: CallRecord,
    joinedAt: Int64? = nil, sentAt: Int64? = nil, session: String? = nil
) -> MessageRecord {
    message(
        id, sender, receiver, category: .call, type: call.facts.type.rawValue, sentAt: sentAt, session: session,
        subject: .call(CallAction(event: event, by: uid(sender), call: call.facts, joinedAt: joinedAt)))
}

func toUser(_ id: String) -> Receiver { .user(uid(id)) }
func toGroup(_ id: String) -> Receiver { .group(guid(id)) }

func pair(_ one: String, _ other: String) -> Conversation { Conversation(sender: uid(one), receiver: toUser(other)) }

func mark(_ kind: ReceiptKind, _ reader: String?, _ id: Int64, seq: Int64) -> ReceiptMark {
    ReceiptMark(kind: kind, reader: reader.map(uid), messageID: id, at: 1_000 + seq, seq: seq)
}

extension Bench {
    /// Commits messages, each as a decision of its own.
    func send(_ messages: MessageRecord...) throws {
        try commit(messages.map { LoggedDecision(app: app, seq: $0.id, changes: [.message($0)]) })
    }

    /// What a replay gives, as `7` for a message and `9:read:bob:5` for a receipt of bob's for message 5.
    func replay(
        _ user: String, after: Int64 = 0, through: Int64 = 1_000, session: String? = nil, limit: Int = 100
    ) throws -> (items: [String], next: Int64?) {
        let page = try store.replay(
            ReplayRequest(
                app: app, uid: uid(user), session: session.flatMap { SessionID($0) }, after: after, through: through,
                limit: limit))
        let items = page.items.map { item in
            switch item {
            case .message(let view): "\(view.message.id)"
            case .receipt(let event):
                "\(event.seq):\(event.action):\(event.reader?.record.uid.text ?? "all"):\(event.messageID)"
            case .reaction(let event):
                "\(event.seq):\(event.isAdded ? "+" : "-")\(event.reaction.reaction):"
                    + "\(event.reaction.user.record.uid):\(event.reaction.messageID)"
            case .completion(let event):
                "\(event.seq):done:\(event.user.record.uid):\(event.messageID):"
                    + event.interactions.map(\.elementID).joined(separator: "+")
            }
        }
        return (items, page.next)
    }

    /// Ids of a page, and where it says to go on.
    func history(
        _ viewer: String?, _ scope: HistoryQuery.Scope, _ change: (inout HistoryQuery) -> Void = { _ in }
    ) throws -> (ids: [Int64], next: Int64?) {
        var query = HistoryQuery(app: app, viewer: viewer.map(uid), scope: scope)
        change(&query)
        guard case .page(let page) = try store.history(query) else { return ([-1], nil) }
        return (page.messages.map(\.message.id), page.next)
    }
}

extension MessageRecord {
    /// The same message, as it stands after its deletion.
    func deleted(by uid: UserID) -> MessageRecord {
        MessageRecord(
            id: id, muid: muid, sender: sender, receiver: receiver, category: category, type: type, data: json("{}"),
            tags: tags, parentID: parentID, sentAt: sentAt, originSession: originSession, subject: subject,
            deletion: MessageStamp(by: uid, at: sentAt))
    }
}
