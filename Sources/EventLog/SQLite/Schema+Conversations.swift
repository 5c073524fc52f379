extension Schema {
    /// `messages.ordinal`: how many messages that count as unread the conversation has up to here, this one included;
    /// `own`: how many of them are its sender's. So what is unread behind a position is a difference, at any size of
    /// history. `conversations.last`: the key of the newest message but edits and deletions.
    ///
    /// `viewpoints`: one user's own side of a conversation, where it differs from everybody's. Positions: `readPointer`
    /// (below the `read` mark, which never goes back) and `hiddenThrough`. `tags`: `TextList`.
    ///
    /// A text is in neither of the last two indexes: they find what is rare among texts, and cost texts nothing.
    ///
    /// The codes in the indexes are those of `MessageCategory.countsAsUnread`.
    static let conversations = """
        ALTER TABLE conversations ADD COLUMN last INTEGER;
        ALTER TABLE messages ADD COLUMN ordinal INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE messages ADD COLUMN own INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE viewpoints (
            conversation INTEGER NOT NULL,
            user INTEGER NOT NULL,
            readPointer INTEGER,
            hiddenThrough INTEGER NOT NULL DEFAULT 0,
            tags TEXT,
            PRIMARY KEY (conversation, user)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX viewpointsOfUser ON viewpoints (user);
        CREATE INDEX viewpointsSetBack ON viewpoints (conversation) WHERE readPointer IS NOT NULL;

        DROP INDEX messagesOfAuthor;
        CREATE INDEX messagesOfAuthor ON messages (conversation, sender)
            WHERE receiver IS NULL AND category IN (0, 1, 4);
        CREATE INDEX messagesDeleted ON messages (conversation, key, sender, category, deletedAt)
            WHERE deletedAt IS NOT NULL AND category IN (0, 1, 4);
        CREATE INDEX messagesOfType ON messages (conversation, type) WHERE type <> 'text';
        CREATE INDEX messagesOfCategory ON messages (conversation, category) WHERE category <> 0;
        """

    /// For what an earlier version wrote.
    static let countMessages = """
        UPDATE messages SET ordinal = counted.ordinal, own = counted.own
        FROM (
            SELECT key,
                sum(category IN (0, 1, 4)) OVER (PARTITION BY conversation ORDER BY key) AS ordinal,
                sum(category IN (0, 1, 4)) OVER (PARTITION BY conversation, sender ORDER BY key) AS own
            FROM messages
        ) AS counted
        WHERE counted.key = messages.key;

        UPDATE conversations SET last = (
            SELECT max(key) FROM messages
            WHERE conversation = conversations.id AND NOT (category = 2 AND type = 'message'));
        """
}
