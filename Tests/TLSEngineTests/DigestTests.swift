import Testing

@testable import TLSEngine

@Suite struct DigestTests {
    @Test func sha256GivesThePublishedValues() {
        // FIPS 180-2, appendix B.
        #expect(
            Hex.encode(Digest.sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(
            Hex.encode(Digest.sha256([UInt8]()))
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    }

    @Test func hmacGivesThePublishedValues() {
        // RFC 4231, test cases 1 and 2.
        #expect(
            Hex.encode(Digest.hmacSHA256(key: [UInt8](repeating: 0x0B, count: 20), [UInt8]("Hi There".utf8)))
                == "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")
        #expect(
            Hex.encode(Digest.hmacSHA256(key: [UInt8]("Jefe".utf8), [UInt8]("what do ya want for nothing?".utf8)))
                == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
        #expect(
            Hex.encode(Digest.hmacSHA256(key: [], [UInt8]()))
                == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad")
    }

    @Test func constantTimeEqualityIsEquality() {
        #expect(ConstantTime.equal([], []))
        #expect(ConstantTime.equal([1, 2, 3], [1, 2, 3]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2, 4]))
        #expect(!ConstantTime.equal([1, 2, 3], [1, 2]))
    }

    @Test func hexReadsWhatItWrites() {
        let bytes = [UInt8](0...255)
        #expect(Hex.decode(Hex.encode(bytes)) == bytes)
        #expect(Hex.decode("0aFf") == [0x0A, 0xFF])
        for bad in ["0", "0g", "é1", " 0"] { #expect(Hex.decode(bad) == nil) }
    }

    @Test func base64URLHasOneSpelling() {
        // RFC 4648 §10.
        let published = ["": "", "f": "Zg", "fo": "Zm8", "foo": "Zm9v", "foob": "Zm9vYg", "fooba": "Zm9vYmE"]
        for (text, encoded) in published {
            #expect(Base64URL.encode([UInt8](text.utf8)) == encoded)
            #expect(Base64URL.decode(encoded) == [UInt8](text.utf8))
        }
        #expect(Base64URL.encode([0xFB, 0xFF]) == "-_8")
        for bad in ["Z", "Zg==", "Zh", "Zm9", "+/8", "Zg\n"] { #expect(Base64URL.decode(bad) == nil) }
        for count in 0...100 {
            let bytes = SecureRandom.bytes(count)
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
    }

    @Test func tokensAreLongAndNeverTheSame() {
        let tokens = Set((1...100).map { _ in SecureRandom.token() })
        #expect(tokens.count == 100)
        #expect(tokens.allSatisfy { $0.utf8.count == 43 })
    }
}
