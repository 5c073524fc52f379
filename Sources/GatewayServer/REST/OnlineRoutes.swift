internal import ChatModel
internal import GatewayCore
internal import JSONCodec
internal import Reactor
internal import WireProtocol

/// How many are online: in the app, or in groups (protocol.md §7).
enum OnlineRoutes {
    static let all = [Route("POST", "api/{version}/online-members", .app, count)]

    /// SDKs bring the jwt of their connection in the header `Authorization`, without a scheme. It is checked as at `auth`;
    /// without it the usual headers do.
    private static func count(_ call: RouteCall) throws(APIFailure) -> RouteResult {
        let groups = try OnlineMembersBody.decode(try call.json()).groups
        guard let credential = call.request.head.header("authorization"), !credential.isEmpty else {
            return ask(groups, as: try call.identity.caller(), call)
        }
        guard !Limits.exceeds(credential.utf8.count, call.limits.credentialBytes) else {
            throw APIFailure(.authTokenNotFound, "the credential is too long")
        }
        return .task {
            let verified = await call.services.verifier.verify(
                credential, app: call.app, nowSeconds: SystemTime.wallMs() / 1_000)
            return switch verified {
            case .success(.token(let hash)): ask(groups, as: .token(hash), call)
            // The app's own backend vouches for the user; whether they exist the core says.
            case .success(.appSigned(let uid, _)): ask(groups, as: .backend(onBehalfOf: uid), call)
            case .failure(.expired): refusal("the credential has expired")
            case .failure(.unacceptable): refusal("the credential is not valid")
            }
        }
    }

    private static func refusal(_ message: String) -> RouteResult {
        .answer(.failure(APIFailure(.authTokenNotFound, message)))
    }

    /// The core is asked even for the whole app's count: it knows whether the caller still is somebody.
    private static func ask(_ groups: [GroupID]?, as caller: Caller, _ call: RouteCall) -> RouteResult {
        let command = Command(app: call.app.number, caller: caller, operation: .countOnline(groups ?? []))
        return .command(command, bytes: call.request.body.count + RouteCall.commandBytes) { reply in
            switch reply {
            case .onlineCounts(let counts): .answer(.json(json(groups == nil ? nil : counts, call)))
            case .failed(let failure): .answer(.failure(failure))
            default: .answer(.unexpected)
            }
        }
    }

    private static func json(_ counts: [GroupID: Int]?, _ call: RouteCall) -> [UInt8] {
        ResponseBody.data { writer in
            writer.beginObject()
            if let counts {
                writer.key("groups")
                writer.beginObject()
                for (guid, count) in counts.sorted(by: { $0.key < $1.key }) {
                    writer.key(text: guid.text)
                    writer.int(Int64(count))
                }
                writer.endObject()
            } else {
                writer.member("onlineUsersCount", Int64(call.services.presence.onlineCount(call.app.number)))
            }
            writer.endObject()
        }
    }
}
