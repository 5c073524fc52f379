internal import HTTPCodec
internal import Reactor
internal import WireProtocol

/// The bound on failed attempts of one address (protocol.md §9), for requests: they count together with those over
/// WebSocket. Past it whatever presents a credential is refused without being checked, so that guessing gains nothing;
/// what presents none is served as ever.
struct AttemptLimit: Sendable {
    let addresses: AddressLimits

    /// The refusal of a request whose address has failed too often; nil: it may be served.
    func refusal(of head: RequestHead) -> Response? {
        guard let source = Self.source(of: head),
            let waitMs = addresses.waitBeforeAttempt(source, nowMs: SystemTime.monotonicMs())
        else { return nil }
        let failure = APIFailure(
            .tooManyRequests, "too many failed attempts from this address", retryAfterMs: Int(waitMs))
        return .rateLimited(failure, perMinute: addresses.bounds.failuresPerMinute)
    }

    /// Counts the attempt when the answer says that the credential was wrong.
    func counting(_ head: RequestHead, _ result: RouteResult) -> RouteResult {
        guard Self.source(of: head) != nil else { return result }
        return result.mapping { response in
            count(head, response)
            return response
        }
    }

    func count(_ head: RequestHead, _ response: Response) {
        guard let source = Self.source(of: head) else { return }
        switch response.refusal {
        case .apiKeyNotFound, .authTokenNotFound:
            addresses.authenticationFailed(source, nowMs: SystemTime.monotonicMs())
        default: break
        }
    }

    /// The address of who attempts to authenticate; nil where nothing is presented, and for the backend.
    private static func source(of head: RequestHead) -> SocketAddress? {
        guard head.listener == .public, let source = head.peer.source else { return nil }
        let presents = ["apikey", "authtoken", "authorization"].contains { head.header($0)?.isEmpty == false }
        return presents ? source : nil
    }
}
