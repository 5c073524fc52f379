internal import ChatModel
internal import DequeModule
internal import GatewayCore
internal import HTTPCodec
internal import Reactor
internal import WireProtocol

/// The steps of a request between its body and its answer.
extension Shard {
    private static let overloaded = APIFailure(
        .unavailable, "the gateway is overloaded; try again", retryAfterMs: 1_000)

    /// Takes one step; a step that ends elsewhere comes back as `stepped` or as a reply of the core.
    func run(_ id: SlabID, _ number: UInt64, _ result: RouteResult) {
        guard connections.contains(id), let http = connections[id].http, let index = http.index(of: number) else {
            return
        }
        let address = ReplyAddress(connection: ConnectionReference(id.rawValue), request: number)
        let mailbox = environment.mailboxes[self.index]
        switch result {
        case .answer(let response): complete(id, number, response)
        case .command(let command, let bytes, let then):
            guard let credit = environment.credits[self.index].take(bytes: bytes) else {
                // `then` is told like of any other failure: it may have something to undo.
                return run(id, number, then(.failed(Self.overloaded)))
            }
            http.exchanges[index].then = then
            environment.core.post(.command(command.replying(to: address), credit))
        case .job(let job):
            let taken = environment.pool.submit { mailbox.post(.stepped(address, job())) }
            if !taken { complete(id, number, .failure(Self.overloaded)) }
        case .file(let answer): send(answer, id, number)
        case .task(let task):
            let taken = environment.tasks.run { mailbox.post(.stepped(address, await task())) }
            if !taken { complete(id, number, .failure(Self.overloaded)) }
        case .follow(let subscription): startFeed(id, number, subscription)
        }
    }

    /// A job or task is done.
    func step(_ address: ReplyAddress, _ result: RouteResult) {
        run(SlabID(rawValue: address.connection.raw), address.request, result)
    }

    /// The core has answered a command of an HTTP request.
    func reply(_ address: ReplyAddress, _ body: ReplyBody) {
        let id = SlabID(rawValue: address.connection.raw)
        guard connections.contains(id), let http = connections[id].http else {
            if let then = orphans.removeValue(forKey: address) { _ = then(body) }
            return
        }
        if let streaming = http.streaming, address.request & StreamPort.tagBit != 0 {
            let port = StreamPort(shard: self, id: id, streaming: streaming)
            streaming.stream?.replied(address.request & ~StreamPort.tagBit, body, port: port)
            answered.append(id)
        } else if let index = http.index(of: address.request), let then = http.exchanges[index].then {
            http.exchanges[index].then = nil
            run(id, address.request, then(body))
        }
    }

    // MARK: - Streams

    func startStream(_ id: SlabID, contentType: String) {
        guard let http = connections[id].http, let last = http.exchanges.last, let streaming = last.stream else {
            return
        }
        HTTPResponseWriter.appendStatusLine(200, to: &streaming.output)
        HTTPFieldWriter.append("Content-Type", text: contentType, to: &streaming.output)
        if streaming.chunked { HTTPFieldWriter.append("Transfer-Encoding", "chunked", to: &streaming.output) }
        // RFC 9112 §6.3: to a 1.0 peer only the end of the connection tells the end of the body.
        if !last.keepAlive || !streaming.chunked {
            HTTPFieldWriter.append("Connection", "close", to: &streaming.output)
        }
        HTTPFieldWriter.endHead(to: &streaming.output)
    }

    func feed(_ streaming: StreamingExchange, _ bytes: Span<UInt8>, ended: Bool, _ id: SlabID) {
        let port = StreamPort(shard: self, id: id, streaming: streaming)
        // SAFETY: the stream reads the bytes during the call only.
        unsafe bytes.withUnsafeBytes { unsafe streaming.stream?.receive($0, ended: ended, port: port) }
        answered.append(id)
    }
}

extension HTTPConnection {
    /// The streaming request, if one is under way: it is always the only one.
    var streaming: StreamingExchange? { exchanges.first?.stream }
}

/// What a streaming request can do, for the duration of one of its callbacks. Confined to its shard's loop thread.
final class StreamPort: RequestStreamPort {
    /// Marks the reply addresses of a stream's commands: their numbers are the stream's own tags.
    static let tagBit: UInt64 = 1 << 63

    private let shard: Shard
    private let id: SlabID
    private let streaming: StreamingExchange

    init(shard: Shard, id: SlabID, streaming: StreamingExchange) {
        self.shard = shard
        self.id = id
        self.streaming = streaming
    }

    func post(_ command: Command, bytes: Int, tag: UInt64) -> Bool {
        let environment = shard.environment
        guard let credit = environment.credits[shard.index].take(bytes: bytes) else { return false }
        let address = ReplyAddress(connection: ConnectionReference(id.rawValue), request: tag | Self.tagBit)
        return environment.core.post(.command(command.replying(to: address), credit))
    }

    func write(_ bytes: [UInt8]) {
        if streaming.chunked {
            HTTPResponseWriter.appendChunk(bytes.span, to: &streaming.output)
        } else {
            streaming.output += bytes
        }
    }

    func finish() {
        if streaming.chunked { HTTPResponseWriter.appendLastChunk(to: &streaming.output) }
        streaming.isFinished = true
    }
}

extension Command {
    func replying(to address: ReplyAddress) -> Command {
        Command(app: app, caller: caller, origin: origin, replyTo: address, operation: operation)
    }
}
