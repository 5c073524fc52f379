public import ChatModel
internal import Synchronization

/// The apps of this gateway, replaced as a whole by a reload. Any thread.
public final class AppDirectory: Sendable {
    private struct Snapshot: Sendable {
        var byID: [String: AppEntry] = [:]
        /// Also those that have been taken away since the start: what was decided for them is still on its way.
        var byNumber: [AppNumber: AppEntry] = [:]
    }

    private let snapshot = Mutex(Snapshot())

    public init() {}

    public func replace(by entries: [AppEntry]) {
        snapshot.withLock { snapshot in
            snapshot.byID = [:]
            for entry in entries {
                snapshot.byID[entry.id] = entry
                snapshot.byNumber[entry.number] = entry
            }
        }
    }

    /// An app that is served now.
    public func app(id: String) -> AppEntry? {
        snapshot.withLock { $0.byID[id] }
    }

    /// An app that is, or was, served.
    public func app(_ number: AppNumber) -> AppEntry? {
        snapshot.withLock { $0.byNumber[number] }
    }

    public var all: [AppEntry] {
        snapshot.withLock { $0.byID.values.sorted { $0.number.raw < $1.number.raw } }
    }
}
