/// Composes the messages of a run, all of one length.
struct MessageText {
    let marks: MarkScanner
    /// Bytes of a text, mark included.
    private(set) var byteCount: Int

    /// The shortest texts: nothing but the mark.
    init(marks: MarkScanner) {
        self.marks = marks
        byteCount = marks.byteCount
    }

    /// Makes texts longer so that frames that carry them, `frameBytes` long so far, become `wanted` bytes.
    mutating func fit(frameBytes: Int, to wanted: Int) throws {
        guard wanted >= frameBytes else {
            throw LoadFailure(
                "frames of this server are \(frameBytes) bytes at least; ask for --bytes \(frameBytes) or more")
        }
        byteCount += wanted - frameBytes
    }

    func make(_ sequence: UInt32) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(byteCount)
        marks.append(sequence, to: &text)
        text.append(contentsOf: repeatElement(UInt8(ascii: "x"), count: byteCount - text.count))
        return text
    }
}
