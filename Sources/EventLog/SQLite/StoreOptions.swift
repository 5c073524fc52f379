/// How an SQLite store is opened.
public struct StoreOptions: Sendable, Equatable {
    public enum Durability: String, Sendable, CaseIterable {
        /// Every commit is synced: it survives the machine.
        case power
        /// No commit is synced: it survives the process. The file stays whole whatever happens.
        case process
    }

    public var durability = Durability.power
    /// Reads at the same time, each on a connection of its own; more wait.
    public var readersMax = 4
    /// Page cache of the writer, and of each reader, in KiB.
    public var writerCacheKiB = 64 * 1024
    public var readerCacheKiB = 8 * 1024
    /// Pages of 4 KiB in the write-ahead log that make a commit move them into the file.
    public var checkpointPages = 4_000

    public init() {}
}
