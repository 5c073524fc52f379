import ChatModel
import Testing
import WireProtocol

/// Interactive messages and mentions as they are sent (protocol.md §6).
@Suite("interactive messages and mentions")
struct InteractiveMessageTests {
    private func draft(
        _ data: String, category: String = "interactive", type: String = "form", limits: Limits = Limits()
    ) throws(APIFailure) -> MessageDraft {
        let body =
            #"{"receiver":"bob","receiverType":"user","category":"\#(category)","type":"\#(type)","data":\#(data)}"#
        return try MessageBody.decode(Fixture.bytes(body), limits: limits).draft
    }

    private func failure(_ data: String, type: String = "form", limits: Limits = Limits()) -> APIFailure? {
        do throws(APIFailure) {
            _ = try draft(data, type: type, limits: limits)
            return nil
        } catch { return error }
    }

    @Test(arguments: ["form", "card", "scheduler", "customInteractive"]) func eachTypeIsAccepted(_ type: String) throws
    {
        let sent = try draft(#"{"interactiveData":{"title":"x"}}"#, type: type)
        #expect(sent.category == .interactive && sent.type == type)
    }

    @Test(arguments: [
        (#""interactionGoal":{"type":"none","elementIds":[]}"#, InteractionGoal.none, false),
        (#""interactionGoal":{"type":"anyAction"},"allowSenderInteraction":true"#, .anyAction, true),
        (#""interactionGoal":{"type":"anyOf","elementIds":["a","b"]}"#, .anyOf(["a", "b"]), false),
        (
            #""interactionGoal":{"type":"allOf","elementIds":["a"]},"allowSenderInteraction":false"#, .allOf(["a"]),
            false
        ),
        (#""interactionGoal":null,"allowSenderInteraction":null"#, .none, false),
        (#""x":1"#, .none, false),
    ])
    func theTermsAreReadFromTheData(_ members: String, _ goal: InteractionGoal, _ allowsSender: Bool) throws {
        let sent = try draft(#"{"interactiveData":{},\#(members)}"#)
        #expect(try InteractedBody.terms(of: sent.data) == InteractionTerms(goal: goal, allowsSender: allowsSender))
    }

    @Test(arguments: [
        (#"{}"#, "interactiveData"), (#"{"interactiveData":[]}"#, "interactiveData"),
        (#"{"interactiveData":{},"interactionGoal":"all"}"#, "interactionGoal"),
        (#"{"interactiveData":{},"interactionGoal":{}}"#, "interactionGoal.type"),
        (#"{"interactiveData":{},"interactionGoal":{"type":"some"}}"#, "interactionGoal.type"),
        (#"{"interactiveData":{},"interactionGoal":{"type":"allOf"}}"#, "elementIds"),
        (#"{"interactiveData":{},"interactionGoal":{"type":"anyOf","elementIds":[]}}"#, "elementIds"),
        (#"{"interactiveData":{},"interactionGoal":{"type":"anyOf","elementIds":[1]}}"#, "elementIds"),
        (#"{"interactiveData":{},"interactionGoal":{"type":"anyOf","elementIds":[""]}}"#, "elementIds"),
        (#"{"interactiveData":{},"allowSenderInteraction":"yes"}"#, "allowSenderInteraction"),
    ])
    func wrongTermsAreRefusedNamingTheField(_ data: String, _ name: String) {
        let failure = failure(data)
        #expect(failure?.code == .invalidMessageData && failure?.httpStatus == 400)
        #expect(failure?.message.contains(name) == true, "\(failure?.message ?? "")")
    }

    @Test func theElementsOfAGoalAreBounded() {
        var limits = Limits()
        (limits.interactionElements, limits.elementIDLength) = (2, 3)
        func goal(_ ids: String) -> String {
            #"{"interactiveData":{},"interactionGoal":{"type":"anyOf","elementIds":[\#(ids)]}}"#
        }
        #expect(failure(goal(#""abc","d""#), limits: limits) == nil)
        #expect(failure(goal(#""a","b","c""#), limits: limits)?.code == .invalidMessageData)
        #expect(failure(goal(#""abcd""#), limits: limits)?.code == .invalidMessageData)
    }

    @Test func anUnknownTypeIsRefused() {
        #expect(failure(#"{"interactiveData":{}}"#, type: "quiz")?.code == .invalidMessageType)
    }

    @Test func reportsOfUseAreListsOfIds() throws {
        let limits = Limits()
        #expect(try InteractedBody.decode(Fixture.bytes(#"{"interactions":["a","b"]}"#), limits: limits) == ["a", "b"])
        for wrong in ["{}", #"{"interactions":[]}"#, #"{"interactions":"a"}"#, #"{"interactions":[{}]}"#, "[]"] {
            #expect(throws: APIFailure.self) { try InteractedBody.decode(Fixture.bytes(wrong), limits: limits) }
        }
    }

    // MARK: Mentions

    private func mentions(_ text: String, limits: Limits = Limits()) throws -> [String] {
        try draft(#"{"text":"\#(text)"}"#, category: "message", type: "text", limits: limits).mentions.map(\.text)
    }

    @Test(arguments: [
        ("hi <@uid:bob>!", ["bob"]), ("<@uid:Bob><@uid:bob> <@uid:a_b-1>", ["bob", "a_b-1"]), ("<@uid:>", []),
        ("<@uid:b ob> <@uid:bob", []), ("<@uid:<@uid:x>>", ["x"]), ("<@all> @bob", []),
        ("\\u003c@uid:esc\\u003E", ["esc"]), ("no token", []),
    ])
    func tokensInTheTextAreMentions(_ text: String, _ expected: [String]) throws {
        #expect(try mentions(text) == expected)
    }

    @Test func mentionsAreBoundedAndTheRestIsText() throws {
        var limits = Limits()
        limits.mentions = 2
        #expect(try mentions("<@uid:a><@uid:b><@uid:a><@uid:c>", limits: limits) == ["a", "b"])
        let uid = String(repeating: "u", count: 100)
        #expect(try mentions("<@uid:\(uid)><@uid:\(uid)u>") == [uid])
    }

    @Test func onlyTextOfOrdinaryMessagesMentions() throws {
        #expect(
            try draft(#"{"url":"https://x/u","text":"<@uid:bob>"}"#, category: "message", type: "image").mentions.count
                == 1)
        #expect(try draft(#"{"customData":{},"text":"<@uid:bob>"}"#, category: "custom").mentions == [])
    }

    @Test func whatTheGatewayMakesItselfIsNotTakenFromClients() throws {
        let sent = try draft(
            #"{"text":"x","mentions":{"a":{}},"reactions":[1],"entities":{},"interactions":[],"k":1}"#,
            category: "message", type: "text")
        #expect(text(sent.data.bytes) == #"{"text":"x","k":1}"#)
    }

    @Test func aReplyTakesReceiverAndParentFromItsThread() throws {
        let body =
            #"{"receiver":"eve","receiverType":"group","parentId":3,"category":"message","type":"text","data":{"text":"x"}}"#
        let draft = try MessageBody.decodeReply(
            Fixture.bytes(body), to: 9, receiver: .user(UserID(trusted: "bob")), limits: Limits())
        #expect(draft.receiver == .user(UserID(trusted: "bob")) && draft.parentID == 9)
        let long = Fixture.bytes(#"{"data":"\#(String(repeating: "x", count: 70_000))"}"#)
        do throws(APIFailure) {
            _ = try MessageBody.decodeReply(long, to: 9, receiver: draft.receiver, limits: Limits())
            Issue.record("it is longer than a message may be")
        } catch { #expect(error.httpStatus == 413) }
    }
}
