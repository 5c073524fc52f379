internal import Glibc
internal import Reactor

/// Every socket the gateway listens on, opened or adopted before anything else starts. Immutable after start.
struct Listeners: Sendable {
    /// By shard: each its own SO_REUSEPORT socket where we bind; all the same one where systemd handed it over.
    let publicSockets: [[ListeningSocket]]
    let backendSockets: [ListeningSocket]
    let opsSockets: [ListeningSocket]
    /// Where the backend socket's file is; nil when it was handed over.
    let backendPath: String?

    /// The port of the first public listener: the real one where 0 was asked for.
    var publicPort: UInt16 { publicSockets[0][0].address.port }

    /// What one shard polls: its own public sockets, and those that all shards share.
    func sockets(ofShard shard: Int) -> [(socket: ListeningSocket, kind: ListenerKind)] {
        publicSockets[shard].map { ($0, .public) } + backendSockets.map { ($0, .backend) }
            + (shard == 0 || opsSockets.allSatisfy(\.isShared) ? opsSockets.map { ($0, .ops) } : [])
    }

    /// - Throws: `StartFailure` naming the address or path that could not be opened.
    static func open(_ configuration: Configuration, shards: Int) throws(StartFailure) -> Listeners {
        var adopted: [String: [ListeningSocket]] = [:]
        for (name, descriptor) in ServiceNotifier.takeListenDescriptors() {
            do {
                adopted[name, default: []].append(try ListeningSocket.adopt(descriptor))
            } catch {
                throw StartFailure("socket \"\(name)\" handed over by systemd: \(error)")
            }
        }
        let known: Set = ["public", "backend", "ops"]
        if let stranger = adopted.keys.first(where: { !known.contains($0) }) {
            throw StartFailure("socket \"\(stranger)\" handed over by systemd: must be named public, backend or ops")
        }
        let publicSockets: [[ListeningSocket]]
        if let handed = adopted["public"] {
            publicSockets = (0..<shards).map { _ in handed }
        } else {
            publicSockets = try bindPublic(configuration.public.listen, shards: shards)
        }
        let path = resolve(configuration.backend.socket, in: configuration.server.runtimeDirectory)
        var backendPath: String?
        let backend: [ListeningSocket]
        if let handed = adopted["backend"] {
            backend = handed
        } else {
            backend = [try bindBackend(path, configuration.backend)]
            backendPath = path
        }
        let ops: [ListeningSocket]
        if let handed = adopted["ops"] { ops = handed } else { ops = try bindOps(configuration.ops.listen) }
        return Listeners(
            publicSockets: publicSockets, backendSockets: backend, opsSockets: ops, backendPath: backendPath)
    }

    private static func bindPublic(_ texts: [String], shards: Int) throws(StartFailure) -> [[ListeningSocket]] {
        var byShard = [[ListeningSocket]](repeating: [], count: shards)
        var freePort: UInt16?
        for text in texts {
            guard var address = SocketAddress(text) else { throw StartFailure("public.listen: bad address \(text)") }
            // One free port for all addresses: people are told one URL.
            if address.port == 0, let freePort { address = address.with(port: freePort) }
            do {
                let sockets = try ListeningSocket.tcp(address, shards: shards)
                if freePort == nil { freePort = sockets[0].address.port }
                for (shard, socket) in sockets.enumerated() { byShard[shard].append(socket) }
            } catch {
                // A machine without IPv6 still serves the other addresses.
                let lacksFamily = error.code == EAFNOSUPPORT || error.code == EADDRNOTAVAIL
                if lacksFamily, case .ipv6 = address, !byShard[0].isEmpty { continue }
                throw StartFailure("public.listen \(text): \(error)")
            }
        }
        return byShard
    }

    private static func bindBackend(
        _ path: String, _ backend: Configuration.Backend
    ) throws(StartFailure) -> ListeningSocket {
        let mode = UInt32(backend.mode, radix: 8) ?? 0o660
        var groupID: UInt32?
        if !backend.group.isEmpty {
            guard let found = SystemAccounts.groupID(backend.group) else {
                throw StartFailure("backend.group: there is no group \"\(backend.group)\"")
            }
            groupID = found
        }
        do {
            return try ListeningSocket.unix(path: path, mode: mode, groupID: groupID)
        } catch {
            throw StartFailure("backend.socket \(path): \(error)")
        }
    }

    private static func bindOps(_ text: String) throws(StartFailure) -> [ListeningSocket] {
        guard let address = SocketAddress(text) else { return [] }
        do {
            return try ListeningSocket.tcp(address, shards: 1)
        } catch {
            throw StartFailure("ops.listen \(text): \(error)")
        }
    }

    static func resolve(_ path: String, in directory: String) -> String {
        path.hasPrefix("/") ? path : "\(directory)/\(path)"
    }
}

/// Names of groups, as the system knows them. Main thread, at start.
enum SystemAccounts {
    static func groupID(_ name: String) -> UInt32? {
        // SAFETY: getgrnam returns static storage; the one field is copied before anyone else asks.
        guard let entry = unsafe getgrnam(name) else { return nil }
        return unsafe entry.pointee.gr_gid
    }
}
