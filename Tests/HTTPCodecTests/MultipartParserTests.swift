import HTTPCodec
import Testing

@Suite struct MultipartParserTests {
    private typealias Probe = MultipartProbe

    // MARK: - What is read

    @Test func fieldsAndFilesComeOutAsTheyWereSent() throws {
        let body =
            Probe.part("receiver", "bob")
            + Probe.part(
                "file", "\u{0}\u{1}\r\n--AaB03y", more: "; filename=\"a b.png\"", head: "Content-Type: image/png\r\n")
            + Probe.end
        let seen = try Probe.run(body)
        #expect(seen.isComplete)
        #expect(
            seen.parts.map(\.part) == [
                MultipartPart(name: "receiver"),
                MultipartPart(name: "file", filename: "a b.png", contentType: "image/png"),
            ])
        #expect(seen.texts == ["receiver=bob", "file=\u{0}\u{1}\r\n--AaB03y"])
    }

    @Test(arguments: [
        "", "x", "\r", "\r\n", "\r\n\r\n", "\r\r\n-", "\r\n--", "\r\n--AaB03", "\r\n--AaB03y", "--AaB03x",
        "\r\n--AaB0\r\n--AaB03\r\n-", "\n--AaB03x", "\r--AaB03x", String(repeating: "\r\n--AaB03", count: 9),
    ])
    func contentThatLooksLikeABoundaryIsContentHoweverItIsCut(_ content: String) throws {
        let body = Array((Probe.part("a", content) + Probe.part("b", content + "!") + Probe.end).utf8)
        #expect(try Probe.run(body).texts == ["a=\(content)", "b=\(content)!"])
        #expect(try Probe.isSameHoweverCut(body))
    }

    @Test func lineBreakBeforeTheFirstBoundaryPaddingAndEpilogueAreTaken() throws {
        let body = "\r\n--AaB03x \t\r\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--AaB03x--\r\nrest"
        let seen = try Probe.run(body)
        #expect(seen.isComplete)
        #expect(seen.texts == ["a=x"])
        #expect(try Probe.isSameHoweverCut(Array(body.utf8)))
    }

    @Test func aFormMayBeEmpty() throws {
        #expect(try Probe.run("--AaB03x--").isComplete)
    }

    @Test(arguments: [
        (#"; filename="a.png""#, "a.png"), (#"; filename=a.png"#, "a.png"), (#"; filename="""#, ""),
        (#"; filename="a\"b.png""#, "a\"b.png"), (#"; filename="a%22b.png""#, "a\"b.png"),
        (#"; filename="a%20b%C3%A4.png""#, "a bä.png"), (#"; filename="50%.png""#, "50%.png"),
        (#"; filename="ä%20b%22.png""#, "ä%20b\".png"), (#"; filename="a%0D%0Ab%00.png""#, "a%0D%0Ab%00.png"),
        (#"; filename="C:\dir\a.png""#, #"C:\dir\a.png"#), (#"; filename="a\\b""#, #"a\b"#),
        (#"; filename="ä 漢.png""#, "ä 漢.png"), (#"; filename="a;b=c.png""#, "a;b=c.png"),
        // RFC 7578 §4.2: not for forms.
        (#"; filename*=UTF-8''evil.html; filename="a.png""#, "a.png"),
    ])
    func aFilenameIsReadAsBrowsersWriteIt(_ parameter: String, _ expected: String) throws {
        let body = Array((Probe.part("file", "x", more: parameter) + Probe.end).utf8)
        #expect(try Probe.run(body).parts.first?.part.filename == expected)
        #expect(try Probe.isSameHoweverCut(body))
    }

    // MARK: - What is refused

    @Test(arguments: [
        ("", MultipartRefusal.truncated), ("x", .preamble), ("\r\n\r\n--AaB03x--", .preamble), ("--AaB03", .truncated),
        ("--AaB03x", .truncated), ("--AaB03xx\r\n", .delimiterLine), ("--AaB03x-x", .delimiterLine),
        ("--AaB03x\rx", .delimiterLine), ("--AaB03x\n", .delimiterLine), ("--AaB03x\r\n\r\n", .dispositionMissing),
        ("--AaB03x\r\nA: b\n", .headLine), ("--AaB03x\r\nA b\r\n", .headLine), ("--AaB03x\r\n: b\r\n", .headLine),
        ("--AaB03x\r\nA: \u{1}\r\n", .headLine), ("--AaB03x\r\nA: b\rC: d\r\n", .headLine),
        ("--AaB03x\r\nA : b\r\n", .headLine),
        ("--AaB03x\r\nContent-Disposition: attachment; name=a\r\n\r\n", .disposition),
        ("--AaB03x\r\nContent-Disposition: form-data\r\n\r\n", .disposition),
        ("--AaB03x\r\nContent-Disposition: form-data; name=\"\"\r\n\r\n", .name),
        ("--AaB03x\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n", .dispositionRepeated),
        ("--AaB03x\r\nContent-Disposition: form-data; name=\"a\r\n\r\n", .parameter),
        ("--AaB03x\r\nContent-Disposition: form-data; name=\"a\"b\r\n\r\n", .parameter),
        ("--AaB03x\r\nContent-Disposition: form-data; =a\r\n\r\n", .parameter),
        ("--AaB03x\r\nContent-Disposition: form-data; name=a\r\nContent-Disposition: x\r\n", .dispositionRepeated),
        ("--AaB03x\r\nContent-Disposition: form-data; name=a\r\nContent-Type: image\r\n\r\n", .contentType),
        ("--AaB03x\r\nContent-Transfer-Encoding: base64\r\n", .transferEncoding),
        ("--AaB03x\r\nContent-Disposition: form-data; name=a\r\n\r\nabc", .truncated),
        ("--AaB03x\r\nContent-Disposition: form-data; name=a\r\n\r\nabc\r\n--AaB03x", .truncated),
    ])
    func aMalformedBodyIsRefusedHoweverItIsCut(_ body: String, _ refusal: MultipartRefusal) throws {
        let seen = try Probe.run(body)
        #expect(seen.refusal == refusal)
        #expect(!seen.isComplete)
        #expect(try Probe.isSameHoweverCut(Array(body.utf8)))
    }

    @Test func aNameThatIsNotUTF8IsRefused() throws {
        var body = Array("--AaB03x\r\nContent-Disposition: form-data; name=\"a".utf8)
        body += [0xFF] + Array("\"\r\n\r\n".utf8)
        #expect(try Probe.run(body).refusal == .name)
    }

    @Test func everyBoundHolds() throws {
        var limits = MultipartLimits()
        limits.partsMax = 2
        limits.headBytesMax = 120
        limits.headLinesMax = 2
        limits.nameBytesMax = 4
        limits.filenameBytesMax = 5
        limits.fieldBytesMax = 6
        limits.epilogueBytesMax = 8
        let good = Probe.part("name", "123456") + Probe.part("f", "1234567", more: "; filename=\"a.png\"")
        #expect(try Probe.run(good + Probe.end + "123456", limits: limits).isComplete)
        let refused: [(String, MultipartRefusal)] = [
            (good + Probe.part("c", ""), .tooManyParts), (Probe.part("names", ""), .nameTooLong),
            (Probe.part("a", "", more: "; filename=\"ab.png\""), .filenameTooLong),
            (Probe.part("a", "1234567"), .fieldTooLarge), (good + Probe.end + "1234567", .epilogue),
            (Probe.part("a", "", head: "A: b\r\nC: d\r\n"), .tooManyHeadLines),
            (Probe.part("a", "", head: "A: \(String(repeating: "x", count: 120))\r\n"), .headTooLarge),
        ]
        for (body, refusal) in refused {
            #expect(try Probe.run(body, limits: limits).refusal == refusal)
            #expect(try Probe.isSameHoweverCut(Array(body.utf8), limits: limits))
        }
    }

    // MARK: - The boundary

    @Test(arguments: [
        "multipart/form-data; boundary=abc", "Multipart/Form-Data;boundary=\"abc\"",
        "multipart/form-data; charset=utf-8; BOUNDARY = abc",
    ])
    func aBoundaryIsFoundAmongParameters(_ header: String) throws {
        if header.contains(" = ") {
            #expect(throws: MultipartRefusal.parameter) { try MultipartBoundary(contentType: header) }
        } else {
            #expect(
                try MultipartBoundary(contentType: header)
                    == MultipartBoundary(contentType: "multipart/form-data;boundary=abc"))
        }
    }

    @Test func aBoundaryHasOneTo70AllowedCharacters() throws {
        func boundary(_ text: String) throws {
            _ = try MultipartBoundary(contentType: "multipart/form-data; boundary=\(text)")
        }
        try boundary(String(repeating: "x", count: 70))
        try boundary("----=_Part_1:2?(3)'+,./")
        try boundary("\"a b\"")
        for text in [String(repeating: "x", count: 71), "\"\"", "\"a \"", "a@b", "ä", "a; boundary=b"] {
            #expect(throws: MultipartRefusal.boundary) { try boundary(text) }
        }
        #expect(throws: MultipartRefusal.boundaryMissing) { try MultipartBoundary(contentType: "multipart/form-data") }
        #expect(throws: MultipartRefusal.mediaType) {
            try MultipartBoundary(contentType: "multipart/mixed; boundary=a")
        }
    }

    @Test func everyRefusalHasAStatusAndASentence() {
        for refusal in MultipartRefusal.allCases {
            #expect((400...499).contains(refusal.status))
            #expect(refusal.reason.description.hasSuffix("."))
        }
    }
}
