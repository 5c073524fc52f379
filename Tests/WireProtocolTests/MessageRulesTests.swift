import ChatModel
import Testing
import WireProtocol

/// One set of rules for socket and REST.
@Suite("message rules")
struct MessageRulesTests {
    private func body(_ members: String) -> [UInt8] {
        Fixture.bytes(#"{"receiver":"bob","receiverType":"user",\#(members)}"#)
    }

    private func draft(_ members: String, limits: Limits = Limits()) throws(APIFailure) -> MessageDraft {
        try MessageBody.decode(body(members), limits: limits).draft
    }

    private func failure(_ members: String, limits: Limits = Limits()) -> APIFailure? {
        do throws(APIFailure) {
            _ = try draft(members, limits: limits)
            return nil
        } catch { return error }
    }

    private func data(_ data: String, rest: String = "") throws(APIFailure) -> String {
        text(try draft(#""category":"message","type":"text","data":\#(data)\#(rest)"#).data.bytes)
    }

    @Test func theBodyOfAnSDKIsAccepted() throws {
        let body = Fixture.bytes(
            #"{"reactions":[],"mentionedUsers":[],"mentionedMe":false,"type":"text","receiverType":"user","category":"message","data":{"text":"hello"},"text":"hello","receiver":"bob","muid":"m-1","tags":["a","b"],"parentId":"12"}"#
        )
        let draft = try MessageBody.decode(body, limits: Limits()).draft
        #expect(draft.receiver == .user(UserID(trusted: "bob")))
        #expect(draft.category == .message && draft.type == "text" && draft.muid == "m-1")
        #expect(draft.tags == ["a", "b"] && draft.parentID == 12)
        #expect(text(draft.data.bytes) == #"{"text":"hello"}"#)
    }

    @Test func socketAndRESTGiveTheSameDraft() throws {
        let members =
            #""category":"custom","type":"poll.v1","data":{"customData":{"q" : 1}},"metadata":{"m":2},"muid":"x""#
        let frame = try decode(#"{"type":"message","receiver":"bob","receiverType":"user","body":{\#(members)}}"#)
        guard case .message(nil, let bySocket) = frame else { return #expect(Bool(false)) }
        let byREST = try draft(members)
        #expect(bySocket.data == byREST.data && bySocket.type == byREST.type && bySocket.muid == byREST.muid)
        #expect(text(byREST.data.bytes) == #"{"customData":{"q" : 1},"metadata":{"m":2}}"#)
    }

    @Test(arguments: [
        #"{"text":"h\u00e9\ud83d\ude00"}"#, "{ \"text\" : \"x\" , \"n\":[ 1.50E+2,12345678901234567890123,-0 ]\r\n}",
        "{\"text\":\"日本\",\"metadata\":{ \"a\":{}, \"b\":[ ] },\"text\":\"last\"}", "{\"\\u0074ext\":\"escaped key\"}",
    ])
    func dataIsKeptByteForByte(_ raw: String) throws {
        #expect(try data(raw) == raw)
    }

    @Test func metadataIsMovedIntoDataByteForByte() throws {
        #expect(
            try data(#"{ "text":"x" }"#, rest: #","metadata": { "k" : 1.0e1 }"#)
                == #"{ "text":"x" ,"metadata":{ "k" : 1.0e1 }}"#)
        #expect(
            try data(#"{"metadata":{"old":1}, "text" : "x"}"#, rest: #","metadata":{"new":2}"#)
                == #"{"text" : "x","metadata":{"new":2}}"#)
        #expect(try data(#"{"text":"x"}"#, rest: #","metadata":null"#) == #"{"text":"x"}"#)
    }

    @Test func entitiesOfAClientAreDropped() throws {
        #expect(
            try data(#"{"entities":{"sender":{}},"text":"x" , "e\u006etities":1,"z": [1] }"#)
                == #"{"text":"x","z": [1]}"#)
        #expect(
            try data(#"{"text":"x","entities":1}"#, rest: #","metadata":{}"#) == #"{"text":"x","metadata":{}}"#)
    }

    @Test(
        arguments: [
            (#""type":"text","data":{"text":"x"}"#, .invalidMessageCategory, "category"),
            (#""category":"action","type":"groupMember","data":{}"#, .invalidMessageCategory, "category"),
            (#""category":"call","type":"audio","data":{}"#, .invalidMessageCategory, "category"),
            (#""category":"letter","type":"text","data":{"text":"x"}"#, .invalidMessageCategory, "category"),
            (#""category":5,"type":"text","data":{"text":"x"}"#, .invalidMessageCategory, "category"),
            (#""category":"message","data":{"text":"x"}"#, .invalidMessageType, "type"),
            (#""category":"message","type":"hologram","data":{"text":"x"}"#, .invalidMessageType, "type"),
            (#""category":"custom","type":"","data":{"customData":{}}"#, .invalidMessageType, "type"),
            (#""category":"custom","type":"a b","data":{"customData":{}}"#, .invalidMessageType, "type"),
            (#""category":"custom","data":{"customData":{}}"#, .invalidMessageType, "type"),
            (#""category":"message","type":"text""#, .invalidMessageData, "data"),
            (#""category":"message","type":"text","data":[]"#, .invalidMessageData, "data"),
            (#""category":"message","type":"text","data":{}"#, .emptyMessageText, "data.text"),
            (#""category":"message","type":"text","data":{"text":""}"#, .emptyMessageText, "data.text"),
            (#""category":"message","type":"text","data":{"text":null}"#, .emptyMessageText, "data.text"),
            (#""category":"message","type":"text","data":{"text":7}"#, .invalidMessageData, "data.text"),
            (#""category":"message","type":"image","data":{}"#, .invalidMessageData, "data.url"),
            (#""category":"message","type":"image","data":{"url":""}"#, .invalidMessageData, "data.url"),
            (#""category":"message","type":"image","data":{"url":5}"#, .invalidMessageData, "data.url"),
            (#""category":"message","type":"file","data":{"attachments":[]}"#, .invalidMessageData, "data.attachments"),
            (#""category":"message","type":"file","data":{"attachments":{}}"#, .invalidMessageData, "data.attachments"),
            (
                #""category":"message","type":"file","data":{"attachments":[1]}"#, .invalidMessageData,
                "data.attachments"
            ),
            (#""category":"message","type":"file","data":{"attachments":[{"name":"x"}]}"#, .invalidMessageData, "url"),
            (#""category":"custom","type":"x","data":{}"#, .invalidCustomData, "data.customData"),
            (#""category":"custom","type":"x","data":{"customData":"y"}"#, .invalidCustomData, "data.customData"),
            (#""category":"message","type":"text","data":{"text":"x"},"metadata":[]"#, .invalidMetadata, "metadata"),
            (
                #""category":"message","type":"text","data":{"text":"x","metadata":"m"}"#, .invalidMetadata,
                "data.metadata"
            ),
            (#""category":"message","type":"text","data":{"text":"x"},"muid":7"#, .badRequest, "muid"),
            (#""category":"message","type":"text","data":{"text":"x"},"tags":"a""#, .badRequest, "tags"),
            (#""category":"message","type":"text","data":{"text":"x"},"tags":[1]"#, .badRequest, "tags"),
            (#""category":"message","type":"text","data":{"text":"x"},"parentId":"abc""#, .badRequest, "parentId"),
            (#""category":"message","type":"text","data":{"text":"x"},"parentId":-1"#, .badRequest, "parentId"),
            (#""category":"message","type":"text","data":{"text":"x"},"parentId":{}"#, .badRequest, "parentId"),
        ] as [(String, ErrorCode, String)])
    func brokenRulesAreNamed(_ members: String, _ code: ErrorCode, _ field: String) {
        let failure = failure(members)
        #expect(failure?.code == code)
        #expect(failure?.message.contains(field) == true, "\(String(describing: failure))")
        #expect(failure?.httpStatus == 400)
        // By socket the same, with the path of the body.
        let frame = #"{"type":"message","ref":"c1","receiver":"bob","receiverType":"user","body":{\#(members)}}"#
        let refusal = refusal(frame)
        #expect(refusal?.failure.code == code && refusal?.ref == "c1")
        #expect(refusal?.failure.message.contains("body.\(field)") == true || field == "url")
    }

    @Test(
        arguments: [
            (#"{"receiverType":"user"}"#, .emptyReceiver), (#"{"receiver":"","receiverType":"user"}"#, .emptyReceiver),
            (#"{"receiver":null,"receiverType":"user"}"#, .emptyReceiver), (#"{"receiver":"b"}"#, .invalidReceiverType),
            (#"{"receiver":"b","receiverType":"room"}"#, .invalidReceiverType),
            (#"{"receiver":"ü","receiverType":"user"}"#, .badRequest),
            ("[]", .badRequest), ("", .badRequest), ("{", .badRequest), ("{} x", .badRequest),
        ] as [(String, ErrorCode)])
    func receiversAreChecked(_ body: String, _ code: ErrorCode) {
        #expect(throws: APIFailure.self) { try MessageBody.decode(Fixture.bytes(body), limits: Limits()) }
        do throws(APIFailure) { _ = try MessageBody.decode(Fixture.bytes(body), limits: Limits()) } catch {
            #expect(error.code == code)
        }
    }

    @Test(arguments: [
        #""category":"message","type":"image","data":{"url":"https://x/y.png"}"#,
        #""category":"message","type":"file","data":{"attachments":[{"url":"http://h/media/a","name":"a"}]}"#,
        #""category":"custom","type":"Poll_v1.2-x","data":{"customData":{},"subType":"s"}"#,
        #""category":"message","type":"text","data":{"text":" "},"muid":"","parentId":0,"tags":[]"#,
        #""category":"message","type":"text","data":{"text":"x"},"muid":null,"parentId":null,"tags":null"#,
        #""category":"message","type":"text","data":{"text":"x"},"parentId":"""#,
    ])
    func theRestIsAccepted(_ members: String) throws {
        let draft = try draft(members)
        #expect(draft.muid == nil && draft.parentID == nil)
    }

    @Test(arguments: [
        "ftp://x/y", "javascript:alert(1)", "/media/a", "//x/y", "https://", "https:///x", "https://x y",
        "https://x\\ny",
        "http:/x", "data:,x",
    ])
    func aMediaURLIsOfTheWeb(_ url: String) {
        for data in [#"{"url":"\#(url)"}"#, #"{"attachments":[{"url":"\#(url)"}]}"#] {
            let failure = failure(#""category":"message","type":"image","data":\#(data)"#)
            #expect(failure?.code == .invalidMessageData)
            #expect(failure?.message.contains("url") == true)
        }
    }

    @Test func theFirstAttachmentGivesTheURLThatIsMissing() throws {
        let image = #""category":"message","type":"image","data":"#
        let attachments = #""attachments": [ {"url":"HTTPS://x/\u0061", "n":1},{"url":"http://y"} ]"#
        let put = try draft(image + "{\(attachments)}").data
        #expect(text(put.bytes) == #"{\#(attachments),"url":"HTTPS://x/\u0061"}"#)
        let empty = try draft(image + #"{"url":"", \#(attachments)}"#).data
        #expect(text(empty.bytes) == #"{\#(attachments),"url":"HTTPS://x/\u0061"}"#)
        for kept in [#"{"url":"http://z",\#(attachments)}"#, #"{ "url":"http://z" }"#] {
            #expect(text(try draft(image + kept).data.bytes) == kept)
        }
    }

    @Test func uploadsStandInPlaceOfWhatTheBodySays() throws {
        let file = Attachment(
            url: "https://h/media/k/a.png", name: "a \"b\".png", mimeType: "image/png", fileExtension: "png",
            byteCount: 7)
        let uploaded =
            #""url":"https://h/media/k/a.png","attachments":[{"url":"https://h/media/k/a.png","name":"a \"b\".png","#
            + #""mimeType":"image/png","extension":"png","size":7}]"#
        let envelope = #""receiver":"b","receiverType":"user","category":"message","type":"image""#
        for (given, left) in [
            ("{}", "{"), (#"{"url":5,"attachments":{},"text":"x","entities":1}"#, #"{"text":"x","#),
            (#"{"a":[1 ,2], "url":"http://z"}"#, #"{"a":[1 ,2],"#),
        ] {
            let body = Fixture.bytes("{\(envelope),\"data\":\(given)}")
            let draft = try MessageBody.decode(body, limits: Limits(), uploads: [file]).draft
            #expect(text(draft.data.bytes) == left + uploaded + "}")
        }
        let moved = Fixture.bytes(#"{\#(envelope),"data":{"metadata":1},"metadata":{"k":2}}"#)
        let draft = try MessageBody.decode(moved, limits: Limits(), uploads: [file]).draft
        #expect(text(draft.data.bytes) == #"{"metadata":{"k":2},\#(uploaded)}"#)
    }

    @Test func limitsAreReachedAndNamed() {
        let text = #""category":"message","type":"text","data":{"text":"x"}"#
        let longTag = String(repeating: "t", count: 101)
        #expect(failure(#"\#(text),"tags":["\#(longTag)"]"#)?.message.contains("tags") == true)
        #expect(failure(#"\#(text),"tags":["\#(longTag.dropLast())"]"#) == nil)
        // A character is a scalar, not a byte.
        #expect(failure(#"\#(text),"tags":["\#(String(repeating: "é", count: 100))"]"#) == nil)
        let many = Array(repeating: #""a""#, count: 26).joined(separator: ",")
        #expect(failure(#"\#(text),"tags":[\#(many)]"#)?.code == .badRequest)
        #expect(failure(#"\#(text),"muid":"\#(String(repeating: "m", count: 256))""#)?.message.contains("muid") == true)
        #expect(failure(#"\#(text),"muid":"\#(String(repeating: "m", count: 255))""#) == nil)
        let url = String(repeating: "u", count: 3_001)
        #expect(failure(#""category":"message","type":"image","data":{"url":"\#(url)"}"#)?.httpStatus == 400)
        let type = String(repeating: "t", count: 51)
        #expect(
            failure(#""category":"custom","type":"\#(type)","data":{"customData":{}}"#)?.code == .invalidMessageType)
    }

    @Test func dataPastItsBoundIs413() {
        // {"text":"…"} is 11 bytes around the text.
        let full = String(repeating: "x", count: 10_240 - 11)
        #expect(failure(#""category":"message","type":"text","data":{"text":"\#(full)"}"#) == nil)
        let over = failure(#""category":"message","type":"text","data":{"text":"\#(full)x"}"#)
        #expect(over?.code == .invalidMessageData && over?.httpStatus == 413)
        // What is moved in counts.
        let moved = failure(#""category":"message","type":"text","data":{"text":"\#(full)"},"metadata":{}"#)
        #expect(moved?.httpStatus == 413)
        var limits = Limits()
        limits.dataBytes = 0
        #expect(failure(#""category":"message","type":"text","data":{"text":"\#(full)x"}"#, limits: limits) == nil)
    }

    @Test func aWholeMessagePastItsBoundIs413() {
        let body = body(
            #""category":"message","type":"text","data":{"text":"x"},"pad":"\#(String(repeating: "p", count: 65_536))""#
        )
        do throws(APIFailure) {
            _ = try MessageBody.decode(body, limits: Limits())
            Issue.record("accepted")
        } catch { #expect(error.httpStatus == 413) }
    }

    @Test func theSenderOfALineCountsOnlyInBulk() throws {
        let line = body(#""sender":"Carol","category":"message","type":"text","data":{"text":"x"}"#)
        #expect(try MessageBody.decode(line, limits: Limits()).sender == nil)
        #expect(try MessageBody.decode(line, limits: Limits(), readsSender: true).sender == UserID(trusted: "carol"))
        let bad = body(#""sender":"a b","category":"message","type":"text","data":{"text":"x"}"#)
        #expect(throws: APIFailure.self) { try MessageBody.decode(bad, limits: Limits(), readsSender: true) }
        #expect(throws: Never.self) { try MessageBody.decode(bad, limits: Limits()) }
    }

    @Test func theMuidOfARefusedLineCanBeRead() {
        #expect(MessageBody.muid(of: body(#""muid":"m7","category":"nope""#), limits: Limits()) == "m7")
        #expect(MessageBody.muid(of: Fixture.bytes("{"), limits: Limits()) == nil)
        #expect(MessageBody.muid(of: body(#""muid":7"#), limits: Limits()) == nil)
    }
}
