internal import Foundation

/// Text as the words that a search compares: in lower case, without diacritics, in compatible forms (`ﬁ` is `fi`).
///
/// The rule for stored messages, for what is asked, and for both implementations of the store; so a message that is found
/// in the index is the one that is found without it. Letters, numbers and the marks that belong to them make words, all
/// else parts them. Scripts that are written without spaces between words give a word per sign where a sign means
/// something: CJK ideographs and kana.
enum WordSplitter {
    /// Unicode scalars of a word; what is behind them does not count.
    static let scalarsMax = 64

    /// Hands out each word in order, doubles included.
    static func split(_ text: String, _ body: (String) -> Void) {
        if text.utf8.allSatisfy({ $0 < 0x80 }) { return splitASCII(text, body) }
        var word = String.UnicodeScalarView()
        var count = 0
        func end() {
            if count > 0 { body(String(word)) }
            word.removeAll(keepingCapacity: true)
            count = 0
        }
        for scalar in text.decomposedStringWithCompatibilityMapping.unicodeScalars {
            switch Role(scalar) {
            case .ignored: continue
            case .separator: end()
            case .word:
                end()
                body(String(scalar))
            case .part:
                guard count < scalarsMax else { continue }
                count += 1
                if scalar.value < 0x80 {
                    word.append(lowered(scalar))
                } else if scalar == "ß" || scalar == "ẞ" {
                    word.append(contentsOf: "ss".unicodeScalars)
                } else if scalar == "ς" {
                    word.append("σ")
                } else {
                    word.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
                }
            }
        }
        end()
    }

    private static func splitASCII(_ text: String, _ body: (String) -> Void) {
        var word: [UInt8] = []
        func end() {
            if !word.isEmpty { body(String(decoding: word, as: UTF8.self)) }
            word.removeAll(keepingCapacity: true)
        }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                if word.count < scalarsMax { word.append(byte) }
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): if word.count < scalarsMax { word.append(byte | 0x20) }
            default: end()
            }
        }
        end()
    }

    private static func lowered(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        ("A"..."Z").contains(scalar) ? Unicode.Scalar(UInt8(scalar.value | 0x20)) : scalar
    }

    private enum Role {
        case part, word, ignored, separator

        init(_ scalar: Unicode.Scalar) {
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .decimalNumber,
                .letterNumber, .otherNumber:
                self = Self.standsAlone(scalar) ? .word : .part
            case .nonspacingMark: self = Self.isDiacritic(scalar.value) ? .ignored : .part
            case .spacingMark: self = .part
            // Soft hyphens and joiners stand inside of words.
            case .enclosingMark, .format: self = .ignored
            default: self = .separator
            }
        }

        private static func standsAlone(_ scalar: Unicode.Scalar) -> Bool {
            scalar.value >= 0x2E80
                && (scalar.properties.isIdeographic || (0x3041...0x30FF).contains(scalar.value)
                    || (0x31F0...0x31FF).contains(scalar.value))
        }

        /// Combining marks that are left out in writing often enough, and the points of Hebrew and Arabic.
        private static func isDiacritic(_ value: UInt32) -> Bool {
            switch value {
            case 0x0300...0x036F, 0x0591...0x05C7, 0x0610...0x061A, 0x064B...0x065F, 0x0670, 0x06D6...0x06ED,
                0x1AB0...0x1AFF, 0x1DC0...0x1DFF, 0x20D0...0x20FF, 0x3099...0x309A, 0xFE20...0xFE2F:
                true
            default: false
            }
        }
    }
}
