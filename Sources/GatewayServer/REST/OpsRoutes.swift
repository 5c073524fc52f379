/// Health, metrics and the description of the API, on the backend socket and the ops listener; never in public.
enum OpsRoutes {
    /// Without a key, an app or a version prefix. `openapi.yaml` names them too.
    static let paths = ["/healthz", "/readyz", "/metrics", "/openapi.yaml"]

    static func answer(_ head: RequestHead, health: GatewayHealth) -> Response? {
        guard paths.contains(head.path), head.path != "/openapi.yaml" || head.listener == .backend else { return nil }
        guard head.method == "GET" || head.method == "HEAD" else {
            return Response.plain(status: 405, "Only GET.\n").adding([("allow", "GET, HEAD")])
        }
        switch head.path {
        case "/healthz":
            let stuck = health.stuckPart()
            return .plain(status: stuck == nil ? 200 : 503, stuck.map { "\($0) is stuck\n" } ?? "ok\n")
        case "/readyz":
            let why = health.unreadiness()
            return .plain(status: why == nil ? 200 : 503, (why ?? "ready") + "\n")
        case "/metrics":
            return Response(
                status: 200, headers: [("content-type", "text/plain; version=0.0.4; charset=utf-8")],
                body: Array(health.metrics().utf8))
        default:
            return Response(
                status: 200, headers: [("content-type", "application/yaml")], body: PackageResources.openapi_yaml)
        }
    }
}
