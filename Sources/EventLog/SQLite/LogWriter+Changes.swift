internal import ChatModel
internal import GRDB

extension LogWriter {
    /// Writes one change that is no message.
    func apply(_ change: Change, _ app: AppNumber, _ seq: Int64) throws {
        switch change {
        case .message: preconditionFailure("messages are inserted by `apply(_:)` of the decisions")
        case .user(let record): try write(record, app)
        case .userDeleted(let uid): try deleteUser(names.user(app, uid), seq)
        case .lastActive(let uid, let at):
            try run("UPDATE users SET lastActiveAt = ? WHERE id = ?", at, names.user(app, uid))
        case .token(let record): try write(record, app)
        case .tokenDeleted(let hash):
            let row = try statement("DELETE FROM tokens WHERE app = ? AND hash = ?")
            row.bind(1, Int64(app.raw))
            row.bind(2, blob: hash.bytes)
            try row.run()
        case .tokensDeleted(let uid): try run("DELETE FROM tokens WHERE user = ?", names.user(app, uid))
        case .friendship(let one, let other, let exists):
            try setFriends(names.user(app, one), names.user(app, other), exists)
        case .block(let uid, let blocked, let exists):
            try setBlock(names.user(app, uid), names.user(app, blocked), exists)
        case .group(let record): try write(record, app)
        case .groupDeleted(let guid): try deleteGroup(app, guid)
        case .memberAdded(let membership): try add(membership, app)
        case .memberRemoved(let guid, let uid):
            try endStay(names.group(app, guid), names.user(app, uid), seq)
        case .banned(let ban): try write(ban, app)
        case .unbanned(let guid, let uid):
            try run(
                "DELETE FROM bans WHERE conversation = ? AND user = ?", names.group(app, guid), names.user(app, uid))
        case .mark(let conversation, let mark): try write(mark, conversation, app)
        case .conversation(let conversation, let uid, let change):
            try write(change, names.conversation(app, conversation), names.user(app, uid))
        case .messageChanged(let record): try replace(record, app)
        case .reaction(let change): try write(change, app, seq)
        case .interaction(let change): try write(change, app, seq)
        case .connection: break  // Its line is all there is of it.
        case .call(let record): try write(record, app)
        }
    }

    func run(_ sql: StaticString, _ values: Int64...) throws {
        let row = try statement(sql)
        for (index, value) in values.enumerated() { row.bind(Int32(index + 1), value) }
        try row.run()
    }

    // MARK: Users

    private func write(_ record: UserRecord, _ app: AppNumber) throws {
        let row = try statement(
            """
            INSERT INTO users (id, app, uid, name, folded, avatar, link, role, metadata, statusMessage, tags, email,
                credits, createdAt, updatedAt, deactivatedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO UPDATE SET name = excluded.name, folded = excluded.folded, avatar = excluded.avatar,
                link = excluded.link, role = excluded.role, metadata = excluded.metadata,
                statusMessage = excluded.statusMessage, tags = excluded.tags, email = excluded.email,
                credits = excluded.credits, createdAt = excluded.createdAt, updatedAt = excluded.updatedAt,
                deactivatedAt = excluded.deactivatedAt
            """)
        row.bind(1, try names.user(app, record.uid))
        row.bind(2, Int64(app.raw))
        row.bind(3, record.uid.text)
        row.bind(4, record.name)
        row.bind(5, record.name.lowercased())
        row.bind(6, record.avatar)
        row.bind(7, record.link)
        row.bind(8, record.role)
        bind(row, 9, record.metadata)
        row.bind(10, record.statusMessage)
        row.bind(11, record.tags.isEmpty ? nil : TextList.encoded(record.tags))
        row.bind(12, record.email)
        row.bind(13, record.credits)
        row.bind(14, record.createdAt)
        row.bind(15, record.updatedAt)
        row.bind(16, record.deactivatedAt)
        try row.run()
    }

    private func bind(_ row: Prepared, _ index: Int32, _ json: JSONBytes?) {
        if let json { row.bind(index, utf8: json.bytes) } else { row.bindNull(index) }
    }

    private func deleteUser(_ user: Int64, _ seq: Int64) throws {
        try run("DELETE FROM users WHERE id = ?", user)
        try run("DELETE FROM tokens WHERE user = ?", user)
        try run(
            "DELETE FROM friends WHERE friend = ? AND user IN (SELECT friend FROM friends WHERE user = ?)", user, user)
        try run("DELETE FROM friends WHERE user = ?", user)
        try run("DELETE FROM viewpoints WHERE user = ?", user)
        try run("DELETE FROM blocks WHERE user = ?", user)
        try run("DELETE FROM blocks WHERE blocked = ?", user)
        try run("DELETE FROM bans WHERE user = ?", user)
        let stays = try statement("SELECT conversation FROM members WHERE user = ? AND toSeq IS NULL")
        stays.bind(1, user)
        for conversation in try stays.map({ $0.int(0) }) { try endStay(conversation, user, seq) }
    }

    private func write(_ record: TokenRecord, _ app: AppNumber) throws {
        let row = try statement("INSERT OR REPLACE INTO tokens (app, hash, user, createdAt) VALUES (?, ?, ?, ?)")
        row.bind(1, Int64(app.raw))
        row.bind(2, blob: record.hash.bytes)
        row.bind(3, try names.user(app, record.uid))
        row.bind(4, record.createdAt)
        try row.run()
    }

    private func setFriends(_ one: Int64, _ other: Int64, _ exists: Bool) throws {
        for (user, friend) in [(one, other), (other, one)] {
            if exists {
                try run("INSERT OR IGNORE INTO friends (user, friend) VALUES (?, ?)", user, friend)
            } else {
                try run("DELETE FROM friends WHERE user = ? AND friend = ?", user, friend)
            }
        }
    }

    private func setBlock(_ user: Int64, _ blocked: Int64, _ exists: Bool) throws {
        if exists {
            try run("INSERT OR IGNORE INTO blocks (user, blocked) VALUES (?, ?)", user, blocked)
        } else {
            try run("DELETE FROM blocks WHERE user = ? AND blocked = ?", user, blocked)
        }
    }

    // MARK: Groups

    private func write(_ record: GroupRecord, _ app: AppNumber) throws {
        let row = try statement(
            """
            INSERT OR REPLACE INTO groups (conversation, app, guid, name, folded, type, passwordHash, icon, description,
                owner, metadata, tags, createdAt, updatedAt)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        row.bind(1, try names.group(app, record.guid))
        row.bind(2, Int64(app.raw))
        row.bind(3, record.guid.text)
        row.bind(4, record.name)
        row.bind(5, record.name.lowercased())
        row.bind(6, record.type.code)
        row.bind(7, record.passwordHash)
        row.bind(8, record.icon)
        row.bind(9, record.description)
        row.bind(10, try names.user(app, record.owner))
        bind(row, 11, record.metadata)
        row.bind(12, record.tags.isEmpty ? nil : TextList.encoded(record.tags))
        row.bind(13, record.createdAt)
        row.bind(14, record.updatedAt)
        try row.run()
    }

    /// Takes the name from the conversation, which makes it unreachable at once; `purge` removes its messages later, as
    /// there may be millions.
    private func deleteGroup(_ app: AppNumber, _ guid: GroupID) throws {
        guard let conversation = try names.knownGroup(app, guid) else { return }
        names.forgetGroup(app, guid)
        try run("DELETE FROM groups WHERE conversation = ?", conversation)
        try run("DELETE FROM members WHERE conversation = ?", conversation)
        try run("DELETE FROM bans WHERE conversation = ?", conversation)
        try run("DELETE FROM marks WHERE conversation = ?", conversation)
        try run("DELETE FROM viewpoints WHERE conversation = ?", conversation)
        try run("UPDATE conversations SET guid = NULL WHERE id = ?", conversation)
    }

    // MARK: Members

    private func add(_ membership: Membership, _ app: AppNumber) throws {
        let conversation = try names.group(app, membership.guid)
        let user = try names.user(app, membership.uid)
        let scope = membership.scope.code
        // A member who is added again only changes scope: the stay goes on.
        try run(
            "UPDATE members SET scope = ? WHERE conversation = ? AND user = ? AND toSeq IS NULL", scope, conversation,
            user)
        guard database.changesCount == 0 else { return }
        try run(
            """
            INSERT OR REPLACE INTO members (conversation, user, fromSeq, scope, joinedAt) VALUES (?, ?, ?, ?, ?)
            """, conversation, user, membership.joinedSeq, scope, membership.joinedAt)
        try run("UPDATE conversations SET membersCount = membersCount + 1 WHERE id = ?", conversation)
    }

    private func endStay(_ conversation: Int64, _ user: Int64, _ seq: Int64) throws {
        try run(
            "UPDATE members SET toSeq = ? WHERE conversation = ? AND user = ? AND toSeq IS NULL", seq, conversation,
            user)
        guard database.changesCount > 0 else { return }
        try run("UPDATE conversations SET membersCount = membersCount - 1 WHERE id = ?", conversation)
        // Whoever comes back reads from where they join.
        try run(
            "UPDATE viewpoints SET readPointer = NULL WHERE user = ? AND conversation = ? AND readPointer IS NOT NULL",
            user, conversation)
    }

    // MARK: A user's own side of a conversation

    private func write(_ change: ConversationChange, _ conversation: Int64, _ user: Int64) throws {
        try run("INSERT OR IGNORE INTO viewpoints (user, conversation) VALUES (?, ?)", user, conversation)
        let row: Prepared
        switch change {
        case .readPointer(let position):
            row = try statement("UPDATE viewpoints SET readPointer = ? WHERE user = ? AND conversation = ?")
            row.bind(1, position)
        case .hidden(let position):
            row = try statement(
                "UPDATE viewpoints SET hiddenThrough = max(hiddenThrough, ?) WHERE user = ? AND conversation = ?")
            row.bind(1, position)
        case .tags(let tags):
            row = try statement("UPDATE viewpoints SET tags = ? WHERE user = ? AND conversation = ?")
            row.bind(1, tags.isEmpty ? nil : TextList.encoded(tags))
        }
        row.bind(2, user)
        row.bind(3, conversation)
        try row.run()
    }

    private func write(_ ban: Ban, _ app: AppNumber) throws {
        let row = try statement(
            "INSERT OR REPLACE INTO bans (conversation, user, scope, bannedAt, seq) VALUES (?, ?, ?, ?, ?)")
        row.bind(1, try names.group(app, ban.guid))
        row.bind(2, try names.user(app, ban.uid))
        row.bind(3, ban.scope?.code)
        row.bind(4, ban.bannedAt)
        row.bind(5, ban.seq)
        try row.run()
    }

    // MARK: Marks

    private func write(_ mark: ReceiptMark, _ conversation: Conversation, _ app: AppNumber) throws {
        let id = try names.conversation(app, conversation)
        let reader = try mark.reader.map { try names.user(app, $0) } ?? 0
        let row = try statement(
            "INSERT OR REPLACE INTO marks (conversation, reader, kind, peer, message, at, seq) VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        row.bind(1, id)
        row.bind(2, reader)
        row.bind(3, mark.kind.code)
        row.bindNull(4)
        if case .pair(let first, let second) = conversation {
            row.bind(4, try names.user(app, mark.reader == first ? second : first))
            try run(
                "INSERT OR IGNORE INTO passages (conversation, reader, kind, message, at) VALUES (?, ?, ?, ?, ?)", id,
                reader, mark.kind.code, mark.messageID, mark.at)
        }
        row.bind(5, mark.messageID)
        row.bind(6, mark.at)
        row.bind(7, mark.seq)
        try row.run()
    }
}
