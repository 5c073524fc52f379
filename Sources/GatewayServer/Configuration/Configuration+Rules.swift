internal import GatewayCore
internal import TLSEngine
internal import WireProtocol

/// What each room is told of the configuration.
extension CoreRules {
    init(_ configuration: Configuration) {
        self.init()
        presenceGraceMs = Int64(configuration.rules.presenceGraceMs)
        typingTimeoutMs = Int64(configuration.rules.typingTimeoutMs)
        callUnansweredMs = Int64(configuration.rules.callUnansweredMs)
        participantsPerCall = configuration.limits.participantsPerCall
        connectionsPerUser = configuration.limits.connectionsPerUser
        sendsPerMinute = configuration.limits.sendsPerMinute
        groupsPerUser = configuration.limits.groupsPerUser
        friendsPerUser = configuration.limits.friendsPerUser
        blockedPerUser = configuration.limits.blockedPerUser
        membersPerGroup = configuration.limits.membersPerGroup
        membersPerAdd = configuration.limits.membersPerAdd
        bansPerGroup = configuration.limits.bansPerGroup
        reactionsPerMessage = configuration.limits.reactionsPerMessage
        reactionsPerUser = configuration.limits.reactionsPerUser
        interactionsPerUser = configuration.limits.interactionsPerUser
    }
}

extension ShardRules {
    init(_ configuration: Configuration) {
        self.init()
        authTimeoutMs = Int64(configuration.rules.authTimeoutMs)
        pingTimeoutMs = Int64(configuration.rules.pingTimeoutMs)
        backgroundTimeoutMs = Int64(configuration.rules.backgroundTimeoutMs)
        resumeLimit = configuration.rules.resumeLimit
        limits = Limits(configuration)
        outboundSoftBytes = configuration.limits.outboundSoft
        outboundHardBytes = configuration.limits.outboundHard
        presenceTickMs = Int64(configuration.presence.tickMs)
        presencePerSecond = configuration.presence.perSecond
    }
}

extension Limits {
    init(_ configuration: Configuration) {
        self.init()
        let limits = configuration.limits
        nameLength = limits.nameLength
        urlLength = limits.urlLength
        metadataBytes = limits.metadataBytes
        tags = limits.tags
        tagLength = limits.tagLength
        descriptionLength = limits.descriptionLength
        messageBytes = limits.messageBytes
        dataBytes = limits.dataBytes
        frameBytes = limits.frameBytes
        bodyBytes = limits.bodyBytes
        uploadBytes = limits.uploadBytes
        connectionsPerUser = limits.connectionsPerUser
        groupsPerUser = limits.groupsPerUser
        friendsPerUser = limits.friendsPerUser
        blockedPerUser = limits.blockedPerUser
        membersPerGroup = limits.membersPerGroup
        membersPerAdd = limits.membersPerAdd
        reactionsPerMessage = limits.reactionsPerMessage
        reactionsPerUser = limits.reactionsPerUser
        reactionLength = limits.reactionLength
        mentions = limits.mentions
        interactionsPerUser = limits.interactionsPerUser
        interactionElements = limits.interactionElements
        elementIDLength = limits.elementIDLength
        sendsPerMinute = limits.sendsPerMinute
        framesPerMinute = limits.framesPerMinute
        typingPerSecond = limits.typingPerSecond
        authPerMinute = limits.authPerMinute
        bansPerGroup = limits.bansPerGroup
        passwordsPerMinute = limits.passwordsPerMinute
    }
}

extension AddressLimits.Bounds {
    init(_ configuration: Configuration) {
        self.init(
            connections: configuration.limits.connections,
            connectionsPerAddress: configuration.limits.connectionsPerAddress,
            failuresPerMinute: configuration.limits.authPerMinute)
    }
}

extension ShardSettings {
    init(_ configuration: Configuration, tls: TLSContext) {
        self.init(
            rules: ShardRules(configuration), tls: tls, allowedOrigins: configuration.public.allowedOrigins,
            frameBytesMax: configuration.limits.frameBytes, proxyProtocol: configuration.public.proxyProtocol)
    }
}

extension RouteServices.Settings {
    init(_ configuration: Configuration) {
        self.init(
            trust: BackendTrust(configuration), advertiseHost: configuration.public.advertiseHost,
            advertisePort: configuration.public.advertisePort, allowedOrigins: configuration.public.allowedOrigins,
            jwtLifetimeSeconds: Int64(configuration.rules.jwtLifetimeMs / 1_000), limits: Limits(configuration))
    }
}
