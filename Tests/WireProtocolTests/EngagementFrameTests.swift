import ChatModel
import JSONCodec
import Testing
import WireProtocol

/// Reactions, interactions and changed messages as they leave (protocol.md §3.8, §6).
@Suite("engagement frames")
struct EngagementFrameTests {
    private let alice = UserID(trusted: "alice")
    private let bob = UserID(trusted: "bob")

    private func reaction(
        _ conversation: Conversation, by user: UserView = Fixture.bob, parent: Int64? = nil
    ) -> Reaction {
        Reaction(
            id: 9, messageID: 400, conversation: conversation, parentID: parent, reaction: "👍🏽", user: user, at: 1_795)
    }

    private func record(
        _ data: String = #"{"text":"x"}"#, category: MessageCategory = .message, deletion: MessageStamp? = nil,
        replyCount: Int = 0, reactions: [ReactionCount] = []
    ) -> MessageRecord {
        MessageRecord(
            id: 400, sender: alice, receiver: .user(bob), category: category, type: "text", data: Fixture.json(data),
            sentAt: 5, edit: MessageStamp(by: bob, at: 6), deletion: deletion, replyCount: replyCount,
            reactions: reactions)
    }

    private func view(_ record: MessageRecord, mentions: [UserView] = [], viewer: Engagement? = nil) -> MessageView {
        MessageView(
            message: record, sender: Fixture.alice, receiver: .user(Fixture.bob), mentions: mentions, viewer: viewer)
    }

    private func shown(_ view: MessageView, _ detail: ReactionDetail = .ifAny) -> String {
        var writer = JSONWriter()
        writer.message(view, reactions: detail)
        return text(writer.take())
    }

    @Test func aReactionToAUserIsForTheOtherParty() {
        let event = ReactionEvent(
            isAdded: true, reaction: reaction(.pair(first: alice, second: bob)), seq: 9,
            originSession: Fixture.session("s1"))
        #expect(
            text(ServerFrame.reaction(app: "app1", event))
                == #"{"type":"reaction","appId":"app1","receiver":"alice","receiverType":"user","deviceId":"s1","sender":"bob","seq":9,"body":{"action":"message_reaction_added","id":"9","messageId":"400","uid":"bob","reaction":"👍🏽","reactedBy":{"uid":"bob","name":"Bob","role":"default","status":"online"},"reactedAt":1795,"conversationId":"alice_user_bob","parentId":0}}"#
        )
    }

    @Test func aReactionTakenBackInAThreadOfAGroup() {
        let event = ReactionEvent(
            isAdded: false, reaction: reaction(.group(GroupID(trusted: "lobby")), parent: 300), seq: 12,
            originSession: nil)
        let frame = text(ServerFrame.reaction(app: "app1", event))
        #expect(
            frame.hasPrefix(
                #"{"type":"reaction","appId":"app1","receiver":"lobby","receiverType":"group","sender":"bob","seq":12,"#
            ))
        #expect(frame.contains(#""action":"message_reaction_removed","id":"9""#))
        #expect(frame.hasSuffix(#""conversationId":"group_lobby","parentId":"300"}}"#))
    }

    @Test(arguments: [true, false]) func aReachedGoalNamesTheAuthor(_ isPair: Bool) {
        let conversation: Conversation =
            isPair ? .pair(first: alice, second: bob) : .group(GroupID(trusted: "lobby"))
        let event = CompletionEvent(
            messageID: 410, conversation: conversation, author: alice, user: Fixture.bob,
            interactions: [Interaction(elementID: "e\"1", at: 7)], seq: 15, originSession: Fixture.session("s"))
        let receiver =
            isPair ? #""receiver":"alice","receiverType":"user""# : #""receiver":"lobby","receiverType":"group""#
        #expect(
            text(ServerFrame.interactionCompleted(app: "app1", event))
                == #"{"type":"interaction_completed","appId":"app1",\#(receiver),"deviceId":"s","sender":"bob","messageSender":"alice","seq":15,"body":{"messageId":"410","user":{"uid":"bob","name":"Bob","role":"default","status":"online"},"interactions":[{"elementId":"e\"1","interactedAt":7}]}}"#
        )
    }

    @Test func reactionsAreShownPerViewerAndNeverInFrames() {
        let counts = [ReactionCount(reaction: "x", count: 2), ReactionCount(reaction: "y", count: 1)]
        let known = record(reactions: counts)
        #expect(
            shown(view(known, viewer: Engagement(reactions: ["y"]))).contains(
                #""reactions":[{"reaction":"x","count":2,"reactedByMe":false},{"reaction":"y","count":1,"reactedByMe":true}]"#
            ))
        #expect(shown(view(known)).contains(#""reactions":[{"reaction":"x","count":2},{"reaction":"y","count":1}]"#))
        #expect(!text(ServerFrame.message(app: "a", view(known))).contains("reaction"))
        #expect(shown(view(record()), .always).contains(#""reactions":[]"#))
        #expect(!shown(view(record())).contains("reactions"))
    }

    @Test func anActionShowsTheChangedMessageWithItsReactions() {
        let changed = view(record(replyCount: 3, reactions: [ReactionCount(reaction: "x", count: 2)]))
        let action = MessageRecord(
            id: 500, sender: alice, receiver: .user(bob), category: .action, type: "message", data: .emptyObject,
            sentAt: 6, subject: .message(MessageAction(kind: .edited, by: alice, on: 400)))
        let frame = text(
            ServerFrame.message(
                app: "a",
                MessageView(
                    message: action, sender: Fixture.alice, receiver: .user(Fixture.bob), on: .message(changed))))
        #expect(frame.contains(#""data":{"action":"edited","entities":{"by":{"entity":{"uid":"alice""#))
        #expect(frame.contains(#""on":{"entity":{"id":"400""#))
        #expect(frame.contains(#""reactions":[{"reaction":"x","count":2}]"#))
        #expect(frame.contains(#""replyCount":3"#) && frame.contains(#""entityType":"message"},"for":{"#))
        #expect(!frame.contains("reactedByMe"))
    }

    @Test func aDeletedMessageSaysByWhomAndWhenAndNothingElse() {
        let gone = shown(view(record("{}", deletion: MessageStamp(by: alice, at: 8))))
        #expect(gone.contains(#""updatedAt":8"#) && gone.contains(#""deletedAt":8,"deletedBy":"alice""#))
        #expect(gone.contains(#""editedAt":6,"editedBy":"bob""#) && gone.contains(#""data":{"entities":"#))
    }

    @Test func mentionsStandByUid() {
        let seen = shown(view(record(#"{"text":"<@uid:bob>"}"#), mentions: [Fixture.bob]))
        #expect(
            seen.contains(#""mentions":{"bob":{"uid":"bob","name":"Bob","role":"default","status":"online"}}"#))
        #expect(
            text(ServerFrame.message(app: "a", view(record(), mentions: [Fixture.bob]))).contains(#""mentions":{"bob""#)
        )
    }

    @Test func interactionsAreTheViewersOwn() {
        let form = record(#"{"interactiveData":{}}"#, category: .interactive)
        let viewer = Engagement(interactions: [Interaction(elementID: "e", at: 3)])
        #expect(shown(view(form, viewer: viewer)).contains(#""interactions":[{"elementId":"e","interactedAt":3}]"#))
        #expect(shown(view(form, viewer: Engagement())).contains(#""interactions":[]"#))
        #expect(!shown(view(form)).contains(#""interactions""#))
    }
}
