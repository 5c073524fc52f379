import Testing

@testable import Reactor

@Suite struct ByteQueueTests {
    @Test func emptyQueueOwnsNoMemory() {
        var queue = ByteQueue()
        #expect(MemoryLayout<ByteQueue>.size == 8)
        #expect(queue.allocatedBytes == 0)
        queue.append([1, 2, 3].span)
        #expect(queue.allocatedBytes > 0)
        queue.consume(queue.count)
        #expect(queue.isEmpty == true)
        #expect(queue.allocatedBytes == 0)
    }

    @Test func randomAppendsAndConsumesMatchAnArray() {
        var random = SeededGenerator(state: 5)
        var queue = ByteQueue()
        var model: [UInt8] = []
        for _ in 0..<3000 {
            if Bool.random(using: &random) {
                let bytes = (0..<Int.random(in: 0...700, using: &random)).map { _ in
                    UInt8.random(in: 0...255, using: &random)
                }
                queue.append(bytes.span)
                model += bytes
            } else {
                let count = Int.random(in: 0...model.count, using: &random)
                queue.consume(count)
                model.removeFirst(count)
            }
            #expect(queue.count == model.count)
            #expect(queue.isEmpty == model.isEmpty)
        }
        #expect(queue.withBytes(copy) == model)
    }

    @Test func memoryIsReusedWhileAStreamPassesThrough() {
        var queue = ByteQueue()
        let piece = [UInt8](repeating: 7, count: 300)
        queue.append(piece.span)
        for _ in 0..<1000 {
            queue.append(piece.span)
            queue.consume(300)
        }
        #expect(queue.count == 300)
        #expect(queue.allocatedBytes <= 4096)
    }

    @Test func scratchBufferRefusesWhatDoesNotFit() {
        var buffer = ScratchBuffer(capacity: 4)
        #expect(buffer.append([1, 2, 3].span) == true)
        #expect(buffer.append([4, 5].span) == false)
        #expect(buffer.count == 3)
        buffer.withFreeBytes { bytes in bytes[0] = 9 }
        buffer.advance(by: 1)
        #expect(buffer.freeCount == 0)
        #expect(buffer.withBytes(copy) == [1, 2, 3, 9])
        buffer.removeAll()
        #expect(buffer.freeCount == 4)
    }
}
