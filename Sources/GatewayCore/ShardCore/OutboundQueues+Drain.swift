internal import WireProtocol

/// What a drain did.
public struct DrainResult: Sendable, Equatable {
    /// Bytes put into the buffer.
    public var written = 0
    /// Whether something still waits: the buffer was full.
    public var remains = false
    /// Whether the close frame is out: nothing follows it.
    public var ended = false
}

extension OutboundQueues {
    /// Moves wire bytes into the buffer, from its start, as many as fit; the queue ends with its last byte.
    mutating func drain(_ queue: inout UInt32, into buffer: inout MutableSpan<UInt8>) -> DrainResult {
        var result = DrainResult()
        if queue == noSlot { return result }
        let index = Int(queue)
        while true {
            if queues[index].current == noSlot {
                guard let next = takeNext(index) else { break }
                queues[index].current = next
                queues[index].written = 0
            }
            let node = queues[index].current
            let room = buffer.count - result.written
            let isWhole = copy(node, of: index, into: &buffer, at: &result.written, room: room)
            guard isWhole else {
                result.remains = true
                return result
            }
            queues[index].current = noSlot
            let closes = nodes[Int(node)].opcode == .close
            release(node, of: index)
            if closes {
                result.ended = true
                removeAll(&queue)
                return result
            }
        }
        freeQueue(&queue)
        return result
    }

    /// Copies what is left of a node; false when it did not all fit.
    private mutating func copy(
        _ node: UInt32, of index: Int, into buffer: inout MutableSpan<UInt8>, at position: inout Int, room: Int
    ) -> Bool {
        let payload = nodes[Int(node)].frame!.payload
        let headerSize = Self.headerBytes(payload.count)
        var room = room

        while queues[index].written < headerSize, room > 0 {
            let byte = Self.headerByte(
                queues[index].written, opcode: nodes[Int(node)].opcode, payload: payload.count)
            buffer[position] = byte
            queues[index].written += 1
            position += 1
            room -= 1
        }
        let from = queues[index].written - headerSize
        let count = min(room, payload.count - from)
        if from >= 0, count > 0 {
            let target = position
            // SAFETY: `count` fits both the payload from `from` on and the buffer from `position` on (room).
            unsafe payload.withUnsafeBufferPointer { source in
                unsafe buffer.withUnsafeMutableBufferPointer { out in
                    unsafe (out.baseAddress! + target).update(from: source.baseAddress! + from, count: count)
                }
            }
            position += count
            queues[index].written += count
        }
        return queues[index].written == headerSize + payload.count
    }

    /// RFC 6455 §5.2: FIN and opcode, then the length in 7 bits, or 126 and 16 bits, or 127 and 64 bits, big-endian.
    private static func headerByte(_ index: Int, opcode: Opcode, payload: Int) -> UInt8 {
        switch (index, headerBytes(payload)) {
        case (0, _): 0x80 | opcode.rawValue
        case (1, 2): UInt8(payload)
        case (1, 4): 126
        case (1, _): 127
        case (let index, let size): UInt8(truncatingIfNeeded: payload >> (8 * (size - 1 - index)))
        }
    }
}
