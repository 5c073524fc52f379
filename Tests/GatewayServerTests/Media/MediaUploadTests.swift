import ChatModel
import Foundation
import GatewayCore
import Reactor
import Testing
import WireProtocol

@testable import GatewayServer

@Suite struct MediaUploadTests {
    private let world: RESTWorld
    private let alice: [String: String]

    init() async throws {
        world = try await RESTWorld {
            $0.limits.uploadBytes = 1 << 20
            $0.public.advertiseHost = "chat.example"
        }
        alice = RESTWorld.user(try await world.user("alice"))
        try await world.user("bob")
    }

    private func send(
        _ body: [UInt8], step: Int = 65_536, as headers: [String: String]? = nil
    ) async throws -> RESTWorld.Answer {
        let driver = try UploadDriver(world, as: headers ?? alice)
        return try await world.finish(try driver.send(body, step: step), of: driver.head)
    }

    private static func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    }

    // MARK: - What becomes of a form

    @Test(arguments: [1, 7, 64, 4_096]) func anUploadIsTheSameHoweverItArrives(_ step: Int) async throws {
        let content = Self.noise(3_000)
        let form = UploadDriver.message(
            to: "bob", ["data": #"{"text":"x","url":"http://gone"}"#, "tags": #"["a","b"]"#])
        let answer = try await send(UploadDriver.form(form, files: [("a b.dat", content)]), step: step)
        #expect(answer.status == 200)
        let attachment = try #require(answer.data["data"]?["attachments"]?.items.first)
        let url = try #require(attachment["url"]?.string)
        #expect(answer.data["data"]?["url"]?.string == url)
        #expect(answer.data["data"]?["text"]?.string == "x")
        #expect(answer.data["tags"]?.items.count == 2)
        #expect(attachment["size"] == .int(3_000) && attachment["name"]?.string == "a b.dat")
        #expect(url.hasPrefix("https://chat.example:8443/media/") && url.hasSuffix("/a_b.dat"))
        let path = String(url.dropFirst("https://chat.example:8443".count))
        #expect(try await world.call("GET", path, as: [:], on: .public).body == content)
    }

    @Test func aFormWithoutFilesNamesURLs() async throws {
        let form = UploadDriver.message(to: "bob", type: "image", ["data": #"{"attachments":[{"url":"https://x/y"}]}"#])
        let answer = try await send(UploadDriver.form(form))
        #expect(answer.data["data"]?["url"]?.string == "https://x/y")
        #expect(try await send(UploadDriver.form(UploadDriver.message(to: "bob"))).code == "ERR_INVALID_MESSAGE_DATA")
    }

    @Test func aFieldOfAFormIsThereOnceAndUTF8() async throws {
        let twice = UploadDriver.form(["receiver": "bob"]).dropLast(UploadDriver.boundary.utf8.count + 6)
        let again = try await send(twice + UploadDriver.form(["receiver": "eve"]))
        #expect(again.status == 400 && again.message.contains("receiver"))
        var bytes = UploadDriver.form(["muid": "?"])
        bytes[bytes.firstIndex(of: UInt8(ascii: "?"))!] = 0xFF
        #expect(try await send(bytes).message.contains("muid"))
    }

    @Test func fieldsTogetherAreBounded() async throws {
        let long = String(repeating: "x", count: 40_000)
        let answer = try await send(UploadDriver.form(["reactions": long, "mentionedUsers": long]))
        #expect(answer.status == 413)
        #expect(try await send(UploadDriver.form(["reactions": long + long])).message.contains("reactions"))
    }

    // MARK: - Nothing is left

    @Test func aRefusedUploadLeavesNoFile() async throws {
        let big = Self.noise((1 << 20) + 1)
        for (form, content, status) in [
            (UploadDriver.message(to: "nobody"), Self.noise(50_000), 404),
            (UploadDriver.message(to: "bob", type: "image"), Array("%PDF-1.7".utf8), 400),
            (UploadDriver.message(to: "bob", ["parentId": "77777"]), Self.noise(50_000), 404),
            (UploadDriver.message(to: "bob"), big, 413),
        ] {
            #expect(try await send(UploadDriver.form(form, files: [("a", content)])).status == status)
            try await until { world.scratch.files.isEmpty }
        }
        #expect(world.media.counts.uploads == 0)
    }

    @Test func aCommandThatIsNeverPostedLeavesNoFile() async throws {
        let body = UploadDriver.form(UploadDriver.message(to: "bob"), files: [("a", Self.noise(100))])
        let driver = try UploadDriver(world, as: alice)
        guard case .command(_, _, let then) = try driver.send(body) else {
            Issue.record("a good upload ends in a command")
            return
        }
        #expect(world.scratch.files.count == 1)
        guard case .answer(let response) = then(.failed(APIFailure(.unavailable, "no credit"))) else { return }
        #expect(response.status == 503)
        try await until { world.scratch.files.isEmpty }
    }

    @Test func whoLeavesAnywhereLeavesNoFile() async throws {
        let body = UploadDriver.form(UploadDriver.message(to: "bob"), files: [("a", Self.noise(5_000))])
        for cut in stride(from: 0, to: body.count, by: 311) {
            let driver = try UploadDriver(world, as: alice)
            driver.start()
            try driver.wait()
            driver.give(body[..<cut])
            // Before, during or after the job that takes the bytes.
            if cut % 2 == 0 { try driver.wait() }
            driver.consumer.abandon()
            try await until { world.scratch.files.isEmpty && world.media.counts.uploads == 0 }
            #expect(driver.consumer.takeResult() == nil)
        }
    }

    @Test func aResultThatNobodyTakesLeavesNoFile() async throws {
        let driver = try UploadDriver(world, as: alice)
        driver.start()
        try driver.wait()
        driver.give(UploadDriver.form(UploadDriver.message(to: "bob"), files: [("a", Self.noise(9))]), ended: true)
        try await until { world.scratch.files.first?.hasSuffix(".part") == false }
        try driver.wait()
        driver.consumer.abandon()
        #expect(driver.consumer.takeResult() == nil)
        try await until { world.scratch.files.isEmpty }
    }

    // MARK: - Bounds

    @Test func nothingIsWantedBeforeTheCallerIsKnown() async throws {
        let blocked = DispatchSemaphore(value: 0)
        #expect(world.media.pool.submit { blocked.wait() })
        let driver = try UploadDriver(world, as: RESTWorld.user("unknown"))
        driver.start()
        #expect(!driver.consumer.wantsMore)
        blocked.signal()
        try driver.wait()
        #expect(!driver.consumer.wantsMore)
        let answer = try await world.finish(try #require(driver.consumer.takeResult()), of: driver.head)
        #expect((answer.status, answer.code) == (401, "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"))
    }

    @Test func readingPausesWhileTheDiskIsBehind() async throws {
        let driver = try UploadDriver(world, as: alice)
        driver.start()
        try driver.wait()
        #expect(driver.consumer.wantsMore)
        let blocked = DispatchSemaphore(value: 0)
        #expect(world.media.pool.submit { blocked.wait() })
        let form = UploadDriver.form(UploadDriver.message(to: "bob"), files: [("a", Self.noise(600_000))])
        var given = 0
        while driver.consumer.wantsMore {
            driver.give(form[given..<given + 10_000])
            given += 10_000
        }
        #expect(given >= MediaUpload.pendingMax && given < MediaUpload.pendingMax + 10_000)
        blocked.signal()
        try await until { driver.consumer.wantsMore }
        driver.give(form[given...], ended: true)
        try await until { world.scratch.files.first?.hasSuffix(".a") == true }
        try await until { driver.consumer.takeResult() != nil }
    }

    @Test func withAFullPoolAnUploadIs503() async throws {
        let media = try MediaStore(
            MediaStore.Options(directory: world.scratch.path + "/full"),
            pool: try BlockingPool(threads: 1, queueMax: 0))
        let services = RouteServices(
            apps: world.services.apps, store: world.store, presence: world.core.presence,
            verifier: world.services.verifier, passwords: world.services.passwords, playground: false,
            health: world.services.health, media: media, settings: world.services.settings)
        let head = RESTWorld.head(
            "POST", "/messages", alice.merging(["content-type": "multipart/form-data; boundary=a"]) { $1 }, .public)
        guard case .consume(let consumer) = Router.make(services).begin(head) else { throw UploadDriver.NotBegun() }
        consumer.start {}
        let answer = try await world.finish(try #require(consumer.takeResult()), of: head)
        #expect(answer.status == 503)
        consumer.abandon()
    }

    @Test func theBeginRefusesWhatTheHeadTells() async throws {
        func begin(_ headers: [String: String]) -> Response? {
            let type = ["content-type": "multipart/form-data; boundary=a"]
            let head = RESTWorld.head("POST", "/v3/messages", type.merging(headers) { $1 }, .public)
            if case .refuse(let response) = world.router.begin(head) { return response }
            return nil
        }
        #expect(begin(alice) == nil)
        #expect(begin(["appid": "dev"])?.status == 401)
        #expect(begin(RESTWorld.withAuthKey)?.status == 403)
        #expect(begin(alice.merging(["content-length": "3000000"]) { $1 })?.status == 413)
        #expect(begin(alice.merging(["content-type": "multipart/form-data"]) { $1 })?.status == 400)
        #expect(begin(alice.merging(["content-type": "multipart/mixed; boundary=a"]) { $1 })?.status == 415)
        world.services.health.setDraining()
        #expect(begin(alice)?.status == 503)
    }

    @Test func aFormForAnotherRouteIsCollectedAndRefused() async throws {
        let head = RESTWorld.head(
            "POST", "/groups", alice.merging(["content-type": "multipart/form-data; boundary=a"]) { $1 }, .public)
        guard case .collect = world.router.begin(head) else {
            Issue.record("only messages are uploaded")
            return
        }
        #expect(try await world.finish(world.router.handle(Request(head: head, body: [])), of: head).status == 400)
    }
}

extension MediaUploadTests {
    @Test func theSystemUploadsOnlyInSomeonesName() async throws {
        let body = UploadDriver.form(UploadDriver.message(to: "bob"), files: [("a", [1, 2, 3])])
        #expect(try await send(body, as: RESTWorld.backend).status == 400)
        #expect(try await send(body, as: RESTWorld.acting("nobody")).status == 404)
        #expect(try await send(body, as: RESTWorld.acting("alice")).data["sender"]?.string == "alice")
    }
}
