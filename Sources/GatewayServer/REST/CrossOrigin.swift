/// Which browsers' pages may call the public listener (protocol.md §7). A foreign page is answered without CORS headers,
/// so its browser keeps the answer from it; what is no browser sends no `Origin` and is not concerned.
enum CrossOrigin {
    private static let methods = "GET, POST, PUT, PATCH, DELETE"
    private static let requestHeaders =
        "appId, authToken, apiKey, resource, sdk, chatApiVersion, content-type, authorization"
    private static let exposedHeaders =
        "retry-after, x-rate-limit, x-rate-limit-remaining, x-rate-limit-reset, etag, accept-ranges, content-range, "
        + "content-disposition"
    private static let preflightSeconds = 600

    /// Whether a page of `origin` may connect: listed, all allowed, or the gateway's own page.
    static func allows(_ origin: String, host: String?, allowed: [String]) -> Bool {
        // It is sent back in a header, where a tab, which a header value may hold, has no place.
        guard origin.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { return false }
        let origin = origin.lowercased()
        if allowed.contains(where: { $0 == "*" || $0.lowercased() == origin }) { return true }
        return host.map { "https://\($0.lowercased())" == origin } ?? false
    }

    /// The answer to a browser's question before a request, or nil when this is none.
    static func preflight(_ head: RequestHead, _ settings: RouteServices.Settings) -> Response? {
        guard head.method == "OPTIONS", let origin = head.header("origin"),
            head.header("access-control-request-method") != nil
        else { return nil }
        guard allows(origin, host: head.header("host"), allowed: settings.allowedOrigins) else {
            return Response(status: 204)
        }
        return Response(
            status: 204,
            headers: headers(origin) + [
                ("access-control-allow-methods", methods), ("access-control-allow-headers", requestHeaders),
                ("access-control-max-age", String(preflightSeconds)),
            ])
    }

    /// Adds the headers for an allowed page to whatever answer a result ends in.
    static func allow(_ head: RequestHead, _ settings: RouteServices.Settings, _ result: RouteResult) -> RouteResult {
        guard let extra = headers(for: head, settings) else { return result }
        return result.mapping { $0.adding(extra) }
    }

    static func allow(_ head: RequestHead, _ settings: RouteServices.Settings, _ response: Response) -> Response {
        headers(for: head, settings).map { response.adding($0) } ?? response
    }

    /// nil: the request is of no page, or of a foreign one.
    private static func headers(
        for head: RequestHead, _ settings: RouteServices.Settings
    ) -> [(name: String, value: String)]? {
        guard head.listener == .public, let origin = head.header("origin"),
            allows(origin, host: head.header("host"), allowed: settings.allowedOrigins)
        else { return nil }
        return headers(origin) + [("access-control-expose-headers", exposedHeaders)]
    }

    private static func headers(_ origin: String) -> [(name: String, value: String)] {
        [("access-control-allow-origin", origin), ("vary", "origin")]
    }
}
