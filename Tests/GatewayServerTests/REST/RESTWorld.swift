import ChatModel
import EventLog
import Foundation
import GatewayCore
import TLSEngine
import Testing
import WireProtocol

@testable import GatewayServer

/// The routes on the real core and a store in memory, for one test. Every JSON answer is judged by `openapi.yaml`.
final class RESTWorld {
    static let app = "dev"
    static let authKey = "the-auth-key"
    static let apiKey = "the-api-key"

    let router: Router
    let services: RouteServices
    let core: CoreDriver
    let store = InMemoryEventLog()
    let appNumber: AppNumber
    let media: MediaStore
    let scratch = ScratchDirectory()
    private let description: APIDescription
    /// What the last call began to follow.
    private(set) var followed: FeedSubscription?

    struct Answer {
        let status: Int
        let headers: [(name: String, value: String)]
        let body: [UInt8]

        var json: JSONValue { (try? JSONValue(body)) ?? .null }
        var data: JSONValue { json["data"] ?? .null }
        var code: String? { json["error"]?["code"]?.string }
        var message: String { json["error"]?["message"]?.string ?? "" }

        func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }
    }

    init(rules: CoreRules = CoreRules(), configure: (inout Configuration) -> Void = { _ in }) async throws {
        var configuration = Configuration()
        configuration.public.advertisePort = 8443
        configure(&configuration)
        appNumber = try store.number(ofApp: Self.app)
        let otherNumber = try store.number(ofApp: "other")
        let apps = AppDirectory()
        let definitions = [
            (AppDefinition(id: Self.app, authKey: Self.authKey, apiKeys: [Self.apiKey], jwtKeys: []), appNumber),
            (AppDefinition(id: "other", authKey: "other-auth", apiKeys: ["other-api"], jwtKeys: []), otherNumber),
        ]
        var entries: [AppEntry] = []
        for (definition, number) in definitions { entries.append(await AppEntry(definition, number: number)) }
        apps.replace(by: entries)
        media = try MediaStore(
            MediaStore.Options(directory: scratch.path, quotaBytes: configuration.media.quotaBytes),
            pool: try BlockingPool(threads: 1, name: "media"))
        core = try CoreDriver(log: store, apps: [appNumber, otherNumber], rules: rules)
        services = RouteServices(
            apps: apps, store: store, presence: core.presence,
            verifier: await CredentialVerifier(secret: [UInt8](repeating: 7, count: 32)),
            passwords: try PasswordDesk(), playground: false, health: GatewayHealth(log: LogHealth()), media: media,
            addresses: AddressLimits(AddressLimits.Bounds(configuration)), sendRates: core.sendRates,
            settings: RouteServices.Settings(configuration))
        router = Router.make(services)
        description = try APIDescription()
    }

    // MARK: - Calling

    static let backend: [String: String] = ["appid": app, "apikey": apiKey]
    static let withAuthKey: [String: String] = ["appid": app, "apikey": authKey]

    static func user(_ token: String) -> [String: String] { ["appid": app, "authtoken": token] }

    static func acting(_ uid: String) -> [String: String] { backend.merging(["onbehalfof": uid]) { $1 } }

    /// By default a call of the backend on its socket when it has an API key, else one in public.
    func call(
        _ method: String, _ target: String, _ body: String? = nil, as headers: [String: String],
        on listener: ListenerKind? = nil, peer: Peer? = nil
    ) async throws -> Answer {
        let kind = listener ?? (headers["apikey"] == Self.apiKey ? .backend : .public)
        let head = Self.head(method, target, headers, kind, peer)
        return try await finish(router.handle(Request(head: head, body: Array((body ?? "").utf8))), of: head)
    }

    /// Takes the steps of a request to its answer.
    func finish(_ first: RouteResult, of head: RequestHead) async throws -> Answer {
        var result = first
        while true {
            switch result {
            case .answer(let response):
                let answer = Answer(status: response.status, headers: response.headers, body: response.body)
                judge(answer, head.method, head)
                return answer
            case .command(let command, _, let then):
                result = then(try #require(try core.reply(to: command)))
            case .job(let job): result = job()
            case .task(let task): result = await task()
            case .file(let file):
                let body = try file.file.read(at: file.range.lowerBound, count: file.range.count)
                return Answer(status: file.status, headers: file.headers, body: head.method == "HEAD" ? [] : body)
            case .follow(let subscription):
                followed = subscription
                return Answer(status: 200, headers: [("content-type", FeedRoutes.contentType)], body: [])
            }
        }
    }

    static func head(
        _ method: String, _ target: String, _ headers: [String: String], _ listener: ListenerKind, _ peer: Peer? = nil
    ) -> RequestHead {
        let parts = target.split(separator: "?", maxSplits: 1).map(String.init)
        return RequestHead(
            listener: listener, peer: peer ?? Peer(address: listener == .backend ? "unix" : "192.0.2.1"),
            method: method, path: parts[0], query: parts.count > 1 ? parts[1] : nil,
            headers: headers.map { (name: $0.key, value: $0.value) })
    }

    private func judge(_ answer: Answer, _ method: String, _ head: RequestHead) {
        guard answer.header("content-type") == "application/json" else { return }
        let segments = head.path.split(separator: "/").map(String.init)
        let plain = segments.first == "v3" || segments.first == "v3.0" ? Array(segments.dropFirst()) : segments
        guard answer.code != "ERR_API_NOT_FOUND", let (path, _) = router.table.find(plain) else { return }
        let pattern = path.routes[0].pattern
        let faults = description.faults(method, pattern, status: answer.status, body: answer.json)
        #expect(
            faults.isEmpty, "\(method) \(pattern) \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
    }

    // MARK: - Making

    /// Makes a user and gives an auth token of theirs.
    @discardableResult func user(_ uid: String, _ more: String = "") async throws -> String {
        let body = #"{"uid":"\#(uid)","name":"Name of \#(uid)","withAuthToken":true\#(more)}"#
        let answer = try await call("POST", "/users", body, as: Self.backend)
        return try #require(answer.data["authToken"]?.string)
    }

    func group(_ guid: String, owner: String, type: String = "public", participants: [String] = []) async throws {
        let list = participants.map { "\"\($0)\"" }.joined(separator: ",")
        let body = """
            {"guid":"\(guid)","name":"\(guid)","type":"\(type)","owner":"\(owner)","members":{"participants":[\(list)]}}
            """
        #expect(try await call("POST", "/groups", body, as: Self.backend).status == 200)
    }

    func connect(_ uid: String, token: String, session: String = "s-1") throws {
        try core.connect(appNumber, UserID(uid)!, token: TokenHash(Digest.sha256(token)), session: session)
    }

    static func text(to receiver: String, _ text: String = "hi", kind: String = "user", _ more: String = "") -> String {
        """
        {"receiver":"\(receiver)","receiverType":"\(kind)","category":"message","type":"text","data":{"text":"\(text)"}\(more)}
        """
    }
}
