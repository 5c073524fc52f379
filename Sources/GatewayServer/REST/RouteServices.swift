internal import EventLog
internal import GatewayCore
internal import Synchronization
internal import WireProtocol

/// What routes work with. Any thread.
final class RouteServices: Sendable {
    /// What a reload replaces.
    struct Settings: Sendable {
        var trust: BackendTrust
        var advertiseHost: String
        var advertisePort: Int
        var allowedOrigins: [String]
        var jwtLifetimeSeconds: Int64
        var limits: Limits
    }

    let apps: AppDirectory
    let store: any Store
    let presence: PresenceTable
    let verifier: CredentialVerifier
    let passwords: PasswordDesk
    let playground: Bool
    let health: GatewayHealth
    let media: MediaStore
    let addresses: AddressLimits
    let sendRates: SendRates
    private let current: Mutex<Settings>

    init(
        apps: AppDirectory, store: any Store, presence: PresenceTable, verifier: CredentialVerifier,
        passwords: PasswordDesk, playground: Bool, health: GatewayHealth, media: MediaStore,
        addresses: AddressLimits = AddressLimits(AddressLimits.Bounds()), sendRates: SendRates = SendRates(),
        settings: Settings
    ) {
        self.apps = apps
        self.store = store
        self.presence = presence
        self.verifier = verifier
        self.passwords = passwords
        self.playground = playground
        self.health = health
        self.media = media
        self.addresses = addresses
        self.sendRates = sendRates
        current = Mutex(settings)
    }

    var settings: Settings {
        get { current.withLock { $0 } }
        set { current.withLock { $0 = newValue } }
    }
}
