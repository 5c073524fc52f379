/// Where the bytes of a message or control frame are.
public enum WebSocketPayload: Sendable, Equatable {
    /// In the bytes given to `WebSocketDecoder.next`, unmasked. Holds as long as they stay.
    case inPlace(Range<Int>)
    /// Put together from several frames or reads; the array is the receiver's, nobody else keeps it.
    case assembled([UInt8])
    /// The first `count` bytes of the inflater's output. Holds until the inflater's next use.
    case inflated(count: Int)

    public var count: Int {
        switch self {
        case .inPlace(let range): range.count
        case .assembled(let bytes): bytes.count
        case .inflated(let count): count
        }
    }

    /// Lends the bytes, wherever they are.
    /// - Parameters:
    ///   - bytes: what was given to the `next` that made this payload.
    ///   - inflater: the inflater given there; needed only where permessage-deflate was negotiated.
    public func withBytes<R, E: Error>(
        in bytes: Span<UInt8>, inflater: Inflater? = nil, _ body: (Span<UInt8>) throws(E) -> R
    ) throws(E) -> R {
        switch self {
        case .inPlace(let range):
            return try body(bytes.extracting(range))
        case .assembled(let array):
            return try body(array.span)
        case .inflated(let count):
            guard let inflater else { preconditionFailure("an inflated payload lies in its inflater") }
            return try inflater.withOutput(count, body)
        }
    }
}
