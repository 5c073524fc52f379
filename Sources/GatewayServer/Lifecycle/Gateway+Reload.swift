internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import Logging
internal import Reactor
internal import TLSEngine

/// SIGHUP: what can change without a restart does; a bad file changes nothing.
extension Gateway {
    func reload() {
        ServiceNotifier.reloading()
        defer { ServiceNotifier.ready(status: "\(environment.figures.connections) connections") }
        do {
            try apply(try source.load())
            logger.notice("configuration reloaded")
        } catch {
            logger.error("the configuration was left as it was", metadata: ["reason": "\(error)"])
        }
    }

    /// Everything that can fail is done before anything changes.
    private func apply(_ loaded: LoadedConfiguration) throws {
        if let missing = loaded.missing { throw ConfigurationProblems([missing]) }
        var next = loaded.configuration
        let tls = try GatewayParts.tlsContext(next, ticketKeys)
        var entries: [AppEntry] = []
        var positions: [LogPositions] = []
        var calls: [[CallRecord]] = []
        for definition in loaded.apps {
            let number = try services.store.number(ofApp: definition.id)
            entries.append(try blockingAwait { await AppEntry(definition, number: number) })
            positions.append(try services.store.positions(number))
            calls.append(try services.store.activeCalls(number))
        }
        keepWhatNeedsRestart(&next)
        applyApps(entries, positions, calls)
        configuration = next
        LogSetup.setLevel(next.log.level)
        var settings = RouteServices.Settings(next)
        settings.advertisePort = services.settings.advertisePort
        services.settings = settings
        environment.addresses.bounds = AddressLimits.Bounds(next)
        for mailbox in environment.mailboxes { mailbox.post(.reload(ShardSettings(next, tls: tls))) }
        coreMailbox.post(.rules(CoreRules(next)))
        webhooks.configure(apps.all, next)
    }

    /// The core knows an app before a request can name it; a shard's verifier finds it before a client can sign in.
    private func applyApps(_ entries: [AppEntry], _ positions: [LogPositions], _ calls: [[CallRecord]]) {
        let gone = Set(apps.all.map(\.id)).subtracting(entries.map(\.id))
        for (index, entry) in entries.enumerated() {
            coreMailbox.post(.addApp(entry.number, entry.limits, positions[index], calls: calls[index]))
        }
        apps.replace(by: entries)
        for mailbox in environment.mailboxes {
            for id in gone { mailbox.post(.removeApp(id: id)) }
            for (entry, position) in zip(entries, positions) {
                mailbox.post(
                    .addApp(entry.number, id: entry.id, limits: entry.limits, position: position.committed))
            }
        }
        for id in gone { logger.notice("an app is no longer served", metadata: ["app": "\(id)"]) }
    }

    /// Says what a running gateway cannot change, and puts the old value back.
    private func keepWhatNeedsRestart(_ next: inout Configuration) {
        for key in ConfigurationSchema.keys where !key.reloadable && key.show(next) != key.show(configuration) {
            logger.warning("this key needs a restart", metadata: ["key": "\(key.path)"])
        }
        let wanted = next
        next = configuration
        for key in ConfigurationSchema.keys where key.reloadable { key.copy(wanted, &next) }
    }
}
