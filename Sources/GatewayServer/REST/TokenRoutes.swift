internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import JSONCodec
internal import TLSEngine
internal import WireProtocol

/// Auth tokens (protocol.md §2, §8).
enum TokenRoutes {
    static let all = [
        Route("POST", "users/{uid}/auth_tokens", .authKey, create),
        Route("GET", "users/{uid}/auth_tokens", .backend, list),
        Route("DELETE", "users/{uid}/auth_tokens", .backend, deleteAll),
        Route("DELETE", "users/{uid}/auth_tokens/{token}", .backend, delete),
    ]

    /// SDKs send a body of their own; nothing in it matters.
    private static func create(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let uid = try call.uid(0)
        let token = FreshToken()
        return try call.command(.createToken(uid, token.hash)) { reply in
            guard case .token(_, let user) = reply else { return .unexpected }
            return .json(ResponseBody.authToken(token.text, of: user))
        }
    }

    /// A token itself is known to its user alone; the list shows its SHA-256.
    private static func list(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let uid = try call.uid(0)
        return call.read { store in
            guard try store.user(call.app.number, uid) != nil else { throw UserRoutes.unknown(uid) }
            let tokens = try store.tokens(call.app.number, of: uid)
            return .json(
                ResponseBody.list(tokens) { writer, token in
                    writer.beginObject()
                    writer.member("uid", token.uid.text)
                    writer.member("tokenHash", Base64URL.encode(token.hash.bytes))
                    writer.member("createdAt", token.createdAt)
                    writer.endObject()
                })
        }
    }

    private static func deleteAll(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.doing(.deleteTokens(try call.uid(0), nil))
    }

    private static func delete(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        try call.doing(.deleteTokens(try call.uid(0), TokenHash(Digest.sha256(call.parameters[1]))))
    }
}
