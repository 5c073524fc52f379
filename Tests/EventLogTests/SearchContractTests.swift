import ChatModel
import EventLog
import Testing

@Suite struct SearchContractTests {
    /// a and b talk, b and c too; a and b are in g. `indexed`: before anything is asked, the store has caught up.
    private func filled(_ backing: Backing, indexed: Bool) throws -> Bench {
        let bench = try Bench(backing)
        try bench.commit(
            1, .group(group("g")), .memberAdded(member("g", "a", at: 1)), .memberAdded(member("g", "b", at: 1)))
        try bench.send(
            message(2, "a", toUser("b")).saying("The quick brown fox"),
            message(3, "b", toUser("a")).saying("jumps over the lazy dog"),
            message(4, "b", toUser("c")).saying("a quick secret"),
            message(5, "b", toGroup("g")).saying("Quickly, fox!"),
            message(6, "a", toGroup("g"), category: .custom, type: "poll").saying("quick poll"),
            message(7, "a", toUser("b"), type: "file").holding(
                #"{"text":"see here","attachments":[{"name":"Übersicht-2024.pdf"}]}"#),
            message(8, "b", toUser("a"), parent: 2).saying("no quick foxes"))
        if indexed { try bench.log.maintain(nowSeconds: 0) }
        return bench
    }

    private static let cases: [(Backing, Bool)] = Backing.allCases.flatMap { [($0, false), ($0, true)] }

    @Test(arguments: cases) func allWordsMustOccurTheLastPerhapsInPart(_ backing: Backing, _ indexed: Bool) throws {
        let bench = try filled(backing, indexed: indexed)
        let found = { (key: String) in try bench.history("a", .user(uid("b"))) { $0.searchKey = key }.ids }
        #expect(try found("quick") == [2, 8])
        #expect(try found("quick fox") == [2, 8])
        #expect(try found("FOX quick") == [2])
        #expect(try found("fox quick brown") == [2])
        #expect(try found("qui") == [2, 8])
        #expect(try found("qui fox").isEmpty)
        #expect(try found("quicker").isEmpty)
        #expect(try found("the l") == [])
        #expect(try found("the la") == [3])
        #expect(try found("ubersicht") == [7])
        #expect(try found("ÜBERSICHT 20") == [7])
        #expect(try found("see pdf") == [7])
    }

    @Test(arguments: cases) func onlyWhatTheViewerTookPartInIsFound(_ backing: Backing, _ indexed: Bool) throws {
        let bench = try filled(backing, indexed: indexed)
        let found = { (viewer: String?, scope: HistoryQuery.Scope) in
            try bench.history(viewer, scope) { $0.searchKey = "quick" }.ids
        }
        #expect(try found("a", .everything) == [2, 5, 8])
        #expect(try found("b", .everything) == [2, 4, 5, 8])
        #expect(try found("c", .everything) == [4])
        #expect(try found("stranger", .everything).isEmpty)
        #expect(try found(nil, .everything) == [2, 4, 5, 8])
        #expect(try found(nil, .user(uid("c"))) == [4])
        #expect(try found("a", .group(guid("g"))) == [5])
        #expect(try found("c", .user(uid("a"))).isEmpty)
        // Who left finds what fell into their stay.
        try bench.commit(9, .memberRemoved(guid("g"), uid("a")))
        try bench.send(message(10, "b", toGroup("g")).saying("quick again"))
        #expect(try found("a", .everything) == [2, 5, 8])
        #expect(try found("b", .everything) == [2, 4, 5, 8, 10])
    }

    @Test(arguments: cases) func aSearchIsPagedAndFilteredLikeAnyHistory(_ backing: Backing, _ indexed: Bool) throws {
        let bench = try filled(backing, indexed: indexed)
        #expect(try bench.history("b", .everything) { ($0.searchKey, $0.limit) = ("quick", 2) } == ([5, 8], 5))
        #expect(
            try bench.history("b", .everything) { ($0.searchKey, $0.limit, $0.cursor) = ("quick", 2, .id(5)) }
                == ([2, 4], nil))
        #expect(
            try bench.history("b", .everything) { ($0.searchKey, $0.limit, $0.affix) = ("quick", 3, .append) }
                == ([2, 4, 5], 5))
        #expect(try bench.history("a", .everything) { ($0.searchKey, $0.hideReplies) = ("quick", true) }.ids == [2, 5])
        #expect(try bench.history("a", .everything) { ($0.searchKey, $0.parentID) = ("quick", 2) }.ids == [8])
        #expect(try bench.history("a", .everything) { ($0.searchKey, $0.types) = ("see", ["file"]) }.ids == [7])
        #expect(try bench.history("a", .everything) { ($0.searchKey, $0.unreadOnly) = ("quick", true) }.ids == [5, 8])
        try bench.commit(0, .conversation(pair("a", "b"), of: uid("a"), .hidden(through: 7)))
        #expect(try bench.history("a", .everything) { $0.searchKey = "quick" }.ids == [5, 8])
        #expect(try bench.history("a", .user(uid("b"))) { $0.searchKey = "quick" }.ids == [8])
    }

    /// Half of it the index knows, half it does not yet.
    @Test(arguments: Backing.allCases) func aMessageIsFoundAtOnce(_ backing: Backing) throws {
        let bench = try filled(backing, indexed: true)
        try bench.send(message(9, "b", toUser("a")).saying("quick as can be"), message(10, "a", toGroup("g")))
        #expect(try bench.history("a", .everything) { $0.searchKey = "quick" }.ids == [2, 5, 8, 9])
        #expect(
            try bench.history("a", .everything) { ($0.searchKey, $0.limit) = ("quick", 2) } == ([8, 9], 8))
        try bench.log.maintain(nowSeconds: 0)
        #expect(try bench.history("a", .everything) { $0.searchKey = "quick" }.ids == [2, 5, 8, 9])
    }

    @Test(
        arguments: Backing.allCases,
        [
            "\"", "\"quick", "quick\"", "quick*", "* quick", "-quick", "^quick", "quick AND", "(quick", "quick)",
            "a:quick",
            "quick\u{0}", "NEAR(quick)", "'; DROP TABLE messages --", "\u{E000}c1", "{quick}", "\\quick", "%",
        ]) func anOddTextIsTakenAsWords(_ backing: Backing, _ key: String) throws
    {
        let bench = try filled(backing, indexed: true)
        let plain = try Bench(.memory)
        for id in [2, 3, 8] as [Int64] {
            let view = try #require(try bench.store.message(bench.app, id: id))
            try plain.send(view.message)
        }
        let found = try bench.history("a", .user(uid("b"))) { ($0.searchKey, $0.types) = (key, ["text"]) }
        #expect(try plain.history("a", .user(uid("b"))) { $0.searchKey = key } == found)
    }

    @Test(arguments: Backing.allCases) func aTextWithoutAWordFindsNothingAndAnEndlessOneIsCut(_ backing: Backing) throws
    {
        let bench = try filled(backing, indexed: true)
        #expect(try bench.history("a", .everything) { $0.searchKey = "?!" }.ids.isEmpty)
        let endless = "quick " + String(repeating: "fox ", count: 2_500)
        #expect(try bench.history("a", .everything) { $0.searchKey = endless }.ids == [2])
        let unbroken = String(repeating: "q", count: 10_000)
        #expect(try bench.history("a", .everything) { $0.searchKey = unbroken }.ids.isEmpty)
    }
}

extension MessageRecord {
    /// The same message with this text.
    func saying(_ text: String) -> MessageRecord { holding(#"{"text":"\#(text)"}"#) }

    func holding(_ data: String) -> MessageRecord {
        MessageRecord(
            id: id, muid: muid, sender: sender, receiver: receiver, category: category, type: type, data: json(data),
            tags: tags, parentID: parentID, sentAt: sentAt, originSession: originSession, subject: subject,
            edit: edit, deletion: deletion)
    }
}
