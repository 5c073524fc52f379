import Testing

@testable import EventLog

@Suite struct WordSplitterTests {
    private func words(_ text: String) -> [String] {
        var words: [String] = []
        WordSplitter.split(text) { words.append($0) }
        return words
    }

    @Test(arguments: [
        ("Hello, World!", ["hello", "world"]),
        ("a-b_c.d/e 42nd", ["a", "b", "c", "d", "e", "42nd"]),
        ("don't", ["don", "t"]),
        ("", []), (" \t\n\u{0}\"*()^:-+", []),
        ("Éva Ångström naïve", ["eva", "angstrom", "naive"]),
        ("E\u{301}va", ["eva"]),
        ("Việt Nam", ["viet", "nam"]),
        ("Straße STRASSE", ["strasse", "strasse"]),
        ("ΣΊΣΥΦΟΣ σίσυφος", ["σισυφοσ", "σισυφοσ"]),
        ("Ёлка ЖИЗНЬ", ["елка", "жизнь"]),
        ("ﬁle ＡＢＣ", ["file", "abc"]),
        ("soft\u{AD}hyphen zero\u{200D}width", ["softhyphen", "zerowidth"]),
        ("हिन्दी", ["हिन्दी"]),
        ("你好 world", ["你", "好", "world"]),
        ("カタ", ["カ", "タ"]),
        ("שָׁלוֹם", ["שלום"]),
        ("a😀b", ["a", "b"]),
        ("\u{E000}c1 \u{E001}he", ["c1", "he"]),
    ]) func textBecomesTheWordsThatAreCompared(_ text: String, _ expected: [String]) {
        #expect(words(text) == expected)
    }

    @Test func aLongWordCountsByItsBeginning() {
        let long = String(repeating: "x", count: 100)
        #expect(words(long) == [String(repeating: "x", count: WordSplitter.scalarsMax)])
        let accented = String(repeating: "é", count: 100)
        #expect(words(accented) == [String(repeating: "e", count: WordSplitter.scalarsMax)])
    }

    @Test func theTextsOfAMessageAreWhatAPersonReads() {
        let data = """
            {"text":"Look \\u0041t this","url":"https://secret.example/x","attachments":[{"name":"Report Q3.PDF","url":"u",
            "size":3},7,{"name":5}],"metadata":{"text":"hidden"},"caption":"Überblick","name":"nothing"}
            """
        #expect(SearchText.words(of: Array(data.utf8)) == ["look", "at", "this", "report", "q3", "pdf", "uberblick"])
        for none in ["", "[]", "{", #"{"text":7}"#, #"{"text":null,"attachments":{}}"#] {
            #expect(SearchText.words(of: Array(none.utf8)).isEmpty, "\(none)")
        }
    }

    @Test func whatIsAskedIsWordsAndTheBeginningOfOne() {
        let query = WordQuery("\"Quick\" AND quick* fo")
        #expect(query.words == ["quick", "and"] && query.beginning == "fo")
        #expect(WordQuery("x").words == ["x"] && WordQuery("x").beginning == nil)
        #expect(WordQuery("* \" ( ) \u{0}").isEmpty)
        let many = WordQuery((0..<5_000).map { "w\($0)" }.joined(separator: " "))
        #expect(many.words.count == WordQuery.wordsMax && many.beginning == nil)
    }

    private func terms(_ text: String) -> [String] { text.split(separator: " ").map(String.init) }

    @Test func theIndexIsAskedForTermsItHolds() {
        let held = Set(
            terms(WordTerms.text(["hello", "wo", "x"], conversation: 7, sender: 1, receiver: 2) ?? ""))
        #expect(held.isSuperset(of: ["hello", "wo", "x", "\u{E001}he", "\u{E001}hell", "\u{E001}wo"]))
        for place in [WordTerms.Place.conversation(7), .pairs(of: 1), .pairs(of: 2)] {
            for text in ["hello", "hel", "he", "hello wo", "x", "x wo"] {
                let asked = terms(WordTerms.expression(WordQuery(text), at: place)).filter { $0 != "AND" }
                #expect(held.isSuperset(of: asked.map { String($0.dropFirst().dropLast()) }), "\(text)")
            }
        }
        #expect(WordTerms.text([], conversation: 7, sender: 1, receiver: nil) == nil)
    }
}
