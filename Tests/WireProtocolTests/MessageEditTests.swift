import ChatModel
import Testing
import WireProtocol

/// What a `PUT messages/{id}` makes of a message (protocol.md §7).
@Suite("message edits")
struct MessageEditTests {
    private static func message(
        _ data: String, category: MessageCategory = .message, type: String = "text"
    ) -> MessageRecord {
        MessageRecord(
            id: 7, sender: UserID(trusted: "alice"), receiver: .user(UserID(trusted: "bob")), category: category,
            type: type, data: Fixture.json(data), tags: ["old"], sentAt: 1)
    }

    private func edit(
        _ body: String, of message: MessageRecord = message(#"{"text":"old","metadata":{"k":1},"x":2}"#),
        limits: Limits = Limits()
    ) throws(APIFailure) -> MessageEdit {
        try MessageEditBody.decode(Fixture.bytes(body), of: message, limits: limits)
    }

    private func failure(_ body: String, of message: MessageRecord = message(#"{"text":"old"}"#)) -> APIFailure? {
        do throws(APIFailure) {
            _ = try edit(body, of: message)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        (#"{"data":{"text":"new"}}"#, #"{"metadata":{"k":1},"x":2,"text":"new"}"#),
        (#"{"data":{"x":null}}"#, #"{"text":"old","metadata":{"k":1}}"#),
        (#"{"metadata":{"m":1.0e1}}"#, #"{"text":"old","x":2,"metadata":{"m":1.0e1}}"#),
        (#"{"data":{"metadata":{"a":1}},"metadata":{"b":2}}"#, #"{"text":"old","x":2,"metadata":{"b":2}}"#),
        (#"{"data":{"text":"a","text":"b"}}"#, #"{"metadata":{"k":1},"x":2,"text":"b"}"#),
        (#"{"data":{"te\u0078t":"same key"}}"#, #"{"metadata":{"k":1},"x":2,"te\u0078t":"same key"}"#),
        (#"{"tags":[]}"#, #"{"text":"old","metadata":{"k":1},"x":2}"#),
    ])
    func membersTakeThePlaceOfThoseOfTheSameName(_ body: String, _ expected: String) throws {
        #expect(text(try edit(body).data.bytes) == expected)
    }

    @Test func tagsAreReplacedOrStay() throws {
        #expect(try edit(#"{"tags":["a","b"]}"#).tags == ["a", "b"])
        #expect(try edit(#"{"tags":[]}"#).tags == [])
        #expect(try edit(#"{"data":{"text":"x"}}"#).tags == ["old"])
    }

    @Test func theWholeMessageOfAnSDKIsAnEdit() throws {
        let body = """
            {"id":"7","receiver":"bob","receiverType":"user","type":"text","category":"message","text":"new","reactions":[],\
            "data":{"text":"hi <@uid:carol>","entities":{"sender":1},"reactions":[{"reaction":"x"}],"mentions":{},\
            "interactions":[]},"tags":["t"],"muid":"other"}
            """
        let edit = try edit(body, of: Self.message(#"{"text":"old"}"#))
        #expect(text(edit.data.bytes) == #"{"text":"hi <@uid:carol>"}"#)
        #expect(edit.tags == ["t"] && edit.mentions == [UserID(trusted: "carol")])
    }

    @Test(arguments: [
        ("{}", ErrorCode.invalidMessageData, "data"),
        (#"{"data":{}}"#, .invalidMessageData, "data"),
        (#"{"data":[]}"#, .invalidMessageData, "data"),
        (#"{"metadata":3}"#, .invalidMetadata, "metadata"),
        (#"{"data":{"metadata":3}}"#, .invalidMetadata, "metadata"),
        (#"{"data":{"text":""}}"#, .emptyMessageText, "data.text"),
        (#"{"data":{"text":null}}"#, .emptyMessageText, "data.text"),
        (#"{"data":{"text":5}}"#, .invalidMessageData, "data.text"),
        (#"{"category":"custom","data":{"text":"x"}}"#, .invalidMessageCategory, "category"),
        (#"{"type":"image","data":{"text":"x"}}"#, .invalidMessageType, "type"),
        (#"{"tags":"x"}"#, .badRequest, "tags"),
        ("nonsense", .badRequest, "JSON"),
    ])
    func whatNoMessageCouldBeIsRefusedNamingTheField(_ body: String, _ code: ErrorCode, _ name: String) {
        let failure = failure(body)
        #expect(failure?.code == code)
        #expect(failure?.message.contains(name) == true, "\(failure?.message ?? "")")
    }

    @Test func eachCategoryKeepsItsRules() throws {
        let media = Self.message(#"{"url":"https://x/y.png"}"#, type: "image")
        #expect(text(try edit(#"{"data":{"text":"caption"}}"#, of: media).data.bytes).contains("caption"))
        #expect(failure(#"{"data":{"url":null}}"#, of: media)?.code == .invalidMessageData)
        let custom = Self.message(#"{"customData":{}}"#, category: .custom, type: "pin")
        #expect(failure(#"{"data":{"customData":1}}"#, of: custom)?.code == .invalidCustomData)
        #expect(try edit(#"{"data":{"customData":{"a":1}}}"#, of: custom).mentions == [])
        let form = Self.message(#"{"interactiveData":{}}"#, category: .interactive, type: "form")
        #expect(failure(#"{"data":{"interactionGoal":{"type":"often"}}}"#, of: form)?.code == .invalidMessageData)
    }

    @Test func theMergedDataIsBounded() {
        var limits = Limits()
        limits.dataBytes = 40
        do throws(APIFailure) {
            _ = try edit(#"{"data":{"y":"0123456789012345678901234567890"}}"#, limits: limits)
            Issue.record("it is longer than the limit")
        } catch {
            #expect(error.code == .invalidMessageData && error.httpStatus == 413)
        }
    }
}
