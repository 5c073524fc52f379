/// A parsed Sec-WebSocket-Extensions value (RFC 6455 §9.1): extensions in order of preference, each with parameters.
struct WebSocketExtensionList: Sendable, Equatable {
    struct Parameter: Sendable, Equatable {
        /// In lower case.
        let name: [UInt8]
        /// Nil without "=".
        let value: [UInt8]?
    }

    struct Extension: Sendable, Equatable {
        /// In lower case.
        let name: [UInt8]
        let parameters: [Parameter]
    }

    /// More than any client offers; beyond it the value counts as malformed.
    static let extensionsMax = 16
    static let parametersMax = 16

    private(set) var extensions: [Extension] = []

    /// Nil when the value does not follow the grammar.
    init?(_ bytes: Span<UInt8>) {
        var index = 0
        while true {
            // RFC 9110 §5.6.1: empty list elements are skipped.
            while index < bytes.count, Octets.isBlank(bytes[index]) || bytes[index] == UInt8(ascii: ",") { index += 1 }
            guard index < bytes.count else { return }
            guard extensions.count < Self.extensionsMax, let name = Self.token(bytes, &index) else { return nil }
            var parameters: [Parameter] = []
            while Self.skip(UInt8(ascii: ";"), bytes, &index) {
                guard parameters.count < Self.parametersMax, let parameter = Self.parameter(bytes, &index) else {
                    return nil
                }
                parameters.append(parameter)
            }
            extensions.append(Extension(name: name.map(Octets.lowercased), parameters: parameters))
            guard index == bytes.count || bytes[index] == UInt8(ascii: ",") else { return nil }
        }
    }

    private static func parameter(_ bytes: Span<UInt8>, _ index: inout Int) -> Parameter? {
        skipBlanks(bytes, &index)
        guard let name = token(bytes, &index)?.map(Octets.lowercased) else { return nil }
        guard skip(UInt8(ascii: "="), bytes, &index) else { return Parameter(name: name, value: nil) }
        skipBlanks(bytes, &index)
        guard let value = token(bytes, &index) ?? quoted(bytes, &index) else { return nil }
        skipBlanks(bytes, &index)
        return Parameter(name: name, value: value)
    }

    /// Skips blanks, then `byte` if it is there.
    private static func skip(_ byte: UInt8, _ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        skipBlanks(bytes, &index)
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private static func skipBlanks(_ bytes: Span<UInt8>, _ index: inout Int) {
        while index < bytes.count, Octets.isBlank(bytes[index]) { index += 1 }
    }

    private static func token(_ bytes: Span<UInt8>, _ index: inout Int) -> [UInt8]? {
        var token: [UInt8] = []
        while index < bytes.count, Octets.isTokenCharacter(bytes[index]) {
            token.append(bytes[index])
            index += 1
        }
        return token.isEmpty ? nil : token
    }

    /// RFC 6455 §9.1: what is quoted must be a token once unquoted.
    private static func quoted(_ bytes: Span<UInt8>, _ index: inout Int) -> [UInt8]? {
        guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { return nil }
        index += 1
        var value: [UInt8] = []
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
            if bytes[index] == UInt8(ascii: "\\") { index += 1 }
            guard index < bytes.count, Octets.isTokenCharacter(bytes[index]) else { return nil }
            value.append(bytes[index])
            index += 1
        }
        guard index < bytes.count, !value.isEmpty else { return nil }
        index += 1
        return value
    }
}
