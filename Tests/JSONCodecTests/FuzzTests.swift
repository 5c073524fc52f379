import Foundation
import JSONCodec
import Testing

@Suite("fuzz")
struct FuzzTests {
    private static let documents = [
        #"{"appId":"app1","type":"message","ref":"c1","body":{"category":"message","data":{"text":"h\u00e9 \"x\" 😀","n":[1,-2.5e3,true,null]}}}"#,
        #"[[],{},"",0,-1,1.5,"日本語","\ud83d\ude00",{"a":{"b":{"c":[{"d":[]}]}}},12345678901234567890]"#,
        #"{"a" : [ 1 , 2 ] ,"b":"\b\f\n\r\t\/\\" , "c":false}"#,
    ].map { Array($0.utf8) }

    /// Skipping and pulling are two ways through the same grammar: they never crash, and agree.
    private func check(_ bytes: [UInt8], _ seed: UInt64) {
        let skipped = refusal(of: bytes) == nil
        let pulled = (try? value(of: bytes)) != nil
        #expect(skipped == pulled, "seed \(seed): \(bytes)")
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func randomBytesNeverCrashTheReader(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet = Array("{}[]:,\"\\ue0123456789.-+tfn \n".utf8) + [0x80, 0xC3, 0xA9, 0xED, 0xF0, 0xFF, 0x00, 0x1F]
        for _ in 0..<5_000 {
            let count = Int.random(in: 0..<40, using: &generator)
            check((0..<count).map { _ in alphabet.randomElement(using: &generator)! }, seed)
        }
    }

    @Test(arguments: [4, 5, 6] as [UInt64])
    func mutatedDocumentsNeverCrashTheReader(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<4_000 { check(Self.mutated(using: &generator), seed) }
    }

    @Test func everyPrefixOfADocumentIsRefused() {
        for document in Self.documents {
            for end in 0..<document.count { #expect(refusal(of: Array(document[..<end])) != nil) }
        }
    }

    /// Known differences of the other reader, left out here: it takes a byte order mark and other encodings than UTF-8
    /// (texts with NUL), lone surrogates and trailing commas, and refuses numbers past a double's range.
    @Test(arguments: [7, 8, 9] as [UInt64])
    func acceptanceAndValuesAgreeWithFoundation(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for round in 0..<2_000 {
            let bytes = round < Self.documents.count ? Self.documents[round] : Self.mutated(using: &generator)
            if bytes.contains(0) || bytes.starts(with: [0xEF, 0xBB, 0xBF]) { continue }
            let theirs = try? JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
            do throws(JSONError) {
                let ours = try value(of: bytes)
                guard let theirs else {
                    Issue.record("seed \(seed): accepted here only: \(String(decoding: bytes, as: UTF8.self))")
                    continue
                }
                #expect(Self.same(ours, theirs), "seed \(seed): \(String(decoding: bytes, as: UTF8.self))")
            } catch {
                if error.expected == .surrogatePair || error.expected == .lessNesting { continue }
                if Self.isTrailingComma(at: error.offset, in: bytes) { continue }
                #expect(
                    theirs == nil, "seed \(seed): refused here (\(error)): \(String(decoding: bytes, as: UTF8.self))")
            }
        }
    }

    private static func isTrailingComma(at offset: Int, in bytes: [UInt8]) -> Bool {
        guard offset < bytes.count, bytes[offset] == UInt8(ascii: "]") || bytes[offset] == UInt8(ascii: "}") else {
            return false
        }
        return bytes[..<offset].last { $0 > 0x20 } == UInt8(ascii: ",")
    }

    private static func mutated(using generator: inout SeededGenerator) -> [UInt8] {
        var bytes = documents.randomElement(using: &generator)!
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let index = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<4, using: &generator) {
            case 0: bytes[index] = UInt8.random(in: 1...255, using: &generator)
            case 1: bytes.remove(at: index)
            case 2: bytes.insert(bytes.randomElement(using: &generator)!, at: index)
            default: bytes.swapAt(index, Int.random(in: 0..<bytes.count, using: &generator))
            }
        }
        return bytes
    }

    private static func same(_ ours: Value, _ theirs: Any) -> Bool {
        switch (ours, theirs) {
        case (.object(let members), let other as [String: Any]):
            members.count == other.count
                && members.allSatisfy { key, value in other[key].map { same(value, $0) } ?? false }
        case (.array(let elements), let other as [Any]):
            elements.count == other.count && zip(elements, other).allSatisfy { same($0, $1) }
        case (.string(let text), let other as String): Array(text.utf8) == Array(other.utf8)
        case (.null, is NSNull): true
        case (.bool(let value), let other as NSNumber): other.boolValue == value
        case (.int(let value), let other as NSNumber): other.int64Value == value
        case (.number(let text), let other as NSNumber):
            Double(text).map { abs($0 - other.doubleValue) <= abs($0) * 1e-12 } ?? false
        default: false
        }
    }
}
