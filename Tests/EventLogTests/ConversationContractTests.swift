import ChatModel
import EventLog
import Testing

@Suite struct ConversationContractTests {
    /// a and b talk (2, 3, 6), a and c once (5); a, b in group g since 1, which has 4 of b and 7 of a.
    private func filled(_ backing: Backing) throws -> Bench {
        let bench = try Bench(backing)
        try bench.commit(
            1, .user(user("a")), .user(user("b")), .user(user("c")), .user(user("d")), .group(group("g")),
            .memberAdded(member("g", "a", at: 1)), .memberAdded(member("g", "b", at: 1)))
        try bench.send(
            message(2, "b", toUser("a")), message(3, "b", toUser("a"), category: .interactive, type: "form"),
            message(4, "b", toGroup("g"), category: .custom, type: "poll"), message(5, "c", toUser("a")),
            message(6, "a", toUser("b")), message(7, "a", toGroup("g")))
        return bench
    }

    @Test(arguments: Backing.allCases) func theNewestLastMessageComesFirst(_ backing: Backing) throws {
        let bench = try filled(backing)
        #expect(try bench.list("a") == ["group_g 7 1", "a_user_b 6 2", "a_user_c 5 1"])
        #expect(try bench.list("b") == ["group_g 7 1", "a_user_b 6 1"])
        #expect(try bench.list("d").isEmpty)
        #expect(try bench.list("nobody").isEmpty)
        #expect(try bench.list("a") { $0.kind = .user } == ["a_user_b 6 2", "a_user_c 5 1"])
        #expect(try bench.list("a") { $0.kind = .group } == ["group_g 7 1"])
        #expect(try bench.list("a") { $0.page = PageNumber(2, size: 2) } == ["a_user_c 5 1"])
        #expect(try bench.list("a") { $0.page = PageNumber(9, size: 2) }.isEmpty)
        let page = try bench.store.conversations(ConversationQuery(app: bench.app, viewer: uid("a")))
        #expect(page.total == 3)
    }

    @Test(arguments: Backing.allCases) func readingMovesTheCountDown(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.commit(8, .mark(pair("a", "b"), mark(.read, "a", 2, seq: 8)))
        #expect(try bench.one("a", with: toUser("b")) == "6 1 read 2")
        try bench.commit(9, .mark(pair("a", "b"), mark(.read, "a", 3, seq: 9)))
        #expect(try bench.one("a", with: toUser("b")) == "6 0 read 3")
        // Delivery reads nothing.
        try bench.commit(10, .mark(pair("a", "c"), mark(.delivered, "a", 5, seq: 10)))
        #expect(try bench.one("a", with: toUser("c")) == "5 1 read nil")
        #expect(try bench.list("a") { $0.unreadOnly = true } == ["group_g 7 1", "a_user_c 5 1"])
        #expect(
            try bench.store.unreadCounts(bench.app, of: uid("a"), nil) == [
                UnreadCount(with: toGroup("g"), count: 1), UnreadCount(with: toUser("c"), count: 1),
            ])
        #expect(try bench.store.unreadCounts(bench.app, of: uid("a"), .user).map(\.with) == [toUser("c")])
    }

    @Test(arguments: Backing.allCases) func onlyOthersMessagesThatCountAreUnread(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.send(
            message(10, "b", toGroup("g"), category: .action, type: "groupMember"),
            message(11, "b", toGroup("g"), category: .call, type: "audio"), message(12, "a", toGroup("g")),
            message(13, "b", toGroup("g")))
        #expect(try bench.one("a", with: toGroup("g")) == "13 2 read nil")
        #expect(try bench.one("b", with: toGroup("g")) == "13 2 read nil")
        // A deleted message is not unread; it stays the last one.
        try bench.send(
            message(14, "b", toGroup("g")).deleted(by: uid("b")), message(15, "a", toGroup("g")).deleted(by: uid("a")))
        #expect(try bench.one("a", with: toGroup("g")) == "15 2 read nil")
        #expect(try bench.one("b", with: toGroup("g")) == "15 2 read nil")
        try bench.send(message(20, "a", toUser("a")))
        #expect(try bench.one("a", with: toUser("a")) == "20 0 read nil")
    }

    @Test(arguments: Backing.allCases) func anEditOrDeletionIsNoLastMessage(_ backing: Backing) throws {
        let bench = try filled(backing)
        let subject = MessageSubject.message(MessageAction(kind: .edited, by: uid("b"), on: 2))
        try bench.send(message(8, "b", toUser("a"), category: .action, type: "message", subject: subject))
        #expect(try bench.list("a") == ["group_g 7 1", "a_user_b 6 2", "a_user_c 5 1"])
    }

    @Test(arguments: Backing.allCases) func whoJoinsStartsWhereTheyJoin(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.commit(8, .memberAdded(member("g", "c", at: 8)))
        #expect(try bench.one("c", with: toGroup("g")) == "7 0 read 7")
        try bench.send(message(9, "a", toGroup("g")))
        #expect(try bench.one("c", with: toGroup("g")) == "9 1 read 7")
        try bench.commit(10, .memberRemoved(guid("g"), uid("c")))
        #expect(try bench.list("c") == ["a_user_c 5 0"])
        #expect(try bench.one("c", with: toGroup("g")) == "notAMember")
        try bench.send(message(11, "a", toGroup("g")))
        try bench.commit(12, .memberAdded(member("g", "c", at: 12)))
        #expect(try bench.one("c", with: toGroup("g")) == "11 0 read 11")
    }

    @Test(arguments: Backing.allCases) func aPointerThatWasSetBackHoldsUntilItIsTakenAway(_ backing: Backing) throws {
        let bench = try filled(backing)
        let conversation = pair("a", "b")
        try bench.commit(8, .mark(conversation, mark(.read, "a", 3, seq: 8)))
        try bench.commit(0, .conversation(conversation, of: uid("a"), .readPointer(2)))
        #expect(try bench.one("a", with: toUser("b")) == "6 1 read 2")
        #expect(try bench.one("b", with: toUser("a")) == "6 1 read nil")
        guard case .pair(let loaded) = try bench.store.load(.pair(bench.app, first: uid("a"), second: uid("b"))) else {
            throw Unexpected()
        }
        #expect(loaded.readPointers == [LoadedConversation.ReadPointer(reader: uid("a"), messageID: 2)])
        try bench.commit(0, .conversation(conversation, of: uid("a"), .readPointer(nil)))
        #expect(try bench.one("a", with: toUser("b")) == "6 0 read 3")
        // Leaving takes a member's pointer away.
        try bench.commit(9, .mark(.group(guid("g")), mark(.read, "b", 7, seq: 9)))
        try bench.commit(0, .conversation(.group(guid("g")), of: uid("b"), .readPointer(1)))
        #expect(try bench.one("b", with: toGroup("g")) == "7 1 read nil")
        try bench.commit(10, .memberRemoved(guid("g"), uid("b")))
        try bench.commit(11, .memberAdded(member("g", "b", at: 11)))
        #expect(try bench.one("b", with: toGroup("g")) == "7 0 read 7")
    }

    @Test(arguments: Backing.allCases) func whatIsHiddenComesBackWithTheNextMessageOnly(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.commit(0, .conversation(pair("a", "b"), of: uid("a"), .hidden(through: 7)))
        try bench.commit(0, .conversation(.group(guid("g")), of: uid("a"), .hidden(through: 7)))
        #expect(try bench.list("a") == ["a_user_c 5 1"])
        #expect(try bench.list("b") == ["group_g 7 1", "a_user_b 6 1"])
        #expect(try bench.one("a", with: toUser("b")) == "nil 0 read 6")
        for scope in [HistoryQuery.Scope.user(uid("b")), .group(guid("g"))] {
            #expect(try bench.history("a", scope).ids.isEmpty)
        }
        #expect(try bench.history("a", .everything).ids == [5])
        #expect(try bench.history("b", .everything).ids == [2, 3, 4, 6, 7])
        try bench.send(message(8, "b", toUser("a")), message(9, "b", toGroup("g")))
        #expect(try bench.list("a") == ["group_g 9 1", "a_user_b 8 1", "a_user_c 5 1"])
        #expect(try bench.history("a", .user(uid("b"))).ids == [8])
        #expect(try bench.history("a", .group(guid("g"))).ids == [9])
        #expect(try bench.history("a", .everything).ids == [5, 8, 9])
        // Hiding less later takes nothing back.
        try bench.commit(0, .conversation(pair("a", "b"), of: uid("a"), .hidden(through: 3)))
        #expect(try bench.history("a", .user(uid("b"))).ids == [8])
    }

    @Test(arguments: Backing.allCases) func tagsAreTheViewersOwn(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.commit(0, .conversation(pair("a", "b"), of: uid("a"), .tags(["work", "x\"y"])))
        try bench.commit(0, .conversation(pair("a", "d"), of: uid("a"), .tags(["later"])))
        #expect(try bench.list("a") { $0.tags = ["x\"y", "nope"] } == ["a_user_b 6 2"])
        #expect(try bench.list("b") { $0.tags = ["work"] }.isEmpty)
        // A tag alone lists nothing, and is kept.
        #expect(try bench.list("a").count == 3)
        guard case .conversation(let view) = try bench.store.conversation(bench.app, of: uid("a"), with: toUser("d"))
        else { throw Unexpected() }
        #expect(view.tags == ["later"] && view.lastMessage == nil)
        try bench.commit(0, .conversation(pair("a", "b"), of: uid("a"), .tags([])))
        #expect(try bench.list("a") { $0.tags = ["work"] }.isEmpty)
    }

    @Test(arguments: Backing.allCases) func whoIsGoneHasNoSideOfTheirOwnLeft(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.commit(0, .conversation(pair("a", "b"), of: uid("a"), .hidden(through: 7)))
        try bench.commit(0, .conversation(.group(guid("g")), of: uid("b"), .tags(["t"])))
        try bench.commit(8, .userDeleted(uid("a")))
        #expect(try bench.list("a") == ["a_user_b 6 2", "a_user_c 5 1"])
        #expect(try bench.one("b", with: toUser("a")) == "6 1 read nil")
        try bench.commit(9, .groupDeleted(guid("g")))
        #expect(try bench.list("b") == ["a_user_b 6 1"])
        try bench.commit(10, .group(group("g")), .memberAdded(member("g", "b", at: 10)))
        #expect(try bench.list("b") { $0.tags = ["t"] }.isEmpty)
        try bench.send(message(11, "c", toGroup("g")))
        #expect(try bench.list("b") == ["group_g 11 1", "a_user_b 6 1"])
    }

    @Test(arguments: Backing.allCases) func whatIsNoConversationSaysWhy(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.commit(8, .group(group("s", type: .secret)))
        #expect(try bench.one("a", with: toUser("nobody")) == "unknownUser")
        #expect(try bench.one("a", with: toGroup("nowhere")) == "unknownGroup")
        #expect(try bench.one("c", with: toGroup("g")) == "notAMember")
        #expect(try bench.one("c", with: toGroup("s")) == "notAMember")
        #expect(try bench.one("a", with: toUser("d")) == "nil 0 read nil")
    }

    @Test(arguments: Backing.allCases) func unreadHistoryIsWhatTheCountsCount(_ backing: Backing) throws {
        let bench = try filled(backing)
        let unread = { (viewer: String?, scope: HistoryQuery.Scope) in
            try bench.history(viewer, scope) { $0.unreadOnly = true }.ids
        }
        #expect(try unread("a", .user(uid("b"))) == [2, 3])
        #expect(try unread("a", .group(guid("g"))) == [4])
        #expect(try unread("a", .everything) == [2, 3, 4, 5])
        #expect(try unread("b", .everything) == [6, 7])
        #expect(try unread(nil, .everything).isEmpty)
        try bench.commit(8, .mark(pair("a", "b"), mark(.read, "a", 2, seq: 8)))
        #expect(try unread("a", .user(uid("b"))) == [3])
        #expect(try bench.history("a", .everything) { ($0.unreadOnly, $0.limit) = (true, 2) } == ([4, 5], 4))
        try bench.commit(9, .memberRemoved(guid("g"), uid("a")))
        #expect(try unread("a", .everything) == [3, 5])
    }

    @Test(arguments: Backing.allCases) func deletedMessagesAndTagsFilterHistory(_ backing: Backing) throws {
        let bench = try filled(backing)
        try bench.send(
            message(8, "b", toUser("a")).deleted(by: uid("b")), message(9, "b", toUser("a"), tags: ["t", "u"]))
        let scope = HistoryQuery.Scope.user(uid("b"))
        #expect(try bench.history("a", scope).ids == [2, 3, 6, 8, 9])
        #expect(try bench.history("a", scope) { $0.hideDeleted = true }.ids == [2, 3, 6, 9])
        #expect(try bench.history("a", scope) { $0.tags = ["u", "v"] }.ids == [9])
        #expect(try bench.history("a", scope) { $0.unreadOnly = true }.ids == [2, 3, 9])
    }
}

extension Bench {
    /// `id lastMessage unread` of each conversation.
    fileprivate func list(_ viewer: String, _ change: (inout ConversationQuery) -> Void = { _ in }) throws -> [String] {
        var query = ConversationQuery(app: app, viewer: uid(viewer))
        change(&query)
        return try store.conversations(query).items.map { view in
            "\(view.conversation.id) \(view.lastMessage.map { "\($0.message.id)" } ?? "nil") \(view.unreadCount)"
        }
    }

    /// `lastMessage unread read lastRead`, or why there is none.
    fileprivate func one(_ viewer: String, with: Receiver) throws -> String {
        switch try store.conversation(app, of: uid(viewer), with: with) {
        case .conversation(let view):
            let (last, read) = (view.lastMessage?.message.id, view.lastReadMessageID)
            return """
                \(last.map { "\($0)" } ?? "nil") \(view.unreadCount) read \(read.map { "\($0)" } ?? "nil")
                """
        case .unknownUser: return "unknownUser"
        case .unknownGroup: return "unknownGroup"
        case .notAMember: return "notAMember"
        }
    }
}
