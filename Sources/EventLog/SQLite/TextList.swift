/// A list of texts as a JSON array, so that SQL can look into it (`json_each`). Reads only what it wrote itself.
enum TextList {
    static func encoded(_ texts: some Sequence<String>) -> String {
        var out = "["
        for text in texts {
            out += out.utf8.count == 1 ? "\"" : ",\""
            for scalar in text.unicodeScalars {
                switch scalar.value {
                case 0x22, 0x5C:
                    out += "\\"
                    out.unicodeScalars.append(scalar)
                case 0..<0x20:
                    let digits = String(scalar.value, radix: 16)
                    out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                default: out.unicodeScalars.append(scalar)
                }
            }
            out += "\""
        }
        return out + "]"
    }

    static func decoded(_ json: String) -> [String] {
        var texts: [String] = []
        var scalars = json.unicodeScalars.dropFirst().makeIterator()
        while let opening = scalars.next(), opening != "]" {
            guard opening == "\"" else { continue }
            var text = String.UnicodeScalarView()
            while let scalar = scalars.next(), scalar != "\"" {
                text.append(scalar == "\\" ? unescaped(&scalars) : scalar)
            }
            texts.append(String(text))
        }
        return texts
    }

    private static func unescaped(_ scalars: inout some IteratorProtocol<Unicode.Scalar>) -> Unicode.Scalar {
        guard let escaped = scalars.next() else { preconditionFailure("a stored list ends inside a text") }
        guard escaped == "u" else { return escaped }
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = scalars.next().flatMap({ Character($0).hexDigitValue }) else {
                preconditionFailure("a stored list holds half an escape")
            }
            value = value << 4 | UInt32(digit)
        }
        return Unicode.Scalar(value) ?? "\u{FFFD}"
    }
}
