/// Turns received bytes into events. Confined to its connection's loop; 24 bytes and no buffer while idle.
///
///     pending         | bytes                       | does
///     nothing         | a whole final frame         | unmasks in place → event with a range, nothing is copied
///     nothing, header | part of a header            | keeps it
///     any             | header + part of a payload  | unmasks and keeps the part; text is checked up to its last byte
///     message         | control frame               | its event, the message goes on
///     message         | last frame                  | event with the assembled bytes
///     any             | anything against the rules  | `.failed`, once; all further bytes are dropped
///     any             | close frame                 | `.close`, once; all further bytes are dropped
public struct WebSocketDecoder {
    /// Longest message, uncompressed, in bytes. Fixed for the connection.
    public let messageBytesMax: Int
    /// Longest compressed payload. What cannot be compressed grows: by an eighth where a sender has too small a window for
    /// stored blocks and writes nine bits for a byte, and by the headers of its blocks.
    private var compressedBytesMax: Int { messageBytesMax + messageBytesMax / 8 + messageBytesMax / 64 + 64 }
    private let role: WebSocketRole
    private let deflates: Bool
    /// After `.close` or `.failed`.
    public private(set) var isFinished = false
    private var assembly: WebSocketAssembly?

    /// - Parameter deflates: whether permessage-deflate was negotiated; then `next` needs an inflater.
    public init(role: WebSocketRole, messageBytesMax: Int, deflates: Bool = false) {
        precondition(
            messageBytesMax > 0 && messageBytesMax <= 1 << 40, "a limit of at least one byte, below a tebibyte")
        self.role = role
        self.messageBytesMax = messageBytesMax
        self.deflates = deflates
    }

    /// Whether a frame or message is begun and not finished.
    public var isInsideMessage: Bool { assembly != nil }

    /// The next event, or nil when all bytes are consumed. Call until nil, handling each event before the next call; keep
    /// no bytes in between reads.
    /// - Parameters:
    ///   - bytes: what was received; unmasked in place.
    ///   - cursor: where to go on, 0 for a new read; moved past what was consumed.
    ///   - inflater: the loop's inflater; nil is allowed where permessage-deflate was not negotiated.
    public mutating func next(
        _ bytes: inout MutableSpan<UInt8>, _ cursor: inout Int, inflater: Inflater? = nil
    ) -> WebSocketEvent? {
        precondition(!deflates || inflater != nil, "permessage-deflate needs an inflater")
        do throws(WebSocketFault) {
            while cursor < bytes.count, !isFinished {
                let event: WebSocketEvent?
                if let assembly, assembly.frame != nil {
                    event = try continueFrame(assembly, &bytes, &cursor, inflater)
                } else {
                    event = try beginFrame(&bytes, &cursor, inflater)
                }
                if let current = assembly, current.isEmpty { assembly = nil }
                if let event {
                    if case .close = event { finish(&cursor, bytes.count) }
                    return event
                }
            }
            cursor = bytes.count
            return nil
        } catch {
            finish(&cursor, bytes.count)
            return .failed(error)
        }
    }

    private mutating func finish(_ cursor: inout Int, _ end: Int) {
        isFinished = true
        assembly = nil
        cursor = end
    }

    /// Reads a header, then the frame's payload as far as it is there.
    private mutating func beginFrame(
        _ bytes: inout MutableSpan<UInt8>, _ cursor: inout Int, _ inflater: Inflater?
    ) throws(WebSocketFault) -> WebSocketEvent? {
        guard let header = try readHeader(bytes.span, &cursor) else { return nil }
        try checkOrder(header)
        let available = bytes.count - cursor
        let isAlone = header.isFinal && (header.opcode.isControl || assembly?.message == nil)
        if isAlone, header.payloadCount <= UInt64(available) {
            let range = cursor..<cursor + Int(header.payloadCount)
            cursor = range.upperBound
            if var mask = header.mask { mask.apply(&bytes, range) }
            return try finishAlone(header, bytes.span, range, inflater)
        }
        let assembly = self.assembly ?? WebSocketAssembly()
        self.assembly = assembly
        // checkOrder has bounded the length.
        assembly.frame = (header, Int(header.payloadCount))
        assembly.mask = header.mask
        if header.opcode == .text || header.opcode == .binary {
            assembly.message = (header.opcode, header.isCompressed)
        }
        return try continueFrame(assembly, &bytes, &cursor, inflater)
    }

    private mutating func readHeader(
        _ bytes: Span<UInt8>, _ cursor: inout Int
    ) throws(WebSocketFault) -> WebSocketFrameHeader? {
        if let assembly, !assembly.headerBytes.isEmpty {
            // Cut by a read: byte by byte, at most 14 times.
            while cursor < bytes.count {
                assembly.headerBytes.append(bytes[cursor])
                cursor += 1
                let kept = assembly.headerBytes
                switch WebSocketFrameHeader.parse(kept.span, 0..<kept.count, role: role, deflates: deflates) {
                case .needMore: continue
                case .fault(let fault): throw fault
                case .header(let header, _):
                    assembly.headerBytes = []
                    return header
                }
            }
            return nil
        }
        let range = cursor..<min(bytes.count, cursor + WebSocketFrameHeader.byteCountMax)
        switch WebSocketFrameHeader.parse(bytes, range, role: role, deflates: deflates) {
        case .fault(let fault):
            throw fault
        case .header(let header, let byteCount):
            cursor += byteCount
            return header
        case .needMore:
            let assembly = self.assembly ?? WebSocketAssembly()
            self.assembly = assembly
            for index in range { assembly.headerBytes.append(bytes[index]) }
            cursor = range.upperBound
            return nil
        }
    }

    /// RFC 6455 §5.4, and the size limit before anything is allocated.
    private func checkOrder(_ header: WebSocketFrameHeader) throws(WebSocketFault) {
        if header.opcode.isControl { return }
        let inMessage = assembly?.message != nil
        if header.opcode == .continuation {
            guard inMessage else { throw .continuationWithoutStart }
        } else {
            guard !inMessage else { throw .messageInsideMessage }
        }
        let soFar = assembly?.messageBytes.count ?? 0
        let isCompressed = assembly?.message?.isCompressed ?? header.isCompressed
        let limit = isCompressed ? compressedBytesMax : messageBytesMax
        guard header.payloadCount <= UInt64(limit - soFar) else { throw .messageTooBig }
    }

    /// Takes what there is of the payload of a frame that does not lie whole in the bytes, or belongs to a longer message.
    private func continueFrame(
        _ assembly: WebSocketAssembly, _ bytes: inout MutableSpan<UInt8>, _ cursor: inout Int, _ inflater: Inflater?
    ) throws(WebSocketFault) -> WebSocketEvent? {
        guard let (header, remaining) = assembly.frame else { preconditionFailure("only inside a frame") }
        let range = cursor..<cursor + min(remaining, bytes.count - cursor)
        cursor = range.upperBound
        assembly.mask?.apply(&bytes, range)
        let left = remaining - range.count
        if header.opcode.isControl {
            Octets.append(bytes.span.extracting(range), to: &assembly.controlBytes)
            guard left == 0 else {
                assembly.frame = (header, left)
                return nil
            }
            assembly.frame = nil
            let payload = assembly.controlBytes
            assembly.controlBytes = []
            return try control(header.opcode, payload.span, 0..<payload.count, .assembled(payload))
        }
        guard let message = assembly.message else { preconditionFailure("a data frame belongs to a message") }
        // The peer hears of bad text at once, not when the message ends (RFC 6455 §8.1).
        if message.opcode == .text, !message.isCompressed {
            guard assembly.utf8.accept(bytes.span, range) else { throw .invalidUTF8 }
        }
        Octets.append(bytes.span.extracting(range), to: &assembly.messageBytes)
        assembly.frame = left == 0 ? nil : (header, left)
        guard left == 0, header.isFinal else { return nil }
        let payload = assembly.messageBytes
        let isComplete = assembly.utf8.isComplete
        assembly.message = nil
        assembly.messageBytes = []
        assembly.utf8 = UTF8Validator()
        if message.isCompressed { return try inflate(message.opcode, payload.span, inflater) }
        if message.opcode == .binary { return .binary(.assembled(payload)) }
        guard isComplete else { throw .invalidUTF8 }
        return .text(.assembled(payload))
    }

    /// A final frame that lies whole in the bytes.
    private func finishAlone(
        _ header: WebSocketFrameHeader, _ bytes: Span<UInt8>, _ range: Range<Int>, _ inflater: Inflater?
    ) throws(WebSocketFault) -> WebSocketEvent {
        if header.opcode.isControl { return try control(header.opcode, bytes, range, .inPlace(range)) }
        if header.isCompressed { return try inflate(header.opcode, bytes.extracting(range), inflater) }
        if header.opcode == .binary { return .binary(.inPlace(range)) }
        guard UTF8Validator.isValid(bytes, range) else { throw .invalidUTF8 }
        return .text(.inPlace(range))
    }

    private func inflate(
        _ opcode: WebSocketOpcode, _ compressed: Span<UInt8>, _ inflater: Inflater?
    ) throws(WebSocketFault) -> WebSocketEvent {
        guard let inflater else { preconditionFailure("permessage-deflate needs an inflater") }
        let count = try inflater.inflate(compressed, outputBytesMax: messageBytesMax)
        if opcode == .binary { return .binary(.inflated(count: count)) }
        let isText = inflater.withOutput(count) { text in UTF8Validator.isValid(text, 0..<text.count) }
        guard isText else { throw .invalidUTF8 }
        return .text(.inflated(count: count))
    }

    private func control(
        _ opcode: WebSocketOpcode, _ bytes: Span<UInt8>, _ range: Range<Int>, _ payload: WebSocketPayload
    ) throws(WebSocketFault) -> WebSocketEvent {
        switch opcode {
        case .ping: return .ping(payload)
        case .pong: return .pong(payload)
        default: return try close(bytes, range, payload)
        }
    }

    /// RFC 6455 §5.5.1: nothing, or a code and UTF-8.
    private func close(
        _ bytes: Span<UInt8>, _ range: Range<Int>, _ payload: WebSocketPayload
    ) throws(WebSocketFault) -> WebSocketEvent {
        guard !range.isEmpty else { return .close(code: nil, reason: payload) }
        guard range.count >= 2 else { throw .closePayload }
        let first = range.lowerBound
        let code = WebSocketCloseCode(rawValue: UInt16(bytes[first]) << 8 | UInt16(bytes[first + 1]))
        guard code.isAllowedOnWire else { throw .closeCode }
        let reason = first + 2..<range.upperBound
        guard UTF8Validator.isValid(bytes, reason) else { throw .invalidUTF8 }
        if case .inPlace = payload { return .close(code: code, reason: .inPlace(reason)) }
        var text: [UInt8] = []
        Octets.append(bytes.extracting(reason), to: &text)
        return .close(code: code, reason: .assembled(text))
    }
}
