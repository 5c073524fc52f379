import Testing

@testable import GatewayServer

@Suite struct MediaTypeTests {
    private static func isoBase(_ brand: String) -> [UInt8] {
        [0, 0, 0, 24] + Array("ftyp\(brand)".utf8) + [0, 0, 0, 0]
    }

    private static let samples: [(head: [UInt8], type: String)] = [
        ([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0], "image/png"), ([0xFF, 0xD8, 0xFF, 0xE0], "image/jpeg"),
        (Array("GIF87a..".utf8), "image/gif"), (Array("GIF89a..".utf8), "image/gif"),
        (Array("RIFF....WEBPVP8 ".utf8), "image/webp"), (Array("RIFF....WAVEfmt ".utf8), "audio/wav"),
        (Array("RIFF....AVI LIST".utf8), "video/x-msvideo"), ([0x49, 0x49, 0x2A, 0], "image/tiff"),
        ([0x4D, 0x4D, 0, 0x2A], "image/tiff"), ([0, 0, 1, 0, 1], "image/x-icon"),
        (Array("BM".utf8) + [9, 9, 9, 9, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0], "image/bmp"),
        (isoBase("avif"), "image/avif"), (isoBase("heic"), "image/heic"), (isoBase("mif1"), "image/heif"),
        (isoBase("isom"), "video/mp4"), (isoBase("mp42"), "video/mp4"), (isoBase("qt  "), "video/quicktime"),
        (isoBase("3gp4"), "video/3gpp"), (isoBase("M4A "), "audio/mp4"),
        ([0x1A, 0x45, 0xDF, 0xA3, 0x42, 0x82, 0x84] + Array("webm".utf8), "video/webm"),
        ([0x1A, 0x45, 0xDF, 0xA3, 0x42, 0x82, 0x88] + Array("matroska".utf8), "video/x-matroska"),
        (Array("OggS".utf8) + [UInt8](repeating: 0, count: 24) + Array("OpusHead".utf8), "audio/ogg"),
        (Array("OggS".utf8) + [UInt8](repeating: 0, count: 24) + [1] + Array("vorbis".utf8), "audio/ogg"),
        (Array("ID3\u{4}".utf8), "audio/mpeg"), ([0xFF, 0xFB, 0x90, 0x00], "audio/mpeg"),
        ([0xFF, 0xF1, 0x50, 0x80], "audio/aac"), (Array("fLaC".utf8), "audio/flac"),
        (Array("#!AMR\n".utf8), "audio/amr"),
        (Array("%PDF-1.4".utf8), "application/pdf"), ([0x50, 0x4B, 3, 4], "application/zip"),
        ([0x1F, 0x8B, 8], "application/gzip"), (Array("plain words\n".utf8), "text/plain"),
        ([0, 1, 2, 3], MediaType.unknown),
        ([], MediaType.unknown),
    ]

    @Test func aFilesBytesTellItsType() {
        for (head, type) in Self.samples {
            #expect(MediaType(head: head, filename: "x", declared: nil).name == type)
            #expect(MediaType(head: head, filename: "x", declared: "application/octet-stream").name == type)
        }
    }

    @Test func whatTheBytesSayNoClaimChanges() {
        for (head, type) in Self.samples where !["text/plain", MediaType.unknown, "application/zip"].contains(type) {
            for (name, claim) in [("a.html", "text/html"), ("a.js", "text/javascript"), ("a.pdf", "application/pdf")] {
                let found = MediaType(head: head, filename: name, declared: claim).name
                #expect(found == type, "\(claim)")
            }
        }
    }

    @Test(arguments: [
        "<html>", "<!DOCTYPE html>", " \n\t<svg xmlns='x'>", "\u{FEFF}<?xml version='1.0'?>",
        "<script>alert(1)</script>", "<x",
    ])
    func markupIsNeverServedAsItself(_ text: String) {
        for claim in [nil, "image/png", "text/html", "image/svg+xml", "text/plain", "video/mp4"] {
            let type = MediaType(head: Array(text.utf8), filename: "a.png", declared: claim)
            #expect(type.name == MediaType.unknown)
            #expect(!type.isShownInline)
        }
        var wide: [UInt8] = [0xFF, 0xFE]
        for byte in text.utf8 where byte < 0x80 { wide += [byte, 0] }
        #expect(MediaType(head: wide, filename: "a.png", declared: "text/html").name == MediaType.unknown)
    }

    @Test(
        arguments: [
            ("a.js", "text/plain"), ("a.txt", "text/javascript"), ("a.html", nil), ("a.txt", "text/html; charset=x"),
            ("a.txt", "application/xhtml+xml"), ("a.txt", "image/svg+xml"), ("a.xml", nil), ("a.css", nil),
            ("a", "text/xsl"),
        ] as [(String, String?)])
    func namesAndClaimsOfWhatABrowserRunsAreNotBelieved(_ name: String, _ claim: String?) {
        #expect(MediaType(head: Array("alert(1)".utf8), filename: name, declared: claim).name == MediaType.unknown)
    }

    @Test(
        arguments: [
            ("x", "image/x-canon-cr2", "image/x-canon-cr2"), ("a.jpg", nil, "image/jpeg"),
            ("x", "Audio/MPEG; a=b", "audio/mpeg"),
            ("a.csv", nil, "text/csv"), ("a.bin", "nonsense", MediaType.unknown), ("a.bin", "a/b/c", MediaType.unknown),
            ("a.bin", "x/\u{E4}", MediaType.unknown),
        ] as [(String, String?, String)])
    func whereTheBytesSayNothingTheClaimAndThenTheNameIsBelieved(_ name: String, _ claim: String?, _ expected: String) {
        #expect(MediaType(head: [0, 1, 2, 3], filename: name, declared: claim).name == expected)
    }

    @Test func anArchiveMayBeADocument() {
        let zip: [UInt8] = [0x50, 0x4B, 3, 4]
        #expect(MediaType(head: zip, filename: "a.docx", declared: nil).name.hasSuffix("wordprocessingml.document"))
        #expect(MediaType(head: zip, filename: "a.png", declared: "image/png").name == "application/zip")
        #expect(MediaType(head: zip, filename: "a", declared: "application/xhtml+xml").name == "application/zip")
    }

    @Test func anOlderDocumentIsToldByItsName() {
        let compound: [UInt8] = [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1]
        #expect(MediaType(head: compound, filename: "a.doc", declared: nil).name == "application/msword")
        #expect(MediaType(head: compound, filename: "a", declared: nil).name == MediaSignature.compound)
    }

    @Test func aContainerIsSoundWhereItIsCalledSo() {
        let webm: [UInt8] = [0x1A, 0x45, 0xDF, 0xA3] + Array("webm".utf8)
        #expect(MediaType(head: webm, filename: "a.webm", declared: "audio/webm;codecs=opus").name == "audio/webm")
        #expect(MediaType(head: webm, filename: "a.webm", declared: "video/webm").name == "video/webm")
        #expect(MediaType(head: webm, filename: "a.weba", declared: nil).name == "audio/webm")
    }

    @Test func aMessagesTypeFitsItsFile() {
        let png = MediaType(head: Self.samples[0].head, filename: "a", declared: nil)
        let svg = MediaType(head: Array("<svg>".utf8), filename: "a.svg", declared: nil)
        let html = MediaType(head: Array("<html>".utf8), filename: "a.png", declared: "image/png")
        let said = MediaType(head: [0, 1], filename: "a", declared: "image/x-raw")
        let nothing = MediaType(head: [0, 1], filename: "a", declared: nil)
        for type in [png, svg, said] { #expect(type.fits(messageType: "image") && type.fits(messageType: "file")) }
        for type in [html, nothing] { #expect(!type.fits(messageType: "image") && type.fits(messageType: "file")) }
        #expect(!png.fits(messageType: "video") && !png.fits(messageType: "audio"))
    }

    @Test func onlyPicturesFilmAndSoundAreShownInline() {
        for (head, type) in Self.samples {
            let shown = MediaType(head: head, filename: "x", declared: nil).isShownInline
            let isSafe =
                ["video", "audio", "image"].contains(type.prefix(5))
                && !["image/tiff", "image/heic", "image/heif"].contains(type)
            #expect(shown == isSafe, "\(type)")
        }
    }
}
