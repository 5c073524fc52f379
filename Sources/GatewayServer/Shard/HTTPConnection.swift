internal import DequeModule
internal import GatewayCore
internal import HTTPCodec
internal import Reactor

/// The HTTP side of a connection: what is being read, and the requests under way. Confined to its shard's loop thread.
///
///     reading   | input                     | next
///     head      | part of a head            | head; 408 when it takes too long
///     head      | a whole one               | body, or handled at once
///     body      | part of it                | body
///     body      | the rest                  | handled; head again
///     ended     | anything                  | dropped: the answer under way is the last
///
/// Answers leave in the order of the requests. Consecutive `POST messages` of one pipeline overlap; everything else waits
/// until those before it are answered.
final class HTTPConnection {
    /// A request under way, or answered and waiting for its turn to leave.
    struct Exchange {
        let number: UInt64
        let keepAlive: Bool
        let isHEAD: Bool
        let mayOverlap: Bool
        /// Whether the peer speaks HTTP/1.1, and so understands chunks.
        var speaksChunks = true
        /// What to do with the core's reply; nil while none is awaited.
        var then: (@Sendable (ReplyBody) -> RouteResult)?
        /// The answer, once there is one.
        var answer: [UInt8]?
        var stream: StreamingExchange?
        /// Reading the body; nil once its result was taken.
        var consumer: (any BodyConsumer)?
        /// The reply to its command is taken in though the client may have left by then.
        var outlivesConnection = false
        /// The answer, when it is a file.
        var file: FileSending?
    }

    /// A body being read.
    struct Body {
        let head: RequestHead
        var decoder: HTTPBodyDecoder
        var collected: [UInt8] = []
        let keepAlive: Bool
        /// nil: collected for a handler.
        let stream: StreamingExchange?
        let consumer: (any BodyConsumer)?
        let startedMs: Int64
        /// Bytes read so far.
        var taken = 0
        /// The peer waits for `100 Continue`, which is sent once the body is wanted.
        var owesContinue = false

        /// An upload holds one of few places: who trickles gives it back.
        func isTooSlow(nowMs: Int64) -> Bool {
            let forMs = nowMs - startedMs
            return consumer != nil && forMs > HTTPTimes.trickleMs
                && Int64(taken) * 1_000 < forMs * HTTPTimes.bodyBytesPerSecondMin
        }
    }

    var input = ByteQueue()
    var parser = HTTPRequestParser()
    var body: Body?
    var exchanges: Deque<Exchange> = []
    var nextNumber: UInt64 = 1
    /// No further request is read.
    var isEnded = false
    var isPaused = false

    /// Whether a request like this may begin while others are under way.
    func mayBegin(overlapping: Bool) -> Bool {
        if exchanges.isEmpty { return true }
        return overlapping && exchanges.count < HTTPTimes.pipelineMax && exchanges.allSatisfy(\.mayOverlap)
    }

    func index(of number: UInt64) -> Int? {
        exchanges.firstIndex { $0.number == number }
    }
}

/// A request whose answer streams, maybe while its body does.
final class StreamingExchange {
    /// nil: the body is over, and the shard itself writes the answer.
    let stream: (any RequestStream)?
    let number: UInt64
    /// Whether the peer speaks HTTP/1.1, and so understands chunks.
    let chunked: Bool
    var isFinished = false
    /// Written and not yet sent, framed.
    var output: [UInt8] = []

    init(stream: (any RequestStream)?, number: UInt64, chunked: Bool) {
        self.stream = stream
        self.number = number
        self.chunked = chunked
    }
}

/// A file on its way to the peer.
final class FileSending {
    let answer: FileAnswer
    /// Not sent yet; empty once it is.
    var head: [UInt8]
    /// Of the next byte to be read.
    var offset: Int
    var isReading = false

    init(_ answer: FileAnswer, head: [UInt8]) {
        self.answer = answer
        self.head = head
        offset = answer.range.lowerBound
    }

    var isDone: Bool { head.isEmpty && offset == answer.range.upperBound }
}
