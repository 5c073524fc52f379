/// Collects a part's header lines and reads them (RFC 7578 §4.2, §4.8).
struct MultipartHead: Sendable {
    /// All lines so far, with their ends.
    private(set) var bytes: [UInt8] = []
    private var lineStart = 0
    private var lineCount = 0
    private var disposition: Range<Int>?
    private var contentType: Range<Int>?

    /// Takes one byte; gives the part after the empty line.
    mutating func append(_ byte: UInt8, _ limits: MultipartLimits) throws(MultipartRefusal) -> MultipartPart? {
        guard bytes.count < limits.headBytesMax else { throw .headTooLarge }
        let endsLine = byte == 0x0A
        if endsLine {
            guard bytes.count > lineStart, bytes.last == 0x0D else { throw .headLine }
        } else {
            // A bare CR is no line end, whatever follows it.
            guard bytes.count == lineStart || bytes.last != 0x0D else { throw .headLine }
            guard byte == 0x0D || !byte.isForbiddenControl else { throw .headLine }
        }
        bytes.append(byte)
        guard endsLine else { return nil }
        let line = lineStart..<bytes.count - 2
        lineStart = bytes.count
        if line.isEmpty { return try part(limits) }
        lineCount += 1
        guard lineCount <= limits.headLinesMax else { throw .tooManyHeadLines }
        try absorb(line)
        return nil
    }

    private mutating func absorb(_ line: Range<Int>) throws(MultipartRefusal) {
        let (field, value) = try Self.read(bytes.span, line)
        switch field {
        case .disposition:
            guard disposition == nil else { throw .dispositionRepeated }
            disposition = value
        case .type:
            guard contentType == nil else { throw .contentType }
            contentType = value
        case .other: break
        }
    }

    private enum Field {
        case disposition, type, other
    }

    private static func read(
        _ bytes: Span<UInt8>, _ line: Range<Int>
    ) throws(MultipartRefusal) -> (Field, value: Range<Int>) {
        guard let colon = Octets.first(UInt8(ascii: ":"), in: bytes, line), colon > line.lowerBound else {
            throw .headLine
        }
        let name = line.lowerBound..<colon
        for index in name where !bytes[index].isTokenCharacter { throw .headLine }
        let value = Octets.trimmed(bytes, colon + 1..<line.upperBound)
        if Octets.equal(bytes, name, ignoringCaseOf: "content-disposition") { return (.disposition, value) }
        if Octets.equal(bytes, name, ignoringCaseOf: "content-type") { return (.type, value) }
        if Octets.equal(bytes, name, ignoringCaseOf: "content-transfer-encoding") {
            // RFC 7578 §4.7: deprecated; a content that would need decoding is not what it says.
            guard
                Octets.equal(bytes, value, ignoringCaseOf: "7bit") || Octets.equal(bytes, value, ignoringCaseOf: "8bit")
                    || Octets.equal(bytes, value, ignoringCaseOf: "binary")
            else { throw .transferEncoding }
        }
        return (.other, value)
    }

    private func part(_ limits: MultipartLimits) throws(MultipartRefusal) -> MultipartPart {
        guard let disposition else { throw .dispositionMissing }
        let value = bytes.span.extracting(disposition)
        let (type, end) = MultipartParameters.type(value)
        guard Octets.equal(value, type, ignoringCaseOf: "form-data") else { throw .disposition }
        var name: [UInt8]?
        var filename: [UInt8]?
        var parameters = MultipartParameters(value, from: end)
        // RFC 7578 §4.2: `filename*` must not be used in forms, so it is ignored like any other parameter.
        while let parameter = try parameters.next(value) {
            if Octets.equal(value, parameter.name, ignoringCaseOf: "name") {
                guard name == nil else { throw .dispositionRepeated }
                name = parameter.value
            } else if Octets.equal(value, parameter.name, ignoringCaseOf: "filename") {
                guard filename == nil else { throw .dispositionRepeated }
                filename = parameter.value
            }
        }
        guard let name else { throw .disposition }
        guard name.count <= limits.nameBytesMax else { throw .nameTooLong }
        guard !name.isEmpty, let text = Self.text(name) else { throw .name }
        guard filename.map({ $0.count <= limits.filenameBytesMax }) ?? true else { throw .filenameTooLong }
        let file = try filename.map { bytes throws(MultipartRefusal) in
            guard let text = Self.filename(bytes) else { throw .filename }
            return text
        }
        return MultipartPart(name: text, filename: file, contentType: try declaredType())
    }

    private func declaredType() throws(MultipartRefusal) -> String? {
        guard let contentType, !contentType.isEmpty else { return nil }
        let span = bytes.span
        for index in contentType where span[index] >= 0x80 { throw .contentType }
        guard Octets.first(UInt8(ascii: "/"), in: span, contentType) != nil else { throw .contentType }
        return HTTPText.string(span, contentType)
    }

    private static func text(_ bytes: [UInt8]) -> String? {
        guard bytes.allSatisfy({ !$0.isForbiddenControl && $0 != 0x09 }) else { return nil }
        return HTTPText.string(bytes.span, 0..<bytes.count)
    }

    /// A file's name as it was meant. Some clients percent-encode it (RFC 7578 §2), and then all of it, so it is ASCII and
    /// spells UTF-8; browsers encode nothing but quotes (URL Standard, multipart/form-data encoding).
    private static func filename(_ bytes: [UInt8]) -> String? {
        guard let plain = text(bytes) else { return nil }
        if bytes.allSatisfy({ $0 < 0x80 }), bytes.contains(UInt8(ascii: "%")),
            let decoded = try? HTTPTarget.decode(bytes.span, 0..<bytes.count, plusIsSpace: false),
            let name = text(decoded)
        {
            return name
        }
        var unquoted: [UInt8] = []
        var index = 0
        while index < bytes.count {
            let isQuote = bytes[index...].starts(with: [0x25, 0x32, 0x32])
            unquoted.append(isQuote ? UInt8(ascii: "\"") : bytes[index])
            index += isQuote ? 3 : 1
        }
        return text(unquoted) ?? plain
    }
}
