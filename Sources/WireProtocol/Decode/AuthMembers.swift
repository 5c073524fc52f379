internal import ChatModel
internal import JSONCodec

/// The body of an `auth` frame.
struct AuthMembers {
    private var credential: Field?
    /// The session id again; what counts when the envelope has none.
    private(set) var session: Field?
    private var presence: Field?
    private var roles: Field?
    private var params: Field?
    private var mode: Field?
    private var appState: Field?
    private var resume: Field?

    mutating func read(_ reader: inout JSONReader, _ body: Field) throws(APIFailure) {
        var found = AuthMembers()
        try reader.eachMember(of: body) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "auth") {
                found.credential = member
            } else if reader.matches(key, "deviceId") {
                found.session = member
            } else if reader.matches(key, "presenceSubscription") {
                found.presence = member
            } else if reader.matches(key, "roles") {
                found.roles = member
            } else if reader.matches(key, "params") {
                found.params = member
            } else if reader.matches(key, "connectionMode") {
                found.mode = member
            } else if reader.matches(key, "appState") {
                found.appState = member
            } else if reader.matches(key, "resume") {
                found.resume = member
            }
        }
        self = found
    }

    func frame(
        _ reader: inout JSONReader, appID: String, session: SessionID, sender: UserID, _ limits: Limits
    ) throws(APIFailure) -> AuthFrame {
        let credential = try reader.string(credential, "body.auth", bytesMax: limits.credentialBytes)
        guard let credential, !credential.isEmpty else {
            throw APIFailure(.emptyAuthToken, "body.auth is required")
        }
        var frame = AuthFrame(appID: appID, session: session, sender: sender, credential: credential)
        frame.presence = try subscription(&reader, limits)
        try readParams(&reader, into: &frame)
        frame.mode = try reader.word(mode, "body.connectionMode") ?? .auto
        frame.appState = try reader.word(appState, "body.appState") ?? .foreground
        frame.resumeAfter = try lastSeq(&reader)
        return frame
    }

    private func subscription(
        _ reader: inout JSONReader, _ limits: Limits
    ) throws(APIFailure) -> PresenceSubscription {
        let roles =
            try reader.strings(
                roles, "body.roles", countMax: limits.roles, charactersMax: limits.nameLength) ?? []
        switch try reader.word(presence, "body.presenceSubscription", PresenceWord.self) {
        case nil, .NONE: return .none
        case .ALL_USERS: return .allUsers
        case .FRIENDS: return .friends
        // JavaScript SDKs ask for roles and never say which.
        case .ROLES: return roles.isEmpty ? .allUsers : .roles(roles)
        }
    }

    private func readParams(_ reader: inout JSONReader, into frame: inout AuthFrame) throws(APIFailure) {
        guard let params, params.kind != .null else { return }
        guard params.kind == .object else { throw APIFailure(.badRequest, "body.params must be an object") }
        var device: Field?
        var platform: Field?
        try reader.eachMember(of: params) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "deviceId") {
                device = member
            } else if reader.matches(key, "platform") {
                platform = member
            }
        }
        frame.deviceID = try reader.string(device, "body.params.deviceId", bytesMax: 255)
        frame.platform = try reader.string(platform, "body.params.platform", bytesMax: 255)
    }

    private func lastSeq(_ reader: inout JSONReader) throws(APIFailure) -> Int64? {
        guard let resume, resume.kind != .null else { return nil }
        guard resume.kind == .object else { throw APIFailure(.badRequest, "body.resume must be an object") }
        var lastSeq: Field?
        try reader.eachMember(of: resume) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "lastSeq") { lastSeq = member }
        }
        guard let seq = try reader.integer(lastSeq, "body.resume.lastSeq", 0...Int64.max) else {
            throw APIFailure(.badRequest, "body.resume.lastSeq is required")
        }
        return seq
    }
}

// swift-format-ignore: AlwaysUseLowerCamelCase
private enum PresenceWord: String, CaseIterable {
    case NONE, ALL_USERS, ROLES, FRIENDS
}
