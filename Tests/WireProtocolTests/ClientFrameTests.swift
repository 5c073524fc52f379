import ChatModel
import Testing
import WireProtocol

@Suite("client frames")
struct ClientFrameTests {
    @Test(arguments: [
        #"{"action":"ping","ack":"true"}"#, #"{ "ack" : "true" , "action" : "ping" }"#, #"{"action":"\u0070ing"}"#,
    ])
    func pingIsRecognisedHoweverItIsWritten(_ frame: String) throws {
        guard case .ping = try decode(frame) else { return #expect(Bool(false)) }
    }

    @Test func typingReadsReceiverAndMetadata() throws {
        let frame = try decode(
            #"{"appId":"app1","receiver":"Bob","receiverType":"user","deviceId":"w","type":"typing_indicator","sender":"alice","body":{"action":"started","user":{"uid":"mallory"},"metadata":{ "x":1 }}}"#
        )
        guard case .typing(let receiver, true, let metadata) = frame else { return #expect(Bool(false)) }
        #expect(receiver == .user(UserID(trusted: "bob")))
        #expect(metadata == Fixture.json("{ \"x\":1 }"))
    }

    @Test(arguments: [
        ("user", Receiver.user(UserID(trusted: "x"))), ("chat", .user(UserID(trusted: "x"))),
        ("group", .group(GroupID(trusted: "x"))), ("groupchat", .group(GroupID(trusted: "x"))),
    ])
    func receiverTypeHasAliases(_ word: String, _ expected: Receiver) throws {
        let frame = try decode(
            #"{"body":{"action":"ended"},"type":"typing_indicator","receiverType":"\#(word)","receiver":"X"}"#)
        guard case .typing(expected, false, nil) = frame else { return #expect(Bool(false)) }
    }

    @Test func transientKeepsItsData() throws {
        let frame = try decode(
            #"{"type":"transient_message","receiver":"g","receiverType":"group","body":{"user":{},"data":{"a" : [1.0,"\u00e9"]}}}"#
        )
        guard case .transient(.group(GroupID(trusted: "g")), let data) = frame else { return #expect(Bool(false)) }
        #expect(text(data.bytes) == #"{"a" : [1.0,"\u00e9"]}"#)
    }

    @Test(arguments: [#""101""#, "101"])
    func receiptTakesTheIdAsNumberOrString(_ id: String) throws {
        let frame = try decode(
            #"{"type":"receipts","receiver":"alice","receiverType":"user","messageSender":"alice","body":{"action":"read","messageId":\#(id),"user":{}}}"#
        )
        guard case .receipt(.read, .user(UserID(trusted: "alice")), 101) = frame else { return #expect(Bool(false)) }
    }

    @Test func appStateIsRead() throws {
        guard case .appState(.background) = try decode(#"{"type":"app_state","body":{"state":"background"}}"#) else {
            return #expect(Bool(false))
        }
    }

    @Test func unknownTypeIsNamedAndKeepsItsRef() throws {
        guard case .unknown("dance", "r1") = try decode(#"{"ref":"r1","type":"dance","body":[1]}"#) else {
            return #expect(Bool(false))
        }
        guard case .unknown(let name, nil) = try decode(#"{"type":"\#(String(repeating: "x", count: 500))"}"#) else {
            return #expect(Bool(false))
        }
        #expect(name.count == 64)
    }

    @Test(arguments: [(#""c1""#, "c1"), ("17", "17"), (#""a\u0062""#, "ab")])
    func refIsEchoedAsGiven(_ ref: String, _ expected: String) throws {
        let frame = try decode(
            #"{"type":"message","ref":\#(ref),"receiver":"b","receiverType":"user","body":{"category":"message","type":"text","data":{"text":"x"}}}"#
        )
        guard case .message(expected, _) = frame else { return #expect(Bool(false)) }
    }

    /// Frame, code, a word of the message, counted as bad.
    @Test(
        arguments: [
            ("", .badRequest, "JSON", true), ("[]", .badRequest, "JSON", true), ("nonsense", .badRequest, "JSON", true),
            (#"{"type":"x"}}"#, .badRequest, "JSON", true), ("{}", .badRequest, "type", true),
            (#"{"type":5}"#, .badRequest, "type", true),
            (#"{"action":"pong"}"#, .badRequest, "type", true), ("\"ping\"", .badRequest, "JSON", true),
            (#"{"type":"typing_indicator","body":{"action":"started"}}"#, .emptyReceiver, "receiver", false),
            (#"{"type":"typing_indicator","receiver":"","receiverType":"user"}"#, .emptyReceiver, "receiver", false),
            (#"{"type":"typing_indicator","receiver":7,"receiverType":"user"}"#, .emptyReceiver, "receiver", false),
            (#"{"type":"typing_indicator","receiver":"b"}"#, .invalidReceiverType, "receiverType", false),
            (
                #"{"type":"typing_indicator","receiver":"b","receiverType":"channel"}"#, .invalidReceiverType,
                "receiverType", false
            ),
            (#"{"type":"typing_indicator","receiver":"b c","receiverType":"user"}"#, .badRequest, "receiver", true),
            (#"{"type":"typing_indicator","receiver":"b","receiverType":"user"}"#, .badRequest, "body.action", true),
            (#"{"type":"typing_indicator","receiver":"b","receiverType":"user","body":[]}"#, .badRequest, "body", true),
            (
                #"{"type":"typing_indicator","receiver":"b","receiverType":"user","body":{"action":"paused"}}"#,
                .badRequest,
                "body.action", true
            ),
            (
                #"{"type":"typing_indicator","receiver":"b","receiverType":"user","body":{"action":"started","metadata":[]}}"#,
                .invalidMetadata, "body.metadata", false
            ),
            (
                #"{"type":"transient_message","receiver":"b","receiverType":"user","body":{}}"#, .badRequest,
                "body.data", true
            ),
            (
                #"{"type":"receipts","receiver":"b","receiverType":"user","body":{"action":"delivered"}}"#, .badRequest,
                "body.messageId", true
            ),
            (
                #"{"type":"receipts","receiver":"b","receiverType":"user","body":{"action":"seen","messageId":"1"}}"#,
                .badRequest,
                "body.action", true
            ),
            (
                #"{"type":"receipts","receiver":"b","receiverType":"user","body":{"action":"read","messageId":"1x"}}"#,
                .badRequest,
                "body.messageId", true
            ),
            (
                #"{"type":"receipts","receiver":"b","receiverType":"user","body":{"action":"read","messageId":1.5}}"#,
                .badRequest,
                "body.messageId", true
            ),
            (
                #"{"type":"receipts","receiver":"b","receiverType":"user","body":{"action":"read","messageId":-1}}"#,
                .badRequest,
                "body.messageId", true
            ),
            (#"{"type":"app_state","body":{"state":"asleep"}}"#, .badRequest, "body.state", true),
            (#"{"type":"app_state"}"#, .badRequest, "body.state", true),
            (#"{"type":"message","receiver":"b","receiverType":"user"}"#, .badRequest, "body", true),
            (#"{"type":"message","ref":[],"receiver":"b","receiverType":"user","body":{}}"#, .badRequest, "ref", true),
        ] as [(String, ErrorCode, String, Bool)])
    func refusalsNameTheField(_ frame: String, _ code: ErrorCode, _ field: String, _ isBad: Bool) {
        let refusal = refusal(frame)
        #expect(refusal?.failure.code == code)
        #expect(refusal?.failure.message.contains(field) == true, "\(String(describing: refusal))")
        #expect(refusal?.isBadFrame == isBad)
        #expect(refusal?.auth == nil)
    }

    @Test func refusalsKeepTheRef() {
        #expect(refusal(#"{"type":"typing_indicator","ref":"c9"}"#)?.ref == "c9")
        #expect(refusal(#"{"ref":12}"#)?.ref == "12")
        let long = String(repeating: "r", count: 256)
        let frame = #"{"type":"message","ref":"\#(long)","receiver":"b","receiverType":"user","body":{}}"#
        #expect(refusal(frame)?.ref == nil)
        #expect(refusal(frame)?.failure.message.contains("ref") == true)
    }

    @Test func nestingTooDeepIsABadFrame() {
        let deep = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(refusal(#"{"type":"transient_message","body":{"data":\#(deep)}}"#)?.isBadFrame == true)
    }

    @Test func theLastOfDuplicateKeysWins() throws {
        guard
            case .appState(.foreground) = try decode(
                #"{"type":"ping","type":"app_state","body":{"state":"background"},"body":{"state":"background","state":"foreground"}}"#
            )
        else { return #expect(Bool(false)) }
    }
}
