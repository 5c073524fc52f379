import ChatModel
import Testing
import WireProtocol

@Suite("auth frames")
struct AuthFrameTests {
    private func auth(_ frame: String) throws(FrameRefusal) -> AuthFrame? {
        if case .auth(let auth) = try decode(frame) { return auth }
        return nil
    }

    private func frame(_ body: String) -> String {
        #"{"appId":"app1","deviceId":"s1","type":"auth","sender":"bob","body":\#(body)}"#
    }

    @Test func theDocumentedFrameIsReadWhole() throws {
        let decoded = try auth(
            #"""
            {"appId":"app1","deviceId":"s1","type":"auth","sender":"Bob",
             "body":{"auth":"jwt","deviceId":"s1","presenceSubscription":"ROLES","roles":["vip"],
                     "params":{"appInfo":{"version":"4.0.10"},"deviceId":"d1","platform":"javascript"},
                     "connectionMode":"manual","appState":"background","resume":{"lastSeq":1204}}}
            """#)
        #expect(
            decoded
                == AuthFrame(
                    appID: "app1", session: Fixture.session("s1"), sender: UserID(trusted: "bob"), credential: "jwt",
                    presence: .roles(["vip"]), deviceID: "d1", platform: "javascript", mode: .manual,
                    appState: .background, resumeAfter: 1_204))
    }

    @Test func whatIsAbsentHasItsDefault() throws {
        #expect(
            try auth(frame(#"{"auth":"t","params":null,"resume":null}"#))
                == AuthFrame(
                    appID: "app1", session: Fixture.session("s1"), sender: UserID(trusted: "bob"), credential: "t"))
    }

    @Test func theBodysSessionServesWhenTheEnvelopeHasNone() throws {
        let decoded = try auth(
            #"{"body":{"deviceId":"s2","auth":"t"},"sender":"bob","appId":"app1","type":"auth"}"#)
        #expect(decoded?.session == SessionID("s2"))
    }

    @Test(
        arguments: [
            (#""presenceSubscription":"ALL_USERS""#, .allUsers), (#""presenceSubscription":"FRIENDS""#, .friends),
            (#""presenceSubscription":"NONE""#, .none), (#""presenceSubscription":"ROLES""#, .allUsers),
            (#""presenceSubscription":"ROLES","roles":[]"#, .allUsers),
            (#""roles":["a","b"],"presenceSubscription":"ROLES""#, .roles(["a", "b"])),
        ] as [(String, PresenceSubscription)])
    func presenceSubscriptionsAreRead(_ members: String, _ expected: PresenceSubscription) throws {
        #expect(try auth(frame(#"{"auth":"t",\#(members)}"#))?.presence == expected)
    }

    @Test(
        arguments: [
            (#"{}"#, .emptyAuthToken, "body.auth"), (#"{"auth":""}"#, .emptyAuthToken, "body.auth"),
            (#"{"auth":5}"#, .badRequest, "body.auth"), ("[]", .badRequest, "body"),
            (#"{"auth":"t","presenceSubscription":"EVERYBODY"}"#, .badRequest, "body.presenceSubscription"),
            (#"{"auth":"t","roles":"vip"}"#, .badRequest, "body.roles"),
            (#"{"auth":"t","roles":[1]}"#, .badRequest, "body.roles"),
            (#"{"auth":"t","params":[]}"#, .badRequest, "body.params"),
            (#"{"auth":"t","params":{"deviceId":1}}"#, .badRequest, "body.params.deviceId"),
            (#"{"auth":"t","params":{"platform":{}}}"#, .badRequest, "body.params.platform"),
            (#"{"auth":"t","connectionMode":"semi"}"#, .badRequest, "body.connectionMode"),
            (#"{"auth":"t","appState":""}"#, .badRequest, "body.appState"),
            (#"{"auth":"t","resume":7}"#, .badRequest, "body.resume"),
            (#"{"auth":"t","resume":{}}"#, .badRequest, "body.resume.lastSeq"),
            (#"{"auth":"t","resume":{"lastSeq":-1}}"#, .badRequest, "body.resume.lastSeq"),
            (#"{"auth":"t","resume":{"lastSeq":1.5}}"#, .badRequest, "body.resume.lastSeq"),
            (#"{"auth":"t","resume":{"lastSeq":"7"}}"#, .badRequest, "body.resume.lastSeq"),
            (#"{"auth":"t","resume":{"lastSeq":9223372036854775808}}"#, .badRequest, "body.resume.lastSeq"),
        ] as [(String, ErrorCode, String)])
    func aMalformedBodyIsRefusedWithItsEcho(_ body: String, _ code: ErrorCode, _ field: String) {
        let refusal = refusal(frame(body))
        #expect(refusal?.failure.code == code)
        #expect(refusal?.failure.message.contains(field) == true, "\(String(describing: refusal))")
        #expect(refusal?.auth?.appID == "app1" && refusal?.auth?.session == "s1" && refusal?.auth?.sender == "bob")
    }

    @Test(arguments: [
        (#"{"type":"auth","deviceId":"s","sender":"b","body":{"auth":"t"}}"#, "appId"),
        (#"{"type":"auth","appId":"a","sender":"b","body":{"auth":"t"}}"#, "deviceId"),
        (#"{"type":"auth","appId":"a","deviceId":"","sender":"b","body":{"auth":"t"}}"#, "deviceId"),
        (#"{"type":"auth","appId":"a","deviceId":"s","body":{"auth":"t"}}"#, "sender"),
        (#"{"type":"auth","appId":"a","deviceId":"s","sender":"b b","body":{"auth":"t"}}"#, "sender"),
        (#"{"type":"auth","appId":"a","deviceId":"s","sender":"b"}"#, "body.auth"), (#"{"type":"auth"}"#, "appId"),
    ])
    func aMalformedEnvelopeIsRefused(_ frame: String, _ field: String) {
        let refusal = refusal(frame)
        #expect(refusal?.failure.message.contains(field) == true, "\(String(describing: refusal))")
        #expect(refusal?.auth != nil)
    }

    @Test func credentialsAreBounded() throws {
        var limits = Limits()
        limits.credentialBytes = 8
        #expect(refusal(frame(#"{"auth":"123456789"}"#), limits: limits)?.failure.code == .badRequest)
        guard case .auth = try decode(frame(#"{"auth":"12345678"}"#), limits: limits) else {
            return #expect(Bool(false))
        }
    }
}
