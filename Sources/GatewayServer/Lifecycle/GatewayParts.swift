internal import ChatModel
internal import EventLog
internal import Foundation
internal import GatewayCore
internal import Reactor
internal import Synchronization
internal import TLSEngine

/// Everything that can fail at start, opened. Main thread.
struct GatewayParts {
    /// Descriptors that are no connections: the store, epoll, eventfds, listeners, logs.
    static let reservedDescriptors = 256

    let shards: Int
    let workers: Int
    let listeners: Listeners
    let tls: TLSContext
    let ticketKeys: TLSTicketKeys
    let log: Handover<any EventLog>
    let store: any Store
    let logHealth: LogHealth
    let pool: BlockingPool
    let passwords: PasswordDesk
    let media: MediaStore
    let verifier: CredentialVerifier
    let apps: AppDirectory
    let positions: [AppNumber: LogPositions]
    let calls: [AppNumber: [CallRecord]]

    /// - Throws: `StartFailure` naming what could not be opened, `ConfigurationProblems` for an app's keys.
    static func open(_ loaded: LoadedConfiguration, development: Bool) throws -> GatewayParts {
        let configuration = loaded.configuration
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let shards = configuration.server.shards > 0 ? configuration.server.shards : max(cores, 1)
        let workers = configuration.server.workers > 0 ? configuration.server.workers : max(cores / 4, 1)
        let ticketKeys = TLSTicketKeys()
        let tls = try tlsContext(configuration, ticketKeys)
        let secret = try GatewaySecret.load(stateDirectory: configuration.server.stateDirectory)
        let (log, store) = try openStore(configuration)
        var entries: [AppEntry] = []
        var positions: [AppNumber: LogPositions] = [:]
        var calls: [AppNumber: [CallRecord]] = [:]
        do {
            for definition in loaded.apps {
                let number = try store.number(ofApp: definition.id)
                if development, definition.id == DevelopmentSetup.appID {
                    try DevelopmentSetup.seed(number, log: log, store: store, nowSeconds: SystemTime.wallMs() / 1_000)
                }
                entries.append(try blockingAwait { await AppEntry(definition, number: number) })
                positions[number] = try store.positions(number)
                calls[number] = try store.activeCalls(number)
            }
        } catch let failure as LogFailure {
            throw StartFailure("\(failure)")
        }
        let apps = AppDirectory()
        apps.replace(by: entries)
        let media = try openMedia(configuration)
        let listeners = try Listeners.open(configuration, shards: shards)
        return GatewayParts(
            shards: shards, workers: workers, listeners: listeners, tls: tls, ticketKeys: ticketKeys,
            log: Handover(log), store: store, logHealth: LogHealth(), pool: try BlockingPool(),
            passwords: try PasswordDesk(), media: media,
            verifier: try blockingAwait { await CredentialVerifier(secret: secret) }, apps: apps,
            positions: positions, calls: calls)
    }

    static func tlsContext(
        _ configuration: Configuration, _ ticketKeys: TLSTicketKeys
    ) throws(StartFailure) -> TLSContext {
        do {
            return try TLSContext.server(
                certificateChainFile: configuration.tls.certificate, privateKeyFile: configuration.tls.privateKey,
                minimumVersion: TLSVersion(rawValue: configuration.tls.minimumVersion) ?? .tls12,
                ticketKeys: ticketKeys)
        } catch {
            throw StartFailure("tls: \(error)")
        }
    }

    private static func openMedia(_ configuration: Configuration) throws(StartFailure) -> MediaStore {
        var options = MediaStore.Options(
            directory: Listeners.resolve(configuration.media.directory, in: configuration.server.stateDirectory))
        options.quotaBytes = configuration.media.quotaBytes
        options.synchronizes = configuration.store.durability == StoreOptions.Durability.power.rawValue
        do throws(SystemError) {
            return try MediaStore(options, pool: try BlockingPool(name: "media"))
        } catch {
            throw StartFailure("media.directory \(options.directory): \(error)")
        }
    }

    private static func openStore(
        _ configuration: Configuration
    ) throws(StartFailure) -> (any EventLog, any Store) {
        let path = Listeners.resolve(configuration.store.file, in: configuration.server.stateDirectory)
        do {
            var options = StoreOptions()
            options.durability = StoreOptions.Durability(rawValue: configuration.store.durability) ?? .power
            let store = try SQLiteStore(path: path, options: options)
            return (SQLiteEventLog(store: store), store)
        } catch {
            throw StartFailure("store.file \(path): \(error)")
        }
    }
}
