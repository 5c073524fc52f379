@testable import Reactor

/// Lends an array's bytes.
func lend<Result>(_ bytes: [UInt8], _ body: (RawSpan) -> Result) -> Result {
    // SAFETY: the array lives, unchanged, through the call; bytes are plain.
    body(unsafe bytes.span.bytes)
}

/// Sends an array.
func send(_ socket: borrowing Descriptor, _ bytes: [UInt8]) -> SendResult {
    let raw = socket.raw
    return lend(bytes) { span in
        let borrowed = Descriptor(owning: raw)
        let result = Syscall.send(borrowed, span)
        _ = borrowed.release()
        return result
    }
}

/// A span's bytes as an array.
func copy(_ bytes: RawSpan) -> [UInt8] {
    // SAFETY: every offset is below the count; a byte has no alignment.
    (0..<bytes.byteCount).map { unsafe bytes.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
}

/// Lets an array own descriptors.
final class Box {
    let descriptor: Descriptor

    init(_ descriptor: consuming Descriptor) { self.descriptor = descriptor }
}

/// A small generator whose sequence a seed repeats.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
