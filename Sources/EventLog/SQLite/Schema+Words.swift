extension Schema {
    /// `messageWords`: the terms of each message (`WordTerms`), which `WordSplitter` made, so the tokenizer only parts them
    /// at spaces: to `ascii` every byte past ASCII is part of a word. It keeps no texts and follows behind the log;
    /// `apps.searched`: the key up to which it has come.
    ///
    /// `reworded`: what the index knew of messages that were changed or removed since, until the same transaction's end.
    static let words = """
        ALTER TABLE apps ADD COLUMN searched INTEGER NOT NULL DEFAULT 0;

        CREATE VIRTUAL TABLE messageWords USING fts5 (
            terms, content = '', columnsize = 0, detail = none, tokenize = 'ascii'
        );

        CREATE TABLE reworded (
            key INTEGER PRIMARY KEY,
            conversation INTEGER NOT NULL,
            sender INTEGER NOT NULL,
            receiver INTEGER,
            data TEXT NOT NULL
        ) STRICT;
        CREATE TRIGGER messagesReworded AFTER UPDATE OF data ON messages
            WHEN old.category = 0 AND old.key <= (SELECT searched FROM apps WHERE number = old.key >> 47)
        BEGIN
            INSERT OR IGNORE INTO reworded (key, conversation, sender, receiver, data)
            VALUES (old.key, old.conversation, old.sender, old.receiver, old.data);
        END;
        CREATE TRIGGER messagesRemoved AFTER DELETE ON messages
            WHEN old.category = 0 AND old.key <= (SELECT searched FROM apps WHERE number = old.key >> 47)
        BEGIN
            INSERT OR IGNORE INTO reworded (key, conversation, sender, receiver, data)
            VALUES (old.key, old.conversation, old.sender, old.receiver, old.data);
        END;
        """
}
