import ChatModel
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["a", "A-b_9", String(repeating: "x", count: 100)])
    func acceptedAndLowered(text: String) {
        #expect(UserID(text)?.text == text.lowercased())
        #expect(GroupID(text)?.text == text.lowercased())
    }

    @Test(arguments: ["", " ", "a b", "é", "a.b", "a/b", "a\0", String(repeating: "x", count: 101)])
    func refusedOutsideAlphabetOrLength(text: String) {
        #expect(UserID(text) == nil)
        #expect(GroupID(text) == nil)
    }

    @Test func conversationIdSortsTheParties() throws {
        let (alice, bob) = (try #require(UserID("alice")), try #require(UserID("Bob")))
        #expect(Conversation(sender: bob, receiver: .user(alice)).id == "alice_user_bob")
        #expect(Conversation(sender: alice, receiver: .user(bob)).id == "alice_user_bob")
        #expect(Conversation(sender: alice, receiver: .user(alice)).id == "alice_user_alice")
        #expect(Conversation(sender: alice, receiver: .group(try #require(GroupID("G1")))).id == "group_g1")
    }

    @Test func sessionIdIsBounded() {
        #expect(SessionID("") == nil)
        #expect(SessionID(String(repeating: "s", count: 255)) != nil)
        #expect(SessionID(String(repeating: "s", count: 256)) == nil)
    }
}
