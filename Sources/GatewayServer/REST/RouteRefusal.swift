internal import WireProtocol

/// A request that reaches no route, with its answer.
struct RouteRefusal: Error {
    let response: Response

    init(_ failure: APIFailure) {
        response = .failure(failure)
    }

    private init(response: Response) {
        self.response = response
    }

    /// Nothing is served there, or not on this listener: both look the same.
    static func unknown(_ head: RequestHead) -> RouteRefusal {
        RouteRefusal(APIFailure(.apiNotFound, "there is no \(head.method) \(head.path)"))
    }

    /// RFC 9110 §15.5.6: the answer names the methods that would do.
    static func method(_ head: RequestHead, allowed: [String]) -> RouteRefusal {
        let failure = APIFailure(.apiNotFound, "\(head.path) has no \(head.method)", status: 405)
        let names = allowed.contains("GET") ? allowed + ["HEAD"] : allowed
        return RouteRefusal(
            response: Response.failure(failure).adding([("allow", names.sorted().joined(separator: ", "))]))
    }
}
