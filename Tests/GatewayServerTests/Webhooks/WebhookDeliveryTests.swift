import ChatModel
import EventLog
import Testing

@testable import GatewayServer

@Suite struct WebhookDeliveryTests {
    private func hook(_ app: String = "app 1") -> WebhookInbox.Hook {
        WebhookInbox.Hook(
            app: AppNumber(1), appID: app,
            definition: WebhookDefinition(
                name: "push", url: "https://example.org/", isPlain: false, events: nil, secret: "a secret", caFile: nil)
        )
    }

    private func line(_ kind: ConnectionEvent.Kind) -> FeedLine {
        FeedLine(
            n: 17, bootID: "b", seq: 0, at: 9,
            event: .connection(ConnectionEvent(kind: kind, uid: UserID(trusted: "alice"), at: 9)))
    }

    @Test func theBodyIsTheLineWithItsPlace() throws {
        let body = try JSONValue(WebhookDelivery.body(line(.offline), hook()))
        #expect(body["appId"]?.string == "app 1")
        #expect(body["trigger"]?.string == "offline")
        #expect(body["webhook"]?.string == "push")
        #expect(body["data"]?["n"]?.int == 17)
        #expect(body["data"]?["uid"]?.string == "alice")
    }

    /// By `openssl dgst -sha256 -hmac 'a secret'` over `1700000000.{}`.
    @Test func theSignatureIsOverTheTimeAndTheBody() {
        #expect(
            WebhookDelivery.signature(Array("{}".utf8), secret: "a secret", unixSeconds: 1_700_000_000)
                == "t=1700000000,v1=f4c7f7db2c2d22e9144ae6536d7918d29e7c70122e5704b842c2a7d02bee924f")
    }

    @Test func anAppsIdCannotBreakAHeader() {
        let headers = WebhookDelivery.headers(hook("a\r\nb: c/é"), n: 5, body: [], unixSeconds: 1)
        #expect(headers.contains("X-Halley-Delivery: a%0d%0ab%3a%20c%2f%c3%a9/5"))
        #expect(headers.allSatisfy { $0.utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F } })
    }

    @Test func aConversationIsALane() {
        func lane(_ event: FeedLine.Event) -> String {
            WebhookDelivery.lane(FeedLine(n: 1, bootID: "b", seq: 0, at: 0, event: event))
        }
        let guid = GroupID(trusted: "g")
        let mark = ReceiptMark(kind: .read, reader: nil, messageID: 1, at: 1, seq: 1)
        #expect(lane(.receipts(.group(guid), mark)) == "group_g")
        #expect(lane(.group(.deleted, guid, nil)) == "group_g")
        #expect(WebhookDelivery.lane(line(.online)) == WebhookDelivery.lane(line(.offline)))
        #expect(WebhookDelivery.lane(line(.online)) != "alice")
    }
}
