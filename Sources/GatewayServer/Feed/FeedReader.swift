internal import ChatModel

/// One reader of an app's feed: what it has, and when the next page is to be read for it. Sans-I/O; confined to its
/// connection's shard.
///
/// | state | grown | page, last | page, more follow | writable | keep-alive due | end |
/// |---|---|---|---|---|---|---|
/// | reading | → stale | send → waiting | send → reading, or blocked | – | empty line | → ended |
/// | stale | stale | send → reading, or blocked | the same | – | empty line | → ended |
/// | waiting | → reading | – | – | – | empty line | → ended |
/// | blocked | blocked | – | – | → reading | nothing | → ended |
/// | ended | – | dropped | dropped | – | – | – |
///
/// A page is read when the socket has taken the one before: a slow reader is paced by its socket and holds one page.
/// What is committed while a page is read may be missing in it, so the reader is stale then and reads again: between
/// what was there and what comes, nothing is lost and nothing doubled.
struct FeedReader {
    static let keepAliveMs: Int64 = 15_000

    enum State: Equatable {
        case reading, stale, waiting, blocked, ended
    }

    /// Where the next page begins.
    private(set) var cursor: Int64
    private(set) var state = State.reading
    let app: AppNumber
    private var keepAliveAtMs: Int64

    /// It begins by reading.
    init(app: AppNumber, after: Int64, nowMs: Int64) {
        self.app = app
        cursor = after
        keepAliveAtMs = nowMs + Self.keepAliveMs
    }

    /// The app's feed has grown. True: read now.
    mutating func grown() -> Bool {
        switch state {
        case .waiting:
            state = .reading
            return true
        case .reading, .stale:
            state = .stale
            return false
        case .blocked, .ended: return false
        }
    }

    /// The page that was asked for has been given to the socket. True: read on now.
    mutating func took(_ page: FeedPages.Encoded, isBlocked: Bool) -> Bool {
        guard state == .reading || state == .stale else { return false }
        let hasMore = state == .stale || !page.isLast
        cursor = page.reached
        // Blocked at the end of the feed, it looks again when the socket is free: news in between only needs no wake-up.
        state = isBlocked ? .blocked : hasMore ? .reading : .waiting
        return state == .reading
    }

    /// The socket takes bytes again. True: read now.
    mutating func writable() -> Bool {
        guard state == .blocked else { return false }
        state = .reading
        return true
    }

    /// True: an empty line is due. Whoever is blocked needs none: there is enough on its way.
    mutating func keepAlive(nowMs: Int64) -> Bool {
        guard nowMs >= keepAliveAtMs, state != .ended else { return false }
        keepAliveAtMs = nowMs + Self.keepAliveMs
        return state != .blocked
    }

    /// There is no room to read now: tried again as if the socket were full.
    mutating func postponed() {
        if state != .ended { state = .blocked }
    }

    mutating func end() {
        state = .ended
    }
}
