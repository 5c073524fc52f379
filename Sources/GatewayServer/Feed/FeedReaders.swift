internal import ChatModel
internal import Reactor

/// The readers of feeds on one shard, by their connections. Confined to its shard's loop thread.
struct FeedReaders {
    /// Past it a further reader is refused: each costs a read of the store whenever its app's feed grows.
    static let countMax = 256

    private var readers: [SlabID: FeedReader] = [:]

    var isEmpty: Bool { readers.isEmpty }
    var count: Int { readers.count }
    var isFull: Bool { readers.count >= Self.countMax }
    var connections: [SlabID] { Array(readers.keys) }

    mutating func add(_ reader: FeedReader, _ id: SlabID) { readers[id] = reader }
    mutating func remove(_ id: SlabID) { readers[id] = nil }

    /// nil: the connection follows no feed.
    mutating func update<Result>(_ id: SlabID, _ body: (inout FeedReader) -> Result) -> Result? {
        guard let index = readers.index(forKey: id) else { return nil }
        return body(&readers.values[index])
    }

    /// Those who read now because the feeds of these apps have grown.
    mutating func grown(_ apps: Set<AppNumber>) -> [SlabID] {
        var due: [SlabID] = []
        for index in readers.indices where apps.contains(readers.values[index].app) {
            if readers.values[index].grown() { due.append(readers.keys[index]) }
        }
        return due
    }

    /// Those to whom an empty line is due.
    mutating func keepAlive(nowMs: Int64) -> [SlabID] {
        var due: [SlabID] = []
        for index in readers.indices {
            if readers.values[index].keepAlive(nowMs: nowMs) { due.append(readers.keys[index]) }
        }
        return due
    }
}
