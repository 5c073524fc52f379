internal import GRDB

/// The tables, and how a file of an earlier version becomes one of this. A landed migration is never edited.
///
/// Uids, guids and conversations are interned to integers that are unique in the whole file, so only the tables of names
/// carry the app. Message rows are keyed by `MessageKey`; so each index on them is in log order behind its own columns,
/// and one in which an app does not show needs no app column. There are no foreign keys: names outlive records.
enum Schema {
    /// In the file's header, so that nobody's other database is taken for ours: "Hall".
    static let applicationID: Int64 = 0x4861_6C6C

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 first slice", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: names)
            try database.execute(sql: users)
            try database.execute(sql: groups)
            try database.execute(sql: messages)
            try database.execute(sql: marks)
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
        migrator.registerMigration("2 message subjects and changes", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: messageChanges)
        }
        migrator.registerMigration("3 conversations and filters", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: conversations)
            try database.execute(sql: countMessages)
        }
        migrator.registerMigration("4 blocks", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: blocks)
        }
        migrator.registerMigration("5 bans", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: bans)
        }
        migrator.registerMigration("6 engagement with messages", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: engagement)
        }
        migrator.registerMigration("7 events feed", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: feed)
        }
        migrator.registerMigration("8 words of messages", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: words)
        }
        migrator.registerMigration("9 calls", foreignKeyChecks: .immediate) { database in
            try database.execute(sql: calls)
        }
        return migrator
    }

    /// `muidsForgotten`: the key up to which messages no longer hold their muid.
    private static let names = """
        CREATE TABLE apps (
            number INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            reserved INTEGER NOT NULL DEFAULT 0,
            committed INTEGER NOT NULL DEFAULT 0,
            lastSentAt INTEGER NOT NULL DEFAULT 0,
            muidsForgotten INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        CREATE TABLE uids (
            id INTEGER PRIMARY KEY,
            app INTEGER NOT NULL,
            uid TEXT NOT NULL,
            UNIQUE (app, uid)
        ) STRICT;

        -- 1:1: first and second (uids.id, the lesser first); group: guid; neither: a deleted group whose history is
        -- still to be removed.
        CREATE TABLE conversations (
            id INTEGER PRIMARY KEY,
            app INTEGER NOT NULL,
            first INTEGER,
            second INTEGER,
            guid TEXT,
            membersCount INTEGER NOT NULL DEFAULT 0
        ) STRICT;
        CREATE UNIQUE INDEX conversationsOfPair ON conversations (first, second) WHERE first IS NOT NULL;
        CREATE INDEX conversationsOfSecond ON conversations (second) WHERE second IS NOT NULL;
        CREATE UNIQUE INDEX conversationsOfGroup ON conversations (app, guid) WHERE guid IS NOT NULL;
        CREATE INDEX conversationsDead ON conversations (id) WHERE first IS NULL AND guid IS NULL;
        """

    /// `folded`: the name in lower case, to sort and search by. `tags`: `TextList`.
    private static let users = """
        CREATE TABLE users (
            id INTEGER PRIMARY KEY,
            app INTEGER NOT NULL,
            uid TEXT NOT NULL,
            name TEXT NOT NULL,
            folded TEXT NOT NULL,
            avatar TEXT,
            link TEXT,
            role TEXT NOT NULL,
            metadata TEXT,
            statusMessage TEXT,
            tags TEXT,
            email TEXT,
            credits INTEGER,
            createdAt INTEGER NOT NULL,
            updatedAt INTEGER,
            deactivatedAt INTEGER,
            lastActiveAt INTEGER
        ) STRICT;
        CREATE INDEX usersByName ON users (app, folded, uid);

        CREATE TABLE tokens (
            app INTEGER NOT NULL,
            hash BLOB NOT NULL,
            user INTEGER NOT NULL,
            createdAt INTEGER NOT NULL,
            PRIMARY KEY (app, hash)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX tokensOfUser ON tokens (user, createdAt);

        -- Each friendship twice, once for either side.
        CREATE TABLE friends (
            user INTEGER NOT NULL,
            friend INTEGER NOT NULL,
            PRIMARY KEY (user, friend)
        ) STRICT, WITHOUT ROWID;
        """

    private static let groups = """
        CREATE TABLE groups (
            conversation INTEGER PRIMARY KEY,
            app INTEGER NOT NULL,
            guid TEXT NOT NULL,
            name TEXT NOT NULL,
            folded TEXT NOT NULL,
            type INTEGER NOT NULL,
            passwordHash TEXT,
            icon TEXT,
            description TEXT,
            owner INTEGER NOT NULL,
            metadata TEXT,
            tags TEXT,
            createdAt INTEGER NOT NULL,
            updatedAt INTEGER
        ) STRICT;
        CREATE INDEX groupsByName ON groups (app, folded, guid);

        -- One row per stay; it covers the positions fromSeq to toSeq, both included. toSeq NULL: still a member.
        CREATE TABLE members (
            conversation INTEGER NOT NULL,
            user INTEGER NOT NULL,
            fromSeq INTEGER NOT NULL,
            toSeq INTEGER,
            scope INTEGER NOT NULL,
            joinedAt INTEGER NOT NULL,
            PRIMARY KEY (conversation, user, fromSeq)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX membersOfUser ON members (user);
        CREATE INDEX membersNow ON members (conversation, fromSeq) WHERE toSeq IS NULL;
        """

    /// `receiver` NULL: a group. `parent`: a key. `data`: JSON. The codes in `messagesOfAuthor` are those of
    /// `MessageCategory.takesReceipts`.
    ///
    /// Each index costs a commit about one page per message, so a 1:1 message is in one only: what a user took part in is
    /// merged from their conversations, and muids have a narrow table in which a sender's lie together.
    private static let messages = """
        CREATE TABLE messages (
            key INTEGER PRIMARY KEY,
            conversation INTEGER NOT NULL,
            sender INTEGER NOT NULL,
            receiver INTEGER,
            category INTEGER NOT NULL,
            sentAt INTEGER NOT NULL,
            parent INTEGER,
            action INTEGER,
            actionBy INTEGER,
            actionOn INTEGER,
            type TEXT NOT NULL,
            muid TEXT,
            session TEXT,
            tags TEXT,
            data TEXT NOT NULL
        ) STRICT;
        CREATE INDEX messagesOfConversation ON messages (conversation);
        CREATE INDEX messagesOfAuthor ON messages (conversation, sender) WHERE receiver IS NULL AND category IN (0, 1);
        CREATE INDEX messagesOfThread ON messages (parent) WHERE parent IS NOT NULL;
        CREATE INDEX messagesAbout ON messages (actionOn) WHERE actionOn IS NOT NULL;

        -- The newest message of each muid, for a day and a while. `hash`: MuidRule.hash of it.
        CREATE TABLE muids (
            sender INTEGER NOT NULL,
            hash INTEGER NOT NULL,
            key INTEGER NOT NULL,
            PRIMARY KEY (sender, hash)
        ) STRICT, WITHOUT ROWID;
        """

    /// `reader` 0: everybody but the author. `peer`: the other party of a 1:1 conversation, whose messages the mark is
    /// about; NULL in groups. `passages`: when each 1:1 mark passed which message, as the mark itself only knows its
    /// last move.
    private static let marks = """
        CREATE TABLE marks (
            conversation INTEGER NOT NULL,
            reader INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            peer INTEGER,
            message INTEGER NOT NULL,
            at INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (conversation, reader, kind)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX marksOfPeer ON marks (peer, seq) WHERE peer IS NOT NULL;
        CREATE INDEX marksOfGroup ON marks (conversation, seq) WHERE peer IS NULL;

        CREATE TABLE passages (
            conversation INTEGER NOT NULL,
            reader INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            message INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (conversation, reader, kind, message)
        ) STRICT, WITHOUT ROWID;
        """

    /// `target`: the key of the message that an action changed. `scopes`: `ScopeChange.code`. `…By`: users.
    private static let messageChanges = """
        ALTER TABLE messages ADD COLUMN target INTEGER;
        ALTER TABLE messages ADD COLUMN scopes INTEGER;
        ALTER TABLE messages ADD COLUMN editedAt INTEGER;
        ALTER TABLE messages ADD COLUMN editedBy INTEGER;
        ALTER TABLE messages ADD COLUMN deletedAt INTEGER;
        ALTER TABLE messages ADD COLUMN deletedBy INTEGER;
        """

    /// `scope` NULL: banned while no member.
    private static let bans = """
        CREATE TABLE bans (
            conversation INTEGER NOT NULL,
            user INTEGER NOT NULL,
            scope INTEGER,
            bannedAt INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (conversation, user)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX bansInOrder ON bans (conversation, seq);
        CREATE INDEX bansOfUser ON bans (user);
        """

    /// `mentions`: `TextList` of uids. `replyCount`: without deleted replies. `messages.reactions`: `StoredCounts`. `given`: the
    /// key of a reaction's giving; `stands`: that giving was not taken back. `session`: whose event it was.
    /// `completions.author` NULL: nobody was told.
    private static let engagement = """
        ALTER TABLE messages ADD COLUMN mentions TEXT;
        ALTER TABLE messages ADD COLUMN replyCount INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE messages ADD COLUMN reactions TEXT;

        -- One row per giving and one per taking back, keyed like messages.
        CREATE TABLE reactions (
            key INTEGER PRIMARY KEY,
            message INTEGER NOT NULL,
            conversation INTEGER NOT NULL,
            user INTEGER NOT NULL,
            given INTEGER NOT NULL,
            at INTEGER NOT NULL,
            stands INTEGER NOT NULL,
            reaction TEXT NOT NULL,
            session TEXT
        ) STRICT;
        CREATE INDEX reactionsOfConversation ON reactions (conversation);
        CREATE INDEX reactionsOfMessage ON reactions (message);
        CREATE INDEX reactionsNow ON reactions (message) WHERE stands = 1;
        CREATE INDEX reactionsNowByWord ON reactions (message, reaction) WHERE stands = 1;
        CREATE INDEX reactionsNowByUser ON reactions (message, user) WHERE stands = 1;

        CREATE TABLE interactions (
            message INTEGER NOT NULL,
            user INTEGER NOT NULL,
            element TEXT NOT NULL,
            at INTEGER NOT NULL,
            seq INTEGER NOT NULL,
            PRIMARY KEY (message, user, element)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE completions (
            key INTEGER PRIMARY KEY,
            message INTEGER NOT NULL,
            user INTEGER NOT NULL,
            author INTEGER,
            session TEXT
        ) STRICT;
        CREATE UNIQUE INDEX completionsOfMessage ON completions (message, user);
        CREATE INDEX completionsOfAuthor ON completions (author) WHERE author IS NOT NULL;
        """

    /// `key`: app and number, as in `messages`. `kind`: `FeedRow.Kind`; the other columns are told there. Rows come at
    /// the end only, so one costs a commit a few dozen bytes of a page that is being written anyway.
    ///
    /// `feeds`: `last` number given, `reserved` ones durably, `pruned`: up to here what is kept for a while is gone,
    /// `unpruned`: lines behind that; `swept` and `sweepLeft`: where the search for dead lines stands, and how far it
    /// has to go; `boot`: the start that wrote last. `boots`: the number from which on each start wrote.
    private static let feed = """
        CREATE TABLE feed (
            key INTEGER PRIMARY KEY,
            kind INTEGER NOT NULL,
            seq INTEGER,
            at INTEGER,
            user INTEGER,
            conversation INTEGER,
            value INTEGER,
            detail TEXT
        ) STRICT;

        CREATE TABLE feeds (
            app INTEGER PRIMARY KEY,
            last INTEGER NOT NULL,
            reserved INTEGER NOT NULL,
            pruned INTEGER NOT NULL DEFAULT 0,
            unpruned INTEGER NOT NULL DEFAULT 0,
            swept INTEGER NOT NULL DEFAULT 0,
            sweepLeft INTEGER NOT NULL DEFAULT 0,
            boot TEXT NOT NULL
        ) STRICT;

        CREATE TABLE boots (
            app INTEGER NOT NULL,
            first INTEGER NOT NULL,
            id TEXT NOT NULL,
            PRIMARY KEY (app, first)
        ) STRICT, WITHOUT ROWID;

        -- How far each webhook has come in the feed of its app.
        CREATE TABLE hooks (
            app INTEGER NOT NULL,
            name TEXT NOT NULL,
            through INTEGER NOT NULL,
            PRIMARY KEY (app, name)
        ) STRICT, WITHOUT ROWID;
        """
}
