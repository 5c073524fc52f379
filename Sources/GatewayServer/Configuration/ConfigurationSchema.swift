internal import Reactor

/// Every key there is, in the order in which `default-config` prints them. Immutable.
enum ConfigurationSchema {
    static let keys: [ConfigurationKey] = server + listeners + store + rules + limits + rest

    static func key(section: String, name: String) -> ConfigurationKey? {
        byPath["\(section).\(name)"]
    }

    static let sections: [String] = keys.reduce(into: []) { if $0.last != $1.section { $0.append($1.section) } }

    private static let byPath = Dictionary(uniqueKeysWithValues: keys.map { ($0.path, $0) })

    private static let server: [ConfigurationKey] = [
        .integer("server", "shards", \.server.shards, 0...255, "event loops; 0 = one per core"),
        .integer(
            "server", "workers", \.server.workers, 0...256, "fan-out workers; 0 = a quarter of the cores, at least 1"),
        .text("server", "stateDirectory", \.server.stateDirectory, "where the store, secrets and media are kept"),
        .text("server", "runtimeDirectory", \.server.runtimeDirectory, "where the backend socket is made"),
    ]

    private static let listeners: [ConfigurationKey] = [
        .list("public", "listen", \.public.listen, "addresses of the public TLS listener", check: addressProblem),
        .text(
            "public", "advertiseHost", \.public.advertiseHost, reloadable: true,
            "host that SDKs are told to connect to; empty = the request's Host"),
        .integer(
            "public", "advertisePort", \.public.advertisePort, 1...65_535, reloadable: true,
            "port that SDKs are told to connect to"),
        .list(
            "public", "allowedOrigins", \.public.allowedOrigins, reloadable: true,
            "browser origins that may connect; \"*\" = all, empty = none but the gateway's own"),
        .flag(
            "public", "proxyProtocol", \.public.proxyProtocol,
            "expect a PROXY protocol header (v1 or v2) before TLS; only behind a proxy that sends one"),
        .flag("public", "playground", \.public.playground, "serve the demo page under /playground/"),
        .flag(
            "public", "allowApiKeys", \.public.allowApiKeys, reloadable: true,
            "accept fullAccess keys on the public listener"),
        .text("tls", "certificate", \.tls.certificate, reloadable: true, "PEM file: the certificate and its chain"),
        .text("tls", "privateKey", \.tls.privateKey, reloadable: true, "PEM file: the private key"),
        .choice(
            "tls", "minimumVersion", \.tls.minimumVersion, ["1.2", "1.3"], reloadable: true,
            "oldest TLS version accepted"),
        .choice("tls", "recordLayer", \.tls.recordLayer, ["openssl"], "who seals records after the handshake"),
        .text(
            "backend", "socket", \.backend.socket, "Unix socket of the backend API; relative to the runtime directory"),
        .text("backend", "mode", \.backend.mode, "permissions of the socket, octal"),
        .text("backend", "group", \.backend.group, "group that owns the socket; empty = the daemon's own"),
        .list(
            "backend", "allowUids", \.backend.allowUids, reloadable: true,
            "Unix uids that need no API key", check: idProblem),
        .list(
            "backend", "allowGids", \.backend.allowGids, reloadable: true,
            "Unix gids that need no API key", check: idProblem),
        .text("ops", "listen", \.ops.listen, "plain HTTP address for metrics and health; empty = none"),
    ]

    private static let store: [ConfigurationKey] = [
        .choice("store", "engine", \.store.engine, ["sqlite"], "where messages are kept"),
        .text("store", "file", \.store.file, "database file; relative to the state directory"),
        .choice(
            "store", "durability", \.store.durability, ["power", "process"],
            "power = fsync per group commit; process = survives a crash of the process"),
        .integer(
            "store", "retentionDays", \.store.retentionDays, 0...0,
            "days messages are kept; 0 = for ever (the only value served yet)"),
    ]

    private static let rules: [ConfigurationKey] = [
        .seconds("rules", "authTimeout", \.rules.authTimeoutMs, 0.1...3_600, "from the upgrade to the auth frame"),
        .seconds("rules", "pingTimeout", \.rules.pingTimeoutMs, 0.1...3_600, "without a client ping before the cut"),
        .seconds("rules", "backgroundTimeout", \.rules.backgroundTimeoutMs, 0.1...3_600, "the same in background"),
        .seconds(
            "rules", "presenceGrace", \.rules.presenceGraceMs, 0...3_600,
            "from the last disconnect to offline; 0 = at once"),
        .seconds("rules", "typingTimeout", \.rules.typingTimeoutMs, 0.1...3_600, "until an unrefreshed typing ends"),
        .seconds(
            "rules", "callUnanswered", \.rules.callUnansweredMs, 0.1...3_600, "until a ringing call is unanswered"),
        .integer("rules", "resumeLimit", \.rules.resumeLimit, 0...100_000, reloadable: true, "frames replayed at most"),
        .seconds("rules", "jwtLifetime", \.rules.jwtLifetimeMs, 1...31_536_000, "of the JWTs that `PUT me` answers"),
        .seconds("rules", "drainTimeout", \.rules.drainTimeoutMs, 0.1...3_600, "a drain lasts at most"),
    ]

    private static let limits: [ConfigurationKey] = [
        limit("connections", \.limits.connections, "connections in all; 0 = as many as descriptors allow"),
        limit("connectionsPerUser", \.limits.connectionsPerUser, "realtime connections of one user; 0 = off"),
        limit("connectionsPerAddress", \.limits.connectionsPerAddress, "connections from one address; 0 = off"),
        limit(
            "outboundSoft", \.limits.outboundSoft, 4_096...1_073_741_824,
            "queued bytes past which presence, typing and transient are shed"),
        limit(
            "outboundHard", \.limits.outboundHard, 8_192...1_073_741_824,
            "queued bytes past which a slow consumer is closed"),
        limit("frameBytes", \.limits.frameBytes, 1_024...16_777_216, "a WebSocket message"),
        limit("bodyBytes", \.limits.bodyBytes, 1_024...1_073_741_824, "a request's body"),
        limit("uploadBytes", \.limits.uploadBytes, "the files of one message; 0 = off"),
        limit(
            "memoryHigh", \.limits.memoryHigh, 0...0,
            "resident bytes past which load is shed (not served yet: must be 0)"),
        limit("sendsPerMinute", \.limits.sendsPerMinute, "messages of one user over client interfaces; 0 = off"),
        limit("framesPerMinute", \.limits.framesPerMinute, "frames of one connection; 0 = off"),
        limit("typingPerSecond", \.limits.typingPerSecond, "typing frames of one connection; 0 = off"),
        limit("authPerMinute", \.limits.authPerMinute, "failed auth attempts from one address; 0 = off"),
        limit(
            "handshakesPerTick", \.limits.handshakesPerTick, 1...1_024, reloadable: false,
            "TLS handshakes advanced per loop iteration"),
        limit("nameLength", \.limits.nameLength, 1...10_000, "characters of a name"),
        limit("urlLength", \.limits.urlLength, 1...100_000, "characters of a URL"),
        limit("metadataBytes", \.limits.metadataBytes, "of a user or group"),
        limit("tags", \.limits.tags, "tags of one object"),
        limit("tagLength", \.limits.tagLength, "characters of a tag"),
        limit("descriptionLength", \.limits.descriptionLength, "characters of a group's description"),
        limit("messageBytes", \.limits.messageBytes, 1_024...16_777_216, "JSON of a message"),
        limit("dataBytes", \.limits.dataBytes, 256...16_777_216, "a message's data"),
        limit("groupsPerUser", \.limits.groupsPerUser, "groups a user is in"),
        limit("friendsPerUser", \.limits.friendsPerUser, "friends of a user"),
        limit("blockedPerUser", \.limits.blockedPerUser, "users whom one user may block"),
        limit("membersPerGroup", \.limits.membersPerGroup, "members of a group"),
        limit("membersPerAdd", \.limits.membersPerAdd, "members added by one call"),
        limit("bansPerGroup", \.limits.bansPerGroup, "users banned from a group; 0 = off"),
        limit(
            "passwordsPerMinute", \.limits.passwordsPerMinute,
            "group passwords one user sets or gets wrong over client interfaces; 0 = off"),
        limit("reactionsPerMessage", \.limits.reactionsPerMessage, "different reactions on one message"),
        limit("reactionsPerUser", \.limits.reactionsPerUser, "different reactions of one user on one message"),
        limit("reactionLength", \.limits.reactionLength, 1...1_000, "characters of a reaction"),
        limit("mentions", \.limits.mentions, 1...1_000, "users mentioned in one message who are shown"),
        limit("interactionsPerUser", \.limits.interactionsPerUser, "elements of one message used by one user"),
        limit("interactionElements", \.limits.interactionElements, "elements of one goal, and of one report of use"),
        limit("elementIDLength", \.limits.elementIDLength, 1...1_000, "characters of an element's id"),
        limit("participantsPerCall", \.limits.participantsPerCall, "users in one group call at a time; 0 = off"),
    ]

    private static let rest: [ConfigurationKey] = [
        .integer("presence", "tickMs", \.presence.tickMs, 10...10_000, "between presence flushes, in milliseconds"),
        .integer(
            "presence", "perSecond", \.presence.perSecond, 1...1_000_000, "presence frames per second to one subscriber"
        ),
        .text("media", "directory", \.media.directory, "uploads; relative to the state directory"),
        .integer("media", "quotaBytes", \.media.quotaBytes, 0...Int.max, "of all uploads; 0 = off"),
        .seconds("webhooks", "timeout", \.webhooks.timeoutMs, 0.1...600, "one attempt"),
        .integer(
            "webhooks", "retries", \.webhooks.retries, 0...1_000, reloadable: true, "attempts after the first"),
        .flag(
            "webhooks", "allowPrivateTargets", \.webhooks.allowPrivateTargets, reloadable: true,
            "webhooks may reach private and loopback addresses"),
        .choice(
            "log", "level", \.log.level, ["trace", "debug", "info", "notice", "warning", "error", "critical"],
            reloadable: true, "least severe line that is written"),
        .choice(
            "log", "format", \.log.format, ["auto", "text", "json", "journald"],
            "auto = journald under systemd, text on a terminal, json otherwise"),
        .text(
            "apps", "directory", \.apps.directory,
            "one YAML file per app; relative to the configuration file, with --dev to the data directory"),
    ]

    /// Beyond it nothing is a limit any more.
    static let limitMax = 1_099_511_627_776

    private static func limit(
        _ name: String, _ path: ConfigurationKey.Path<Int>, _ range: ClosedRange<Int>, reloadable: Bool = true,
        _ meaning: String
    ) -> ConfigurationKey {
        .integer("limits", name, path, range, reloadable: reloadable, meaning)
    }

    private static func limit(
        _ name: String, _ path: ConfigurationKey.Path<Int>, _ meaning: String
    ) -> ConfigurationKey {
        limit(name, path, 0...limitMax, meaning)
    }

    private static let addressProblem: @Sendable (String) -> String? = { text in
        SocketAddress(text) == nil ? "must be ADDRESS:PORT or [IPv6]:PORT" : nil
    }

    private static let idProblem: @Sendable (String) -> String? = { text in
        UInt32(text) == nil ? "must be a numeric id" : nil
    }
}
