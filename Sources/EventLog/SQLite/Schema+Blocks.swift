extension Schema {
    /// Each block once: `user` has blocked `blocked`. Both ways are looked up: whom have I blocked, and who me.
    static let blocks = """
        CREATE TABLE blocks (
            user INTEGER NOT NULL,
            blocked INTEGER NOT NULL,
            PRIMARY KEY (user, blocked)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX blocksOfBlocked ON blocks (blocked);
        """
}
