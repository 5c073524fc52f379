internal import ChatModel
internal import DequeModule
internal import GatewayCore
internal import Reactor
internal import WireProtocol

/// Readers of the event feed: answers that go on for as long as the client listens (protocol.md §8, `GET events`).
extension Shard {
    /// Begins the answer: its head leaves at once, so a client that has it misses nothing of what happens then.
    func startFeed(_ id: SlabID, _ number: UInt64, _ subscription: FeedSubscription) {
        guard let http = connections[id].http, let index = http.index(of: number) else { return }
        guard !feeds.isFull else {
            return complete(id, number, .failure(Self.tooManyReaders))
        }
        let exchange = http.exchanges[index]
        http.exchanges[index].stream = StreamingExchange(
            stream: nil, number: number, chunked: exchange.speaksChunks)
        startStream(id, contentType: FeedRoutes.contentType)
        feeds.add(FeedReader(app: subscription.app, after: subscription.after, nowMs: loop.nowMs), id)
        answered.append(id)
        readFeed(id)
    }

    private static let tooManyReaders = APIFailure(
        .unavailable, "as many feeds are followed here as can be; try again", retryAfterMs: 1_000)

    /// Walked decisions have lengthened feeds.
    func feedsGrew(_ batch: CommittedBatch) {
        var apps: Set<AppNumber> = []
        for walkable in batch.decisions where !walkable.decision.changes.isEmpty && walkable.duplicate == nil {
            apps.insert(walkable.decision.app)
        }
        for id in feeds.grown(apps) { readFeed(id) }
    }

    /// A page was read; nil: the store could not be.
    func feedPage(_ connection: ConnectionReference, _ page: FeedPages.Encoded?) {
        let id = SlabID(rawValue: connection.raw)
        guard connections.contains(id), let streaming = connections[id].http?.streaming,
            feeds.update(id, { $0.state != .ended }) == true
        else { return }
        // The client comes back with the last number it saw.
        guard let page else { return drop(id) }
        if !page.bytes.isEmpty {
            StreamPort(shard: self, id: id, streaming: streaming).write(page.bytes)
            sendAnswers(id)
        }
        let isBlocked = connections[id].transport.isBlocked
        if feeds.update(id, { $0.took(page, isBlocked: isBlocked) }) == true { readFeed(id) }
        dropIfFinished(id)
    }

    /// The connection's socket takes bytes again.
    func feedWritable(_ id: SlabID) {
        if feeds.update(id, { $0.writable() }) == true { readFeed(id) }
    }

    /// Empty lines that are due, and pages that found no room on the pool.
    func tickFeeds() {
        for id in feeds.keepAlive(nowMs: loop.nowMs) {
            guard connections.contains(id), let streaming = connections[id].http?.streaming else { continue }
            StreamPort(shard: self, id: id, streaming: streaming).write([UInt8(ascii: "\n")])
            answered.append(id)
        }
        for id in feeds.connections where connections.contains(id) && !connections[id].transport.isBlocked {
            feedWritable(id)
        }
    }

    /// The gateway stops: every answer ends in order.
    func endFeeds() {
        for id in feeds.connections {
            _ = feeds.update(id) { $0.end() }
            feeds.remove(id)
            guard connections.contains(id), let streaming = connections[id].http?.streaming else { continue }
            StreamPort(shard: self, id: id, streaming: streaming).finish()
            answered.append(id)
        }
    }

    private func readFeed(_ id: SlabID) {
        guard let (app, after) = feeds.update(id, { ($0.app, $0.cursor) }) else { return }
        let (mailbox, pages) = (
            environment.mailboxes[index], FeedPages(store: environment.store, presence: environment.presence)
        )
        let connection = ConnectionReference(id.rawValue)
        let taken = environment.pool.submit {
            mailbox.post(.feedPage(connection, try? pages.read(app, after: after)))
        }
        if !taken { _ = feeds.update(id) { $0.postponed() } }
    }
}
