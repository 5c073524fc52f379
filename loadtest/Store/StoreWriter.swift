internal import ChatModel
internal import EventLog
internal import Reactor

/// Writes the history of a `StorePlan` through the log. Confined to its thread.
struct StoreWriter {
    private let plan: StorePlan
    private let app: AppNumber
    private let log: SQLiteEventLog
    private let progress: Progress
    private var random: SeededRandom
    private var pending: [LoggedDecision] = []
    private var seq: Int64 = 0

    init(_ plan: StorePlan, _ store: SQLiteStore, _ app: AppNumber, _ progress: Progress) {
        self.plan = plan
        self.app = app
        self.progress = progress
        log = SQLiteEventLog(store: store)
        random = SeededRandom(seed: plan.seed)
    }

    mutating func write(into report: inout Report) throws {
        try writePeople()
        let started = SystemTime.monotonicNs()
        for number in 0..<plan.messages {
            seq += 1
            try add(.message(message(number)), at: seq)
            // Most of what is sent is read: a mark for each four messages.
            if number % 4 == 3, let read = read(number) { try add(read, at: 0) }
            progress.show("\(number) messages")
        }
        try commit()
        let written = SystemTime.monotonicNs()
        report.add("write_s", Double(written - started) / 1e9)
        report.add("messages_per_s", Double(plan.messages) / max(Double(written - started) / 1e9, 0.001))
        while try log.maintain(nowSeconds: 0) { progress.show("words") }
        report.add("index_words_s", Double(SystemTime.monotonicNs() - written) / 1e9)
    }

    private mutating func writePeople() throws {
        for user in 0..<plan.users {
            let record = UserRecord(uid: plan.uid(user), name: "User \(user)", createdAt: 1)
            try add(.user(record), at: 0)
        }
        seq = 1
        for group in 0..<plan.groups {
            let guid = plan.guid(group)
            let members = plan.members(of: group)
            try add(
                .group(
                    GroupRecord(
                        guid: guid, name: "Group \(group)", type: .open, owner: plan.uid(members[0]), createdAt: 1)),
                at: 1)
            for member in members {
                try add(
                    .memberAdded(
                        Membership(guid: guid, uid: plan.uid(member), scope: .participant, joinedAt: 1, joinedSeq: 1)),
                    at: 1)
            }
        }
    }

    /// The busy user's conversations come first, one message each; then who writes is drawn, and where.
    private mutating func message(_ number: Int) -> MessageRecord {
        var sender = Int.random(in: 0..<plan.users, using: &random)
        let receiver: Receiver
        if number < plan.busyPairs {
            (sender, receiver) = (number + 1, .user(plan.uid(0)))
        } else if number < plan.busyPairs + plan.busyGroups {
            let group = number - plan.busyPairs
            (sender, receiver) = (plan.members(of: group)[0], .group(plan.guid(group)))
        } else if Int.random(in: 0..<10, using: &random) < 6 {
            var other = plan.neighbour(of: sender, &random)
            if Bool.random(using: &random) { swap(&sender, &other) }
            receiver = .user(plan.uid(other))
        } else {
            let group = Int.random(in: 0..<plan.groups, using: &random)
            sender = plan.members(of: group).randomElement(using: &random) ?? 0
            receiver = .group(plan.guid(group))
        }
        let isImage = Int.random(in: 0..<20, using: &random) == 0
        return MessageRecord(
            id: seq, sender: plan.uid(sender), receiver: receiver, category: .message, type: isImage ? "image" : "text",
            data: JSONBytes(validated: Array(data(isImage: isImage).utf8)), sentAt: 1_700_000_000 + seq / 10)
    }

    private mutating func data(isImage: Bool) -> String {
        let words = (0..<Int.random(in: 3...13, using: &random)).map { _ in StorePlan.word(StorePlan.rank(&random)) }
        let text = "\"text\":\"\(words.joined(separator: " "))\""
        guard isImage else { return "{\(text)}" }
        return """
            {\(text),"attachments":[{"url":"https://example.com/\(seq).jpg","name":"photo-\(seq).jpg","size":1}]}
            """
    }

    /// Somebody has read what was written lately.
    private mutating func read(_ number: Int) -> Change? {
        let reader = Int.random(in: 0..<plan.users, using: &random)
        let mark: Conversation
        if Bool.random(using: &random) {
            let other = plan.neighbour(of: reader, &random)
            mark = Conversation(sender: plan.uid(reader), receiver: .user(plan.uid(other)))
        } else {
            mark = .group(plan.guid(Int.random(in: 0..<plan.groups, using: &random)))
        }
        return .mark(
            mark,
            ReceiptMark(
                kind: .read, reader: plan.uid(reader), messageID: seq - Int64.random(in: 0...200, using: &random),
                at: 1,
                seq: seq))
    }

    private mutating func add(_ change: Change, at seq: Int64) throws {
        pending.append(LoggedDecision(app: app, seq: seq, changes: [change]))
        if pending.count >= plan.batch { try commit() }
    }

    private mutating func commit() throws {
        _ = try log.commit(pending)
        pending.removeAll(keepingCapacity: true)
    }
}
