internal import GatewayCore
internal import Logging
internal import Reactor

/// Starts shards. Main thread.
enum ShardThread {
    static func start(
        index: Int, environment: ShardEnvironment, settings: ShardSettings,
        sockets: [(socket: ListeningSocket, kind: ListenerKind)], apps: [(AppEntry, position: Int64)], tick: LoopTick,
        logger: Logger
    ) throws(SystemError) -> SystemThread {
        try SystemThread(name: "shard-\(index)") {
            do throws(SystemError) {
                let loop = try EventLoop<Shard>(mailbox: environment.mailboxes[index], tick: tick)
                let shard = try Shard(
                    index: index, loop: loop, environment: environment, settings: settings, sockets: sockets)
                for (app, position) in apps {
                    shard.core.addApp(app.number, id: app.id, limits: app.limits, position: position)
                }
                loop.run(shard)
                shard.stopped()
            } catch {
                logger.critical("a shard cannot run", metadata: ["shard": "\(index)", "reason": "\(error)"])
                fatalError("shard \(index): \(error)")
            }
        }
    }
}
