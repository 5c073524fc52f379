/// Everything an operator can set, with its defaults (operations.md). Immutable after it was read. Any thread.
///
/// Durations are milliseconds here and seconds in files, variables and flags; sizes are bytes; 0 turns a rate or an
/// optional bound off. `ConfigurationSchema` holds each key's name, range and meaning.
public struct Configuration: Sendable, Equatable {
    public struct Server: Sendable, Equatable {
        public var shards = 0
        public var workers = 0
        public var stateDirectory = "/var/lib/halley"
        public var runtimeDirectory = "/run/halley"
    }

    public struct Public: Sendable, Equatable {
        public var listen = ["0.0.0.0:8443", "[::]:8443"]
        public var advertiseHost = ""
        public var advertisePort = 443
        public var allowedOrigins: [String] = []
        public var proxyProtocol = false
        public var playground = false
        public var allowApiKeys = false
    }

    public struct TLS: Sendable, Equatable {
        public var certificate = "/etc/halley/tls/fullchain.pem"
        public var privateKey = "/etc/halley/tls/privkey.pem"
        public var minimumVersion = "1.2"
        public var recordLayer = "openssl"
    }

    public struct Backend: Sendable, Equatable {
        public var socket = "backend.sock"
        public var mode = "0660"
        public var group = "halley"
        public var allowUids: [String] = []
        public var allowGids: [String] = []
    }

    public struct Ops: Sendable, Equatable {
        public var listen = ""
    }

    public struct StoreSection: Sendable, Equatable {
        public var engine = "sqlite"
        public var file = "halley.db"
        public var durability = "power"
        public var retentionDays = 0
    }

    public struct Rules: Sendable, Equatable {
        public var authTimeoutMs = 10_000
        public var pingTimeoutMs = 30_000
        public var backgroundTimeoutMs = 30_000
        public var presenceGraceMs = 15_000
        public var typingTimeoutMs = 30_000
        public var callUnansweredMs = 45_000
        public var resumeLimit = 1_000
        public var jwtLifetimeMs = 86_400_000
        public var drainTimeoutMs = 30_000
    }

    public struct Limits: Sendable, Equatable {
        public var connections = 0
        public var connectionsPerUser = 50
        public var connectionsPerAddress = 0
        public var outboundSoft = 262_144
        public var outboundHard = 1_048_576
        public var frameBytes = 65_536
        public var bodyBytes = 1_048_576
        public var uploadBytes = 104_857_600
        public var memoryHigh = 0
        public var sendsPerMinute = 30
        public var framesPerMinute = 600
        public var typingPerSecond = 10
        public var authPerMinute = 60
        public var handshakesPerTick = 8
        public var nameLength = 100
        public var urlLength = 3_000
        public var metadataBytes = 5_120
        public var tags = 25
        public var tagLength = 100
        public var descriptionLength = 255
        public var messageBytes = 65_536
        public var dataBytes = 10_240
        public var groupsPerUser = 2_000
        public var friendsPerUser = 1_000
        public var blockedPerUser = 1_000
        public var membersPerGroup = 100_000
        public var membersPerAdd = 25
        public var bansPerGroup = 100_000
        public var passwordsPerMinute = 10
        public var reactionsPerMessage = 100
        public var reactionsPerUser = 20
        public var reactionLength = 32
        public var mentions = 25
        public var interactionsPerUser = 100
        public var interactionElements = 100
        public var elementIDLength = 100
        public var participantsPerCall = 50
    }

    public struct Presence: Sendable, Equatable {
        public var tickMs = 100
        public var perSecond = 100
    }

    public struct Media: Sendable, Equatable {
        public var directory = "media"
        public var quotaBytes = 0
    }

    public struct Webhooks: Sendable, Equatable {
        public var timeoutMs = 5_000
        public var retries = 10
        public var allowPrivateTargets = false
        /// No key of the file: `--dev` lets webhooks reach this machine.
        var allowLoopbackTargets = false
    }

    public struct Log: Sendable, Equatable {
        public var level = "info"
        public var format = "auto"
    }

    public struct Apps: Sendable, Equatable {
        public var directory = "apps.d"
    }

    public var server = Server()
    public var `public` = Public()
    public var tls = TLS()
    public var backend = Backend()
    public var ops = Ops()
    public var store = StoreSection()
    public var rules = Rules()
    public var limits = Limits()
    public var presence = Presence()
    public var media = Media()
    public var webhooks = Webhooks()
    public var log = Log()
    public var apps = Apps()

    public init() {}
}
