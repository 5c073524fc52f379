internal import ChatModel
internal import EventLog
internal import Foundation
internal import GatewayCore
internal import Logging
internal import Reactor
internal import Synchronization
internal import TLSEngine
internal import WireProtocol

/// The running gateway: its threads, from start to stop. Main thread.
///
/// Start opens everything that can fail before a thread begins, so it never starts half. Stop goes the way of the data:
/// shards first, then the core, the log, the workers and the pool, each when nothing can reach it any more.
public final class Gateway {
    public static let signals = [Signals.terminate, Signals.interrupt, Signals.hangUp]

    /// Tickets live for two hours and one old key stays valid, so none is cut short.
    private static let ticketRotationMs: Int64 = 4 * 3_600 * 1_000

    let source: ConfigurationSource
    var configuration: Configuration
    let logger: Logger
    let listeners: Listeners
    let health: GatewayHealth
    let environment: ShardEnvironment
    let services: RouteServices
    let apps: AppDirectory
    let ticketKeys: TLSTicketKeys
    let coreMailbox: Mailbox<CoreMessage>
    private let logMailbox: Mailbox<LogMessage>
    let webhooks = Webhooks()
    private var shardThreads: [SystemThread] = []
    /// Core, log and workers, in the order in which they end.
    private var pipelineThreads: [SystemThread] = []

    /// - Throws: `ConfigurationProblems`, or `StartFailure` naming what could not be opened.
    public static func start(_ source: ConfigurationSource) throws -> Gateway {
        let loaded = try source.load()
        if let missing = loaded.missing { throw ConfigurationProblems([missing]) }
        LogSetup.start(format: loaded.configuration.log.format, level: loaded.configuration.log.level)
        let parts = try GatewayParts.open(loaded, development: source.development != nil)
        let gateway = try Gateway(source: source, loaded: loaded, parts: parts)
        gateway.warnOfWeakSecrets(loaded.apps)
        try gateway.startThreads(parts)
        return gateway
    }

    private init(source: ConfigurationSource, loaded: LoadedConfiguration, parts: GatewayParts) throws {
        self.source = source
        configuration = loaded.configuration
        logger = Logger(label: "halleyd")
        listeners = parts.listeners
        apps = parts.apps
        ticketKeys = parts.ticketKeys
        health = GatewayHealth(log: parts.logHealth)
        coreMailbox = try Mailbox(droppableMax: 65_536)
        logMailbox = try Mailbox()
        let shards = parts.shards
        var settings = RouteServices.Settings(configuration)
        // With --port 0 the real port is known only now.
        if settings.advertisePort == 0 { settings.advertisePort = Int(parts.listeners.publicPort) }
        let presence = PresenceTable()
        let addresses = AddressLimits(AddressLimits.Bounds(configuration))
        services = RouteServices(
            apps: parts.apps, store: parts.store, presence: presence, verifier: parts.verifier,
            passwords: parts.passwords, playground: configuration.public.playground, health: health,
            media: parts.media, addresses: addresses, settings: settings)
        environment = ShardEnvironment(
            mailboxes: try (0..<shards).map { _ in try Mailbox<ShardMessage>() },
            credits: (0..<shards).map { CreditPool(shard: UInt16($0)) }, core: coreMailbox, pool: parts.pool,
            files: parts.media.pool, store: parts.store, apps: parts.apps, verifier: parts.verifier, presence: presence,
            handler: Router.make(services),
            addresses: addresses,
            handshakesPerTick: configuration.limits.handshakesPerTick,
            drainTimeoutMs: configuration.rules.drainTimeoutMs, figures: ShardFigures(shards: shards))
    }

    private func warnOfWeakSecrets(_ apps: [AppDefinition]) {
        for app in apps {
            for key in app.jwtKeys where key.isWeak {
                logger.warning(
                    "an HS256 secret is shorter than 32 bytes and may be guessed", metadata: ["app": "\(app.id)"])
            }
        }
    }

    // MARK: - Threads

    private func startThreads(_ parts: GatewayParts) throws {
        let workerMailboxes = try (0..<parts.workers).map { _ in try Mailbox<WorkerMessage>(droppableMax: 65_536) }
        for app in apps.all {
            let positions = parts.positions[app.number] ?? LogPositions(committed: 0, reserved: 0)
            coreMailbox.post(.addApp(app.number, app.limits, positions, calls: parts.calls[app.number] ?? []))
        }
        try startCore(parts, workerMailboxes)
        try startLog(parts, workerMailboxes)
        try startWorkers(workerMailboxes)
        try startShards(parts)
        webhooks.configure(apps.all, configuration)
        try webhooks.start(store: parts.store, presence: services.presence, log: logMailbox, logger: logger)
        health.collect { [figures = webhooks.figures] page in page.add(figures) }
        health.collect { [environment] page in page.add(environment) }
        health.collect { [media = parts.media] page in page.add(media) }
        health.setStarted()
        let limit = ProcessFigures.maxDescriptors()
        logger.info(
            "halleyd is up",
            metadata: [
                "version": "\(GatewayVersion.text)", "pid": "\(getpid())", "shards": "\(parts.shards)",
                "workers": "\(parts.workers)", "open_files": "\(limit)",
                "connections_max": "\(max(limit - GatewayParts.reservedDescriptors, 0))",
                "public_port": "\(listeners.publicPort)",
            ])
        ServiceNotifier.ready(status: "0 connections")
    }

    private func startCore(_ parts: GatewayParts, _ workers: [Mailbox<WorkerMessage>]) throws {
        let outlets = CoreOutlets(
            core: coreMailbox, log: logMailbox, workers: workers, pool: parts.pool, store: parts.store)
        let (mailbox, presence, rules) = (coreMailbox, services.presence, CoreRules(configuration))
        let sendRates = services.sendRates
        let tick = LoopTick()
        health.watch("core", tick)
        let figures = CoreFigures()
        health.collect { page in page.add(figures) }
        pipelineThreads.append(
            try SystemThread(name: "core") {
                CoreThread.run(
                    mailbox, rules: rules, presence: presence, sendRates: sendRates, outlets: outlets,
                    figures: figures, tick: tick)
            })
    }

    private func startLog(_ parts: GatewayParts, _ workers: [Mailbox<WorkerMessage>]) throws {
        let tick = LoopTick()
        health.watch("log", tick)
        let (mailbox, core, logger) = (logMailbox, coreMailbox, logger)
        let (health, store, webhooks) = (parts.logHealth, parts.store, webhooks.inbox)
        // The log crosses to its thread once, here; nothing on this one uses it any more.
        let log = parts.log
        pipelineThreads.append(
            try SystemThread(name: "log") {
                LogThread(
                    log: log.take(), store: store, health: health, core: core, workers: workers, webhooks: webhooks,
                    logger: logger
                ).run(mailbox, tick: tick)
            })
    }

    private func startWorkers(_ mailboxes: [Mailbox<WorkerMessage>]) throws {
        let encoder = EventEncoder(apps: apps, presence: services.presence)
        let (shards, credits) = (environment.mailboxes, environment.credits)
        let bus = LocalEphemeralBus<EncodedEphemeral>()
        for shard in shards { _ = bus.subscribe { shard.postDroppable(.ephemeral($0)) } }
        for (index, mailbox) in mailboxes.enumerated() {
            let tick = LoopTick()
            health.watch("worker-\(index)", tick)
            pipelineThreads.append(
                try SystemThread(name: "worker-\(index)") {
                    FanoutWorker(index: index, count: mailboxes.count, encoder: encoder) { output in
                        switch output {
                        case .batch(let batch):
                            let committed = CommittedBatch(
                                number: batch.number, decisions: batch.walkable(), pools: credits)
                            for shard in shards { shard.post(.batch(committed)) }
                        case .ephemeral(let events): bus.publish(events)
                        }
                    }.run(mailbox, tick: tick)
                })
        }
    }

    private func startShards(_ parts: GatewayParts) throws {
        let settings = ShardSettings(configuration, tls: parts.tls)
        let known = apps.all.map { ($0, position: parts.positions[$0.number]?.committed ?? 0) }
        for index in 0..<parts.shards {
            let tick = LoopTick()
            health.watch("shard-\(index)", tick)
            shardThreads.append(
                try ShardThread.start(
                    index: index, environment: environment, settings: settings,
                    sockets: listeners.sockets(ofShard: index), apps: known, tick: tick, logger: logger))
        }
    }

    // MARK: - Running

    /// Serves until a signal asks to stop, and stops.
    public func runUntilStopped() {
        let watchdogMs = ServiceNotifier.watchdogMicroseconds.map { Int64($0 / 2_000) } ?? 1_000
        var nextStatusMs: Int64 = 0
        var nextRotationMs = SystemTime.monotonicMs() + Self.ticketRotationMs
        while true {
            switch Signals.wait(for: Self.signals, timeoutMs: min(watchdogMs, 1_000)) {
            case Signals.hangUp: reload()
            case .some: return drain()
            case nil: break
            }
            if let stuck = health.stuckPart() {
                logger.error("a loop is stuck; the watchdog is not fed", metadata: ["loop": "\(stuck)"])
            } else {
                ServiceNotifier.feedWatchdog()
            }
            let nowMs = SystemTime.monotonicMs()
            if nowMs >= nextRotationMs {
                nextRotationMs = nowMs + Self.ticketRotationMs
                ticketKeys.rotate()
            }
            if nowMs >= nextStatusMs {
                nextStatusMs = nowMs + 5_000
                ServiceNotifier.status("\(environment.figures.connections) connections")
            }
        }
    }

    /// Stops accepting, closes everyone 4200, finishes what is under way; at most `drainTimeout`, and at once on a second
    /// signal.
    private func drain() {
        logger.notice("draining", metadata: ["connections": "\(environment.figures.connections)"])
        health.setDraining()
        ServiceNotifier.stopping(status: "draining")
        for mailbox in environment.mailboxes { mailbox.post(.drain) }
        let deadlineMs = SystemTime.monotonicMs() + Int64(configuration.rules.drainTimeoutMs)
        while !environment.figures.isDrained, SystemTime.monotonicMs() < deadlineMs {
            if Signals.wait(for: [Signals.terminate, Signals.interrupt], timeoutMs: 50) != nil { break }
            ServiceNotifier.feedWatchdog()
            ServiceNotifier.status("draining, \(environment.figures.connections) connections left")
        }
        stop()
    }

    private func stop() {
        for mailbox in environment.mailboxes { mailbox.post(.stop) }
        for thread in shardThreads { thread.join() }
        webhooks.stop()
        coreMailbox.post(.stop)
        for thread in pipelineThreads { thread.join() }
        environment.pool.close()
        services.passwords.close()
        environment.files.close()
        if let path = listeners.backendPath { try? FileManager.default.removeItem(atPath: path) }
        logger.notice("stopped")
    }
}
