extension Schema {
    /// `receiver` NULL: a group. `type`, `status`: codes. `participants`: `CallText`. `callMessages`: what a call message
    /// (by its key) is about, beside its row's `action` and `actionBy`; apart, so that no other message pays for it.
    static let calls = """
        CREATE TABLE calls (
            id INTEGER PRIMARY KEY,
            app INTEGER NOT NULL,
            session TEXT NOT NULL,
            conversation INTEGER NOT NULL,
            initiator INTEGER NOT NULL,
            receiver INTEGER,
            type INTEGER NOT NULL,
            status INTEGER NOT NULL,
            initiatedAt INTEGER NOT NULL,
            participants TEXT,
            metadata TEXT,
            muid TEXT,
            UNIQUE (app, session)
        ) STRICT;
        CREATE INDEX callsActive ON calls (app) WHERE status IN (0, 1);
        CREATE INDEX callsOfConversation ON calls (conversation);

        CREATE TABLE callMessages (
            key INTEGER PRIMARY KEY,
            call INTEGER NOT NULL,
            joinedAt INTEGER
        ) STRICT;
        """
}
