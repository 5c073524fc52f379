internal import HTTPCodec
internal import WireProtocol

/// Finds a request's route, checks who may call it, and calls it. Immutable; shared by all shards.
struct Router: RequestHandler {
    let services: RouteServices
    let table: RouteTable
    private let attempts: AttemptLimit

    private init(_ services: RouteServices, _ table: RouteTable) {
        self.services = services
        self.table = table
        attempts = AttemptLimit(addresses: services.addresses)
    }

    static func make(_ services: RouteServices) -> Router {
        Router(services, .all)
    }

    func begin(_ head: RequestHead) -> RequestDisposition {
        if head.listener != .ops, Self.isForm(head) { return beginForm(head) }
        guard head.listener == .backend, head.path.hasSuffix(BulkPublish.path) else {
            return .collect(bytesMax: bodyBytesMax)
        }
        do {
            let (route, call) = try resolve(Request(head: head, body: []))
            if case .stream(let make) = route.action { return .stream(make(call)) }
            return .collect(bytesMax: bodyBytesMax)
        } catch {
            return .refuse(error.response)
        }
    }

    private static func isForm(_ head: RequestHead) -> Bool {
        head.method == "POST" && head.header("content-type")?.lowercased().hasPrefix("multipart/") == true
    }

    /// Where a route takes a form, whoever may not send it is told before the body comes.
    private func beginForm(_ head: RequestHead) -> RequestDisposition {
        let settings = services.settings
        if let refusal = attempts.refusal(of: head) { return .refuse(CrossOrigin.allow(head, settings, refusal)) }
        do throws(RouteRefusal) {
            let (route, call) = try resolve(Request(head: head, body: []))
            guard case .callOrForm(_, let form) = route.action else { return .collect(bytesMax: bodyBytesMax) }
            do throws(APIFailure) {
                let rates = SendRateHeaders(route, call)
                return .consume(
                    MappedConsumer(try form(call)) { [attempts] result in
                        CrossOrigin.allow(head, settings, attempts.counting(head, rates?.wrap(result) ?? result))
                    })
            } catch {
                throw RouteRefusal(error)
            }
        } catch {
            attempts.count(head, error.response)
            return .refuse(CrossOrigin.allow(head, settings, error.response))
        }
    }

    func handle(_ request: Request) -> RouteResult {
        let head = request.head
        if head.listener != .public, let answer = OpsRoutes.answer(head, health: services.health) {
            return .answer(answer)
        }
        if head.listener == .ops { return .answer(RouteRefusal.unknown(head).response) }
        let settings = services.settings
        if head.listener == .public, let answer = CrossOrigin.preflight(head, settings) { return .answer(answer) }
        let result = attempts.refusal(of: head).map { .answer($0) } ?? attempts.counting(head, dispatch(request))
        return CrossOrigin.allow(head, settings, result)
    }

    private func dispatch(_ request: Request) -> RouteResult {
        if let media = MediaRoutes.answer(request.head, services) { return media }
        if let page = StaticPages.answer(request.head, playground: services.playground) { return .answer(page) }
        let (route, call): (Route, RouteCall)
        do { (route, call) = try resolve(request) } catch { return .answer(error.response) }
        let result: RouteResult
        switch route.action {
        case .call(let handler), .callOrForm(let handler, _):
            do { result = try handler(call) } catch { result = .answer(.failure(error)) }
        case .stream: return .answer(RouteRefusal.unknown(request.head).response)
        }
        return SendRateHeaders(route, call)?.wrap(result) ?? result
    }

    // MARK: - Finding the route

    private func resolve(_ request: Request) throws(RouteRefusal) -> (Route, RouteCall) {
        let head = request.head
        if services.health.isDraining {
            throw RouteRefusal(APIFailure(.unavailable, "the gateway is draining", retryAfterMs: 1_000))
        }
        let (route, parameters) = try route(of: head)
        do throws(APIFailure) {
            let app = try app(of: head)
            let identity = try RequestIdentity.read(head, app: app, trust: services.settings.trust)
            try Self.check(identity, route.access)
            let call = RouteCall(
                request: request, app: app, identity: identity, parameters: parameters,
                query: try Self.query(of: head), services: services)
            return (route, call)
        } catch {
            throw RouteRefusal(error)
        }
    }

    private func route(of head: RequestHead) throws(RouteRefusal) -> (Route, [String]) {
        guard let (path, parameters) = table.find(try Self.path(of: head)) else { throw .unknown(head) }
        let served = path.routes.filter { $0.isServed(on: head.listener) }
        guard !served.isEmpty else { throw .unknown(head) }
        let method = head.method == "HEAD" ? "GET" : head.method
        guard let route = served.first(where: { $0.method == method }) else {
            throw .method(head, allowed: served.map(\.method))
        }
        return (route, parameters)
    }

    /// The path's segments, decoded, without the version prefix that SDKs add once they have settings.
    private static func path(of head: RequestHead) throws(RouteRefusal) -> [String] {
        let bytes = Array(head.path.utf8)
        var segments: [String]
        do throws(HTTPRefusal) {
            segments = try HTTPTarget.segments(bytes.span, path: 0..<bytes.count)
        } catch {
            throw RouteRefusal(APIFailure(.badRequest, "path: \(error.reason)"))
        }
        if let first = segments.first, first == "v3" || first == "v3.0" { segments.removeFirst() }
        return segments
    }

    private static func query(of head: RequestHead) throws(APIFailure) -> [HTTPTarget.QueryItem] {
        guard let query = head.query else { return [] }
        let bytes = Array(query.utf8)
        do throws(HTTPRefusal) {
            return try HTTPTarget.queryItems(bytes.span, query: 0..<bytes.count)
        } catch {
            throw APIFailure(.badRequest, "query: \(error.reason)")
        }
    }

    // MARK: - Who calls

    private func app(of head: RequestHead) throws(APIFailure) -> AppEntry {
        guard let id = head.header("appid"), !id.isEmpty else {
            throw APIFailure(.emptyAppID, "the header appId is missing")
        }
        guard let app = services.apps.app(id: id) else {
            throw APIFailure(.invalidAppID, "there is no such app")
        }
        return app
    }

    private static func check(_ identity: RequestIdentity, _ access: Route.Access) throws(APIFailure) {
        switch (access, identity) {
        case (.app, _), (_, .backend), (.user, .token), (.authKey, .authKey): return
        case (.user, .none): throw APIFailure(.emptyAuthToken, "the header authToken is missing")
        case (.authKey, .none), (.backend, .none): throw APIFailure(.emptyAPIKey, "the header apiKey is missing")
        case (.user, .authKey), (.authKey, .token), (.backend, .token), (.backend, .authKey):
            throw APIFailure(.noAccess, "this credential may not do that")
        }
    }

    /// 0 in the configuration turns the bound on bodies off.
    private var bodyBytesMax: Int {
        let bound = services.settings.limits.bodyBytes
        return bound > 0 ? bound : .max
    }
}
