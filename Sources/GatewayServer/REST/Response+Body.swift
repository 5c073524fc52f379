internal import Reactor
internal import WireProtocol

/// The answers that routes give.
extension Response {
    /// What `ResponseBody` made, never kept by a cache: it may hold a credential.
    static func json(_ body: [UInt8]) -> Response {
        Response(status: 200, headers: jsonHeaders, body: body)
    }

    static func failure(_ failure: APIFailure) -> Response {
        var headers = jsonHeaders
        if failure.httpStatus == 429 || failure.httpStatus == 503 {
            // RFC 9110 §10.2.3: whole seconds; early would be refused again.
            let seconds = max((failure.retryAfterMs + 999) / 1_000, 1)
            headers.append(("retry-after", String(seconds)))
            if failure.httpStatus == 429 {
                // The same moment as Unix seconds, as compatible clients expect it.
                headers.append(("x-rate-limit-reset", String(SystemTime.wallMs() / 1_000 + Int64(seconds))))
            }
        }
        return Response(
            status: failure.httpStatus, headers: headers, body: ResponseBody.error(failure), refusal: failure.code)
    }

    /// For people and scrapers.
    static func plain(status: Int, _ text: String) -> Response {
        Response(status: status, headers: [("content-type", "text/plain; charset=utf-8")], body: Array(text.utf8))
    }

    func adding(_ extra: [(name: String, value: String)]) -> Response {
        Response(status: status, headers: headers + extra, body: body, refusal: refusal)
    }

    private static let jsonHeaders: [(name: String, value: String)] = [
        ("content-type", "application/json"), ("cache-control", "no-store"),
    ]
}

extension Response {
    /// The core answered a command with what no such command leads to: a flaw of ours, not the caller's.
    static var unexpected: Response {
        assertionFailure("a reply that no such command has")
        return .failure(APIFailure(.missionFailed, "the gateway answered itself wrongly"))
    }
}
