import ChatModel
import Foundation
import GRDB
import Testing

@testable import EventLog

/// What an earlier version wrote, in a file brought up to date.
@Suite struct MigrationTests {
    private let file = TemporaryFile()

    /// A file as it was before `migration`, with what `fill` writes.
    private func old(before migration: String, _ fill: (Database) throws -> Void) throws {
        let queue = try DatabaseQueue(path: file.path)
        let names = Schema.migrator.migrations
        let index = try #require(names.firstIndex(of: migration))
        try Schema.migrator.migrate(queue, upTo: names[index - 1])
        try queue.write(fill)
        try queue.close()
    }

    @Test func oldMessagesGetTheirOrdinals() throws {
        try old(before: "3 conversations and filters") { database in
            try database.execute(
                sql: """
                    INSERT INTO apps (number, id) VALUES (1, 'app1');
                    INSERT INTO uids (id, app, uid) VALUES (1, 1, 'a'), (2, 1, 'b'), (3, 1, 'c');
                    INSERT INTO conversations (id, app, first, second) VALUES (1, 1, 1, 2), (3, 1, 2, 3);
                    INSERT INTO conversations (id, app, guid) VALUES (2, 1, 'g');
                    INSERT INTO members (conversation, user, fromSeq, scope, joinedAt) VALUES (2, 1, 1, 0, 1), (2, 2, 3, 0, 1);
                    """)
            let app = MessageKey.make(AppNumber(1), 0)
            // conversation, sender, receiver, category, type
            let rows: [(Int64, Int64, Int64?, Int64, String)] = [
                (1, 1, 2, 0, "text"), (2, 1, nil, 0, "text"), (2, 2, nil, 2, "groupMember"), (1, 2, 1, 4, "form"),
                (2, 2, nil, 1, "poll"), (1, 2, 1, 2, "message"), (2, 1, nil, 0, "text"),
            ]
            for (index, row) in rows.enumerated() {
                try database.execute(
                    sql: """
                        INSERT INTO messages (key, conversation, sender, receiver, category, type, sentAt, data)
                        VALUES (?, ?, ?, ?, ?, ?, 1, '{}')
                        """, arguments: [app + Int64(index + 1), row.0, row.1, row.2, row.3, row.4])
            }
        }
        let store = try SQLiteStore(path: file.path)
        let app = AppNumber(1)
        let found = try store.conversations(ConversationQuery(app: app, viewer: uid("a"))).items
        #expect(found.map(\.conversation.id) == ["group_g", "a_user_b"])
        #expect(found.map(\.lastMessage?.message.id) == [7, 4])
        #expect(found.map(\.unreadCount) == [1, 1])
        #expect(try store.unreadCounts(app, of: uid("b"), nil).map(\.count) == [1, 1])
        #expect(try store.conversations(ConversationQuery(app: app, viewer: uid("c"))).items.isEmpty)
        // New messages go on where the old ones end.
        let log = SQLiteEventLog(store: store)
        _ = try log.commit(
            [message(8, "b", toUser("a")), message(9, "b", toGroup("g")), message(10, "a", toGroup("g"))].map {
                LoggedDecision(app: app, seq: $0.id, changes: [.message($0)])
            })
        #expect(try store.unreadCounts(app, of: uid("a"), nil).map(\.count) == [2, 2])
        #expect(try store.unreadCounts(app, of: uid("b"), nil).map(\.count) == [2, 1])
    }
}
