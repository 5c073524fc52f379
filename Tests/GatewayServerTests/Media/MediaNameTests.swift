import Testing

@testable import GatewayServer

@Suite struct MediaNameTests {
    @Test(arguments: [
        ("photo.png", "photo.png"), ("my photo (1).PNG", "my_photo_1.png"), ("../../etc/passwd", "passwd"),
        (#"C:\dir\a.txt"#, "a.txt"), ("..", "file"), (".", "file"), ("", "file"), ("...png", "file.png"),
        (".htaccess", "htaccess"), ("наука.txt", "file.txt"), ("a\u{0}b\nc.txt", "a_b_c.txt"), ("a/", "file"),
        ("a..b.tar.gz", "a..b.tar.gz"), ("x.thisisnoextension", "x.thisisnoextension"), ("-rf", "-rf"),
        ("a.p/ng", "ng"), ("a%2e%2e", "a_2e_2e"), ("__", "file"),
    ])
    func aNameIsMadeHarmless(_ given: String, _ expected: String) {
        let name = MediaName.sanitised(given)
        #expect(name == expected)
        #expect(MediaName.isName(name))
    }

    @Test func aLongNameIsCutBeforeItsExtension() {
        let name = MediaName.sanitised(String(repeating: "a", count: 400) + ".jpeg")
        #expect(name.utf8.count == MediaName.charactersMax)
        #expect(name.hasSuffix("a.jpeg"))
    }

    @Test func onlyANameWithoutAnExtensionGetsTheUsualOne() {
        #expect(MediaName.sanitised("blob", fallback: "png") == "blob.png")
        #expect(MediaName.sanitised("a.dat", fallback: "png") == "a.dat")
    }

    @Test(arguments: [
        "", ".", "..", ".a", "a/b", "a\\b", "a b", "ä", "a\u{0}", "%2e", String(repeating: "a", count: 101),
    ])
    func whatIsNeverMadeIsNoName(_ text: String) {
        #expect(!MediaName.isName(text))
    }

    @Test func aKeyIs24CharactersAndNeverTheSame() {
        let keys = Set((0..<200).map { _ in MediaName.makeKey() })
        #expect(keys.count == 200)
        #expect(keys.allSatisfy(MediaName.isKey))
        for text in [
            "", "short", "../../../../../../../../", String(repeating: "a", count: 25), "aaaaaaaaaaaaaaaaaaaaaaa/",
        ] {
            #expect(!MediaName.isKey(text))
        }
    }

    /// Whatever a client calls its file, its address stays inside the directory.
    @Test func everyNameOfNoiseIsHarmless() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let scalars = (0..<Int.random(in: 0...40, using: &random)).map { _ in
                [0x2E, 0x2F, 0x5C, 0x00, 0x25, 0x61, 0xE4, 0x202E, 0x1F600].randomElement(using: &random)!
            }
            let text = String(String.UnicodeScalarView(scalars.compactMap(Unicode.Scalar.init)))
            #expect(MediaName.isName(MediaName.sanitised(text, fallback: "png")), "\(text.debugDescription)")
        }
    }
}
