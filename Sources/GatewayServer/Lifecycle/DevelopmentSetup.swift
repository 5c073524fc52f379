internal import ChatModel
internal import EventLog
internal import Foundation
internal import TLSEngine

/// What `--dev` makes so that nothing needs to be prepared (operations.md): certificates, one app, three users, a group.
public enum DevelopmentSetup {
    public static let appID = "dev"
    public static let authKey = "dev-auth-key"
    public static let apiKey = "dev-api-key"
    public static let defaultPort: UInt16 = 8443

    private static let users = [("alice", "Alice"), ("bob", "Bob"), ("carol", "Carol")]
    private static let lobby = "lobby"

    /// Makes what is missing under `directory` and returns the defaults to read a configuration over.
    public static func prepare(directory: String, port: UInt16) throws(StartFailure) -> Configuration {
        let files: DevelopmentAuthority.Files
        do {
            for part in ["", "/run", "/tls", "/apps.d"] {
                try FileManager.default.createDirectory(
                    atPath: directory + part, withIntermediateDirectories: true,
                    attributes: [.posixPermissions: 0o700])
            }
            let app = directory + "/apps.d/dev.yaml"
            if !FileManager.default.fileExists(atPath: app) {
                let text = "id: \(appID)\nauthKey: \(authKey)\napiKeys: [\(apiKey)]\n"
                try text.write(to: URL(fileURLWithPath: app), atomically: true, encoding: .utf8)
            }
            files = try DevelopmentAuthority.prepare(directory: directory + "/tls")
        } catch {
            throw StartFailure("data directory \(directory): \(error)")
        }
        var defaults = Configuration()
        defaults.server.stateDirectory = directory
        defaults.server.runtimeDirectory = directory + "/run"
        defaults.public.listen = ["127.0.0.1:\(port)", "[::1]:\(port)"]
        defaults.public.advertiseHost = "localhost"
        defaults.public.advertisePort = Int(port)
        defaults.public.allowedOrigins = ["*"]
        defaults.public.playground = true
        defaults.tls.certificate = files.certificateChain
        defaults.tls.privateKey = files.privateKey
        defaults.backend.group = ""
        defaults.webhooks.allowLoopbackTargets = true
        defaults.limits.sendsPerMinute = 0
        defaults.limits.framesPerMinute = 0
        defaults.limits.typingPerSecond = 0
        defaults.limits.authPerMinute = 0
        defaults.limits.passwordsPerMinute = 0
        return defaults
    }

    /// Creates the users and the group, unless the app has users already.
    static func seed(_ app: AppNumber, log: any EventLog, store: any Store, nowSeconds: Int64) throws(LogFailure) {
        guard try store.users(UserQuery(app: app)).items.isEmpty else { return }
        let seq = try store.positions(app).reserved + 1
        try log.reserve(app, through: seq)
        let records = users.map { uid, name in
            UserRecord(uid: UserID(trusted: uid), name: name, createdAt: nowSeconds)
        }
        let guid = GroupID(trusted: lobby)
        let group = GroupRecord(
            guid: guid, name: "Lobby", type: .open, description: "Everyone's first room", owner: records[0].uid,
            createdAt: nowSeconds)
        let members = records.map { record in
            Change.memberAdded(
                Membership(
                    guid: guid, uid: record.uid, scope: record.uid == group.owner ? .admin : .participant,
                    joinedAt: nowSeconds, joinedSeq: seq))
        }
        _ = try log.commit([
            LoggedDecision(app: app, seq: seq, changes: records.map { .user($0) } + [.group(group)] + members)
        ])
    }
}
