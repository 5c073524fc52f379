internal import ChatModel
internal import GatewayCore
internal import HTTPCodec
internal import WireProtocol

/// A request that found its route. Value; crosses threads with the jobs made of it.
///
/// `RouteCall+Query` reads its parameters, `RouteCall+Steps` makes its steps.
struct RouteCall: Sendable {
    let request: Request
    let app: AppEntry
    let identity: RequestIdentity
    /// Of the path, percent-decoded, in the route's order.
    let parameters: [String]
    let query: [HTTPTarget.QueryItem]
    let services: RouteServices

    var limits: Limits { services.settings.limits }

    /// The body, as JSON that a decoder of `WireProtocol` will judge. What says it is something else is refused here, so
    /// that a form is told from broken JSON; what says nothing, or nothing true, is given a try.
    func json() throws(APIFailure) -> [UInt8] {
        let type = request.head.header("content-type")?.lowercased() ?? ""
        guard !type.hasPrefix("multipart/"), !type.hasPrefix("application/x-www-form-urlencoded") else {
            throw APIFailure(.badRequest, "content-type: the body must be a JSON object")
        }
        return request.body
    }

    /// The backend acts as itself: there is no viewer.
    var isSystem: Bool {
        if case .backend(nil) = identity { true } else { false }
    }

    /// The same call with another body: what a form stands for.
    func having(body: [UInt8]) -> RouteCall {
        RouteCall(
            request: Request(head: request.head, body: body), app: app, identity: identity, parameters: parameters,
            query: query, services: services)
    }

    /// The session the resulting events come from: the header `resource`. The core believes it only of its holder.
    var origin: Origin? {
        request.head.header("resource").flatMap { SessionID($0) }.map { .session($0) }
    }

    func uid(_ index: Int) throws(APIFailure) -> UserID {
        guard let uid = UserID(parameters[index]) else { throw Self.malformed("uid") }
        return uid
    }

    func guid(_ index: Int) throws(APIFailure) -> GroupID {
        guard let guid = GroupID(parameters[index]) else { throw Self.malformed("guid") }
        return guid
    }

    func messageID(_ index: Int) throws(APIFailure) -> Int64 {
        guard let id = Int64(parameters[index]), id > 0 else {
            throw APIFailure(.badRequest, "id: must be a message id, a whole number above 0")
        }
        return id
    }

    static func malformed(_ name: String) -> APIFailure {
        APIFailure(.badRequest, "\(name): must be 1 to 100 characters of [A-Za-z0-9_-]")
    }
}
