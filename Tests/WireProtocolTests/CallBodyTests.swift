import ChatModel
import Testing
import WireProtocol

@Suite("call bodies")
struct CallBodyTests {
    private let limits = Limits()
    private let session = CallSessionID(trusted: "s")

    private func failure<Body>(_ read: () throws(APIFailure) -> Body) -> APIFailure? {
        do throws(APIFailure) {
            _ = try read()
            return nil
        } catch { return error }
    }

    private func start(_ text: String) throws(APIFailure) -> CallDraft {
        try CallBody.decodeStart(Fixture.bytes(text), session: session, limits: limits)
    }

    @Test func aCallIsReadAsSDKsSendIt() throws {
        let draft = try start(
            #"{"receiver":"Bob","receiverType":"user","type":"video","category":"call","status":"initiated","muid":"m","metadata":{ "a":1 },"data":{"metadata":{"b":2}},"sessionid":"forged"}"#
        )
        #expect(draft.session == session)
        #expect(draft.receiver == .user(UserID(trusted: "bob")))
        #expect(draft.type == .video)
        #expect(draft.muid == "m")
        #expect(draft.metadata == Fixture.json("{ \"a\":1 }"))
    }

    @Test func metadataMayStandInData() throws {
        let draft = try start(
            #"{"receiver":"g","receiverType":"group","type":"audio","muid":"","data":{"metadata":{"b":2}}}"#)
        #expect(draft.receiver == .group(GroupID(trusted: "g")))
        #expect(draft.metadata == Fixture.json(#"{"b":2}"#))
        #expect(draft.muid == nil)
    }

    @Test(arguments: [
        (#"{"receiverType":"user","type":"audio"}"#, ErrorCode.emptyReceiver, "receiver"),
        (#"{"receiver":"b","type":"audio"}"#, .invalidReceiverType, "receiverType"),
        (#"{"receiver":"b","receiverType":"room","type":"audio"}"#, .invalidReceiverType, "receiverType"),
        (#"{"receiver":"a b","receiverType":"user","type":"audio"}"#, .badRequest, "receiver"),
        (#"{"receiver":"b","receiverType":"user"}"#, .invalidMessageType, "type"),
        (#"{"receiver":"b","receiverType":"user","type":"text"}"#, .invalidMessageType, "type"),
        (#"{"receiver":"b","receiverType":"user","type":"audio","metadata":[]}"#, .invalidMetadata, "metadata"),
        (#"{"receiver":"b","receiverType":"user","type":"audio","muid":7}"#, .badRequest, "muid"),
        (#"[]"#, .badRequest, "object"), (#"{"#, .badRequest, "JSON"),
    ])
    func aWrongCallIsRefusedNamingTheField(_ text: String, _ code: ErrorCode, _ name: String) {
        let failure = failure { () throws(APIFailure) in try start(text) }
        #expect(failure?.code == code)
        #expect(failure?.message.contains(name) == true)
    }

    @Test func metadataHasTheBoundOfData() {
        var small = Limits()
        small.dataBytes = 16
        let body = Fixture.bytes(
            #"{"receiver":"b","receiverType":"user","type":"audio","metadata":{"k":"0123456789"}}"#)
        let failure = failure { () throws(APIFailure) in
            try CallBody.decodeStart(body, session: session, limits: small)
        }
        #expect(failure?.code == .invalidMetadata)
        #expect(failure?.httpStatus == 400)
    }

    @Test(arguments: [
        ("ongoing", CallBody.Update.ongoing), ("rejected", .rejected), ("cancelled", .cancelled),
        ("canceled", .cancelled), ("busy", .busy), ("unanswered", .unanswered), ("ended", .ended),
    ])
    func everyStatusIsRead(_ word: String, _ update: CallBody.Update) throws {
        let body = Fixture.bytes(#"{"status":"\#(word)","joinedAt":5}"#)
        #expect(try CallBody.decodeUpdate(body, limits: limits) == update)
    }

    @Test(arguments: ["{}", #"{"status":"initiated"}"#, #"{"status":1}"#, #"{"status":"Ended"}"#])
    func aWrongStatusIsRefusedNamingIt(_ text: String) {
        let failure = failure { () throws(APIFailure) in
            try CallBody.decodeUpdate(Fixture.bytes(text), limits: limits)
        }
        #expect(failure?.httpStatus == 400)
        #expect(failure?.message.contains("status") == true)
    }
}
