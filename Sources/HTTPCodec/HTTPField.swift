/// One header line as offsets into the bytes its head was parsed from. 16 bytes.
public struct HTTPField: Sendable, Equatable {
    private let nameStart: UInt32
    private let nameEnd: UInt32
    private let valueStart: UInt32
    private let valueEnd: UInt32

    /// The head limit is at most 1 MiB, so 32 bits always hold an offset.
    init(name: Range<Int>, value: Range<Int>) {
        nameStart = UInt32(name.lowerBound)
        nameEnd = UInt32(name.upperBound)
        valueStart = UInt32(value.lowerBound)
        valueEnd = UInt32(value.upperBound)
    }

    /// The name as sent; compare without case.
    public var name: Range<Int> { Int(nameStart)..<Int(nameEnd) }
    /// The value without surrounding blanks.
    public var value: Range<Int> { Int(valueStart)..<Int(valueEnd) }
}
