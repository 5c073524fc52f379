import Testing

@testable import TLSEngine

@Suite struct PasswordHashTests {
    @Test func scryptGivesThePublishedValue() throws {
        // RFC 7914 §12: the third vector, of which a key of 64 bytes begins as one of 32 does not, so the cost differs.
        let key = try #require(PasswordHash.key("", [UInt8]("".utf8), PasswordHash.Cost(logN: 4, r: 1, p: 1)))
        #expect(Hex.encode(key) == "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442")
        let long = try #require(
            PasswordHash.key("pleaseletmein", [UInt8]("SodiumChloride".utf8), PasswordHash.Cost(logN: 14, r: 8, p: 1)))
        #expect(Hex.encode(long) == "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2")
    }

    @Test func aHashMatchesItsPasswordAndNoOther() {
        let hash = PasswordHash.make("päss wörd")
        #expect(hash.hasPrefix("$scrypt$ln=14,r=8,p=1$"))
        #expect(PasswordHash.matches("päss wörd", hash))
        for wrong in ["", "päss wörd ", "pass word"] { #expect(!PasswordHash.matches(wrong, hash)) }
        #expect(PasswordHash.make("päss wörd") != hash, "each has a salt of its own")
    }

    @Test(arguments: [
        "", "secret", "$scrypt$ln=14,r=8,p=1$$", "$scrypt$ln=14,r=8$c2FsdHNhbHRzYWx0c2FsdA$AAAA",
        "$scrypt$ln=30,r=8,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=16,r=16,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=-1,r=8,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "$scrypt$ln=14,r=8,p=1$c2FsdA$AAAA", "$argon2$ln=1,r=1,p=1$c2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ])
    func whatIsNoHashOrCostsTooMuchMatchesNothing(_ text: String) {
        #expect(PasswordHash.parse(text) == nil)
        #expect(!PasswordHash.matches("", text))
    }
}
