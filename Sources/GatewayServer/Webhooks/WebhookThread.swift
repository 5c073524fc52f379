internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import Logging
internal import Reactor

/// The webhooks' thread's body: each hook's window is filled from the feed, what is due goes out, and how far each hook
/// has come goes to the log. Owned by its thread.
///
///     log ─grown─► inbox ─► read a page of the feed ─► WebhookQueue ─► CurlTransfers ─► queue ─through─► log
///
/// Nobody waits for this thread: a hook that does not answer fills its window, and its feed is read on later.
final class WebhookThread {
    private static let linesPerRead = 200
    private static let sleepMsMax: Int64 = 1_000
    /// Between two writes of a hook's position: what a crash may deliver twice.
    private static let keepEveryMs: Int64 = 1_000
    /// What is under way at the end may finish so long.
    private static let lingerMs: Int64 = 2_000

    private final class Hook {
        /// A reload may bring another target or secret.
        var source: WebhookInbox.Hook
        var queue: WebhookQueue
        /// There may be lines behind what was read.
        var isBehind = true
        /// As the log knows it.
        var kept: Int64
        var end: Int64
        var isFailing = false
        var figures: WebhookFigures.Figures

        init(_ source: WebhookInbox.Hook, after through: Int64, end: Int64, retries: Int) {
            self.source = source
            queue = WebhookQueue(after: through, retries: retries)
            kept = through
            self.end = end
            figures = WebhookFigures.Figures(app: source.appID, name: source.definition.name)
        }
    }

    private let inbox: WebhookInbox
    private let store: any Store
    private let presence: PresenceTable
    private let log: Mailbox<LogMessage>
    private let figures: WebhookFigures
    private let logger: Logger
    private let transfers = CurlTransfers()
    private var hooks: [Hook] = []
    private var rules = WebhookRules()
    /// What is under way, by the transfer's tag.
    private var underWay: [UInt64: (hook: Hook, n: Int64)] = [:]
    private var nextTag: UInt64 = 1
    private var nextKeepMs: Int64 = 0
    private var nextReadMs: Int64 = 0

    init(
        inbox: WebhookInbox, store: any Store, presence: PresenceTable, log: Mailbox<LogMessage>,
        figures: WebhookFigures, logger: Logger
    ) {
        self.inbox = inbox
        self.store = store
        self.presence = presence
        self.log = log
        self.figures = figures
        self.logger = logger
        inbox.setWaker(transfers.waker)
    }

    func run() {
        var stopAtMs: Int64?
        while true {
            let news = inbox.take()
            let nowMs = SystemTime.monotonicMs()
            if news.isStopping, stopAtMs == nil { stopAtMs = nowMs + Self.lingerMs }
            if let hooks = news.hooks { configure(hooks, news) }
            for hook in hooks where news.grown.contains(hook.source.app) { hook.isBehind = true }
            if let stopAtMs {
                if transfers.count == 0 || nowMs >= stopAtMs { break }
            } else {
                for hook in hooks { advance(hook, nowMs) }
            }
            transfers.wait(timeoutMs: Int32(clamping: timeoutMs(nowMs, isStopping: stopAtMs != nil)))
            for completion in transfers.finished() { finish(completion) }
            if SystemTime.monotonicMs() >= nextKeepMs { keepPositions() }
        }
        keepPositions()
    }

    /// How long there is nothing to do but to wait for the transfers and for news.
    private func timeoutMs(_ nowMs: Int64, isStopping: Bool) -> Int64 {
        if isStopping { return 100 }
        var due = nowMs + Self.sleepMsMax
        for hook in hooks {
            if hook.isBehind, hook.queue.hasRoom { due = min(due, nextReadMs) }
            if hook.queue.underWay < WebhookQueue.parallelMax, let next = hook.queue.nextDueMs() {
                due = min(due, next)
            }
        }
        return max(due - nowMs, 0)
    }

    // MARK: - Hooks

    /// A hook that was there goes on where it is; a new one begins with what comes next; one that is gone is forgotten.
    private func configure(_ wanted: [WebhookInbox.Hook], _ news: WebhookInbox.News) {
        rules = news.rules
        keepPositions()
        var positions: [HookPosition] = []
        var next: [Hook] = []
        for app in news.apps {
            let mine = wanted.filter { $0.app == app }
            guard let known = try? store.hookPositions(app),
                let end = try? store.feed(FeedQuery(app: app, after: .max, limit: 1)).end
            else {
                // Tried again with the next growth or reload; the store's own alarm has gone off.
                logger.error("webhooks cannot be read from the store", metadata: ["app": "\(mine.first?.appID ?? "")"])
                continue
            }
            for source in mine {
                let name = source.definition.name
                if let running = hooks.first(where: { $0.source.app == app && $0.source.definition.name == name }) {
                    // What is in its window goes out as it is; the reload counts for the next attempts.
                    running.source = source
                    running.queue.retries = rules.retries
                    next.append(running)
                    continue
                }
                let through = known.first { $0.name == name }?.through
                if through == nil { positions.append(HookPosition(app: app, name: name, through: end)) }
                next.append(Hook(source, after: through ?? end, end: end, retries: rules.retries))
            }
            for gone in known where !mine.contains(where: { $0.definition.name == gone.name }) {
                positions.append(HookPosition(app: app, name: gone.name, through: nil))
            }
        }
        hooks = next
        if !positions.isEmpty { log.post(.hooks(positions)) }
        publish()
    }

    private func advance(_ hook: Hook, _ nowMs: Int64) {
        if hook.isBehind, hook.queue.hasRoom, nowMs >= nextReadMs { read(hook, nowMs) }
        while let attempt = hook.queue.next(nowMs: nowMs) {
            let definition = hook.source.definition
            let request = CurlTransfers.Request(
                url: definition.url, isPlain: definition.isPlain,
                headers: WebhookDelivery.headers(
                    hook.source, n: attempt.n, body: attempt.body, unixSeconds: SystemTime.wallMs() / 1_000),
                body: attempt.body, caFile: definition.caFile, timeoutMs: rules.timeoutMs, policy: rules.policy)
            transfers.start(request, tag: nextTag)
            underWay[nextTag] = (hook, attempt.n)
            nextTag += 1
        }
    }

    private func read(_ hook: Hook, _ nowMs: Int64) {
        let app = hook.source.app
        let query = FeedQuery(
            app: app, after: hook.queue.readThrough, limit: Self.linesPerRead, events: hook.source.definition.events)
        guard let page = try? store.feed(query) else {
            nextReadMs = nowMs + Self.sleepMsMax
            return
        }
        for line in page.lines {
            guard hook.queue.hasRoom else { return }
            let shown = line.withPresence { presence.lastActive(app, $0) }
            hook.queue.append(
                line.n, lane: WebhookDelivery.lane(line), body: WebhookDelivery.body(shown, hook.source))
        }
        hook.queue.advance(through: page.reached)
        hook.end = page.end
        hook.isBehind = !page.isLast
    }

    private func finish(_ completion: CurlTransfers.Completion) {
        guard let (hook, n) = underWay.removeValue(forKey: completion.tag) else { return }
        let outcome = hook.queue.finished(
            n, isDelivered: completion.isSuccess, nowMs: SystemTime.monotonicMs(), chance: .random(in: 0..<1))
        let reason = completion.failure ?? "answered \(completion.status)"
        let place: Logger.Metadata = [
            "app": "\(hook.source.appID)", "webhook": "\(hook.source.definition.name)", "n": "\(n)",
            "reason": "\(reason)",
        ]
        switch outcome {
        case .delivered:
            hook.figures.delivered += 1
            if hook.isFailing { logger.notice("a webhook takes events again", metadata: place) }
            hook.isFailing = false
        case .willRetry:
            hook.figures.failed += 1
            // Once per failing: a dead endpoint is not told of with every attempt.
            if !hook.isFailing { logger.warning("a webhook did not take an event", metadata: place) }
            hook.isFailing = true
        case .skipped:
            hook.figures.failed += 1
            hook.figures.skipped += 1
            hook.isFailing = true
            logger.error("an event was given up for a webhook", metadata: place)
        }
    }

    // MARK: - What others see

    private func keepPositions() {
        nextKeepMs = SystemTime.monotonicMs() + Self.keepEveryMs
        var positions: [HookPosition] = []
        for hook in hooks where hook.queue.through > hook.kept {
            hook.kept = hook.queue.through
            positions.append(
                HookPosition(app: hook.source.app, name: hook.source.definition.name, through: hook.kept))
        }
        if !positions.isEmpty { log.post(.hooks(positions)) }
        publish()
    }

    private func publish() {
        for hook in hooks where hook.isBehind {
            let end = try? store.feed(FeedQuery(app: hook.source.app, after: .max, limit: 1)).end
            hook.end = end ?? hook.end
        }
        figures.set(
            hooks.map { hook in
                hook.figures.lag = max(hook.end - hook.queue.through, 0)
                return hook.figures
            })
    }
}
