internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import Reactor
internal import WireProtocol

/// What a client's device does for itself: log in and out, get a jwt and its settings (protocol.md §7).
enum OwnRoutes {
    static let all = [
        Route("GET", "me", .user, get),
        Route("PUT", "me", .user, logIn),
        Route("DELETE", "me", .user, logOut),
        Route("POST", "me/jwt", .user, freshJWT),
        Route("GET", "settings", .app, settings),
        Route("POST", "user_sessions", .user, acceptSession),
    ]

    private static func logIn(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        // Of the device nothing is kept: what a connection says of it counts.
        let body = try LoginBody.decode(try call.json(), limits: call.limits)
        guard let changes = body.changes, case .token = call.identity else { return own(call) }
        return try call.command(.updateSelf(changes), next: { _ in own(call) })
    }

    /// The backend sees the record of the user it acts for, without credentials, which it has no part in.
    private static func get(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        guard case .backend(let uid) = call.identity else { return own(call) }
        guard let uid else { throw APIFailure(.badRequest, "the header onBehalfOf is missing") }
        return call.read { store in
            guard let user = try store.user(call.app.number, uid) else { throw UserRoutes.unknown(uid) }
            return .json(ResponseBody.data { $0.user(call.view(user), .own) })
        }
    }

    private static func own(_ call: RouteCall) -> RouteResult {
        let token = call.request.head.header("authtoken") ?? ""
        let settings = clientSettings(call)
        return call.reading { store in
            let view = call.view(try call.signedIn(in: store))
            return sign(call, view.record.uid) { jwt in
                .json(ResponseBody.me(view, authToken: token, jwt: jwt, settings: settings))
            }
        }
    }

    private static func freshJWT(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        call.reading { store in
            let uid = try call.signedIn(in: store).record.uid
            return sign(call, uid) { jwt in
                .json(
                    ResponseBody.data { writer in
                        writer.beginObject()
                        writer.member("jwt", jwt)
                        writer.endObject()
                    })
            }
        }
    }

    /// A jwt bound to the auth token that came with the request; `then` makes the answer.
    private static func sign(
        _ call: RouteCall, _ uid: UserID, then: @escaping @Sendable (String) -> Response
    ) -> RouteResult {
        guard case .token(let hash) = call.identity else { return .answer(.unexpected) }
        let lifetime = call.services.settings.jwtLifetimeSeconds
        return .task {
            do {
                let jwt = try await call.services.verifier.sign(
                    uid: uid, app: call.app, token: hash, issuedAt: SystemTime.wallMs() / 1_000,
                    lifetimeSeconds: lifetime)
                return .answer(then(jwt))
            } catch {
                return .answer(.failure(APIFailure(.missionFailed, "the jwt cannot be signed")))
            }
        }
    }

    private static func logOut(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.doing(.logout)
    }

    private static func settings(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        .answer(.json(ResponseBody.settings(clientSettings(call))))
    }

    /// Telemetry of SDKs: taken and dropped, from users only.
    private static func acceptSession(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        call.read { store in
            _ = try call.viewer(in: store)
            return .json(ResponseBody.done)
        }
    }

    // MARK: - Settings

    static func clientSettings(_ call: RouteCall) -> ClientSettings {
        let settings = call.services.settings
        let host =
            settings.advertiseHost.isEmpty
            ? name(ofHost: call.request.head.header("host") ?? "") : settings.advertiseHost
        return ClientSettings(appID: call.app.id, host: host, port: settings.advertisePort)
    }

    /// The `Host` header without its port: the name by which this very client found the gateway.
    static func name(ofHost host: String) -> String {
        // An IPv6 address has colons of its own, and stands in brackets for that.
        if let bracket = host.lastIndex(of: "]") { return String(host[...bracket]) }
        return host.firstIndex(of: ":").map { String(host[..<$0]) } ?? host
    }
}
