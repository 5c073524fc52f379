internal import ChatModel
internal import DequeModule
internal import GatewayCore
internal import HTTPCodec
internal import Reactor
internal import WireProtocol

/// The HTTP side of a shard, as far as a request is read and answered. `Shard+Steps` runs what is in between.
extension Shard {
    // MARK: - In

    /// Takes the plaintext of the event that is being served.
    func receiveRequests(_ id: SlabID) {
        guard let http = connections[id].http, !http.isEnded else { return }
        if connections[id].deadline == .none || http.input.isEmpty, http.body == nil, http.exchanges.isEmpty {
            setDeadline(id, .head, afterMs: HTTPTimes.headMs)
        }
        streams.buffers.plaintext.withBytes { http.input.append($0) }
        advance(id)
    }

    /// Reads requests as far as there are bytes and their turn has come.
    func advance(_ id: SlabID) {
        guard let http = connections[id].http else { return }
        var isProgressing = true
        while isProgressing, connections.contains(id), connections[id].http != nil, !http.isEnded,
            !connections[id].transport.isBlocked
        {
            isProgressing = http.body == nil ? beginRequest(id, http) : readBody(id, http)
        }
        guard connections.contains(id), connections[id].http != nil else { return }
        let isFull = http.input.count > HTTPTimes.unparsedMax
        if isFull, !http.isPaused {
            http.isPaused = true
            connections[id].transport.pauseReading(in: streams)
        } else if !isFull, http.isPaused {
            http.isPaused = false
            connections[id].transport.resumeReading(in: streams)
        }
    }

    /// Parses the next head and acts on it. False: it must wait, for bytes or for its turn.
    private func beginRequest(_ id: SlabID, _ http: HTTPConnection) -> Bool {
        guard !http.input.isEmpty, http.mayBegin(overlapping: true) else { return false }
        switch http.input.withBytes({ http.parser.parseHead($0) }) {
        case .needMore: return false
        case .refused(let refusal):
            refuse(id, http, .plain(status: refusal.status, "\(refusal.reason)\n"))
            return false
        case .head(let head):
            let request = http.input.withBytes { requestHead(id, head, $0) }
            let overlaps = request.method == "POST" && request.path.hasSuffix("/messages")
            guard http.mayBegin(overlapping: overlaps) else { return false }
            begin(id, http, head, request, overlaps: overlaps)
            return true
        }
    }

    private func begin(
        _ id: SlabID, _ http: HTTPConnection, _ head: HTTPRequestHead, _ request: RequestHead, overlaps: Bool
    ) {
        if request.listener == .public, request.path == "/" || request.path == "/ws" {
            guard head.asksUpgrade else {
                return refuse(id, http, Self.upgradeRequired("This resource speaks WebSocket.\n"))
            }
            return upgrade(id, http, head, request)
        }
        http.input.consume(head.byteCount)
        let number = http.nextNumber
        http.nextNumber += 1
        var exchange = HTTPConnection.Exchange(
            number: number, keepAlive: head.keepAlive, isHEAD: head.method == .head, mayOverlap: overlaps,
            speaksChunks: head.version == .http11)
        let disposition = environment.handler.begin(request)
        if case .consume(let consumer) = disposition { exchange.consumer = consumer }
        if case .stream(let stream) = disposition {
            exchange.stream = StreamingExchange(stream: stream, number: number, chunked: head.version == .http11)
        }
        http.exchanges.append(exchange)
        let bytesMax: Int
        switch disposition {
        case .refuse(let response):
            if head.framing != .none { http.isEnded = true }
            return complete(id, number, response)
        case .collect(let limit): bytesMax = limit
        case .stream(let stream):
            bytesMax = .max
            startStream(id, contentType: stream.contentType)
        case .consume: bytesMax = .max
        }
        http.body = HTTPConnection.Body(
            head: request, decoder: HTTPBodyDecoder(framing: head.framing, bodyBytesMax: bytesMax),
            keepAlive: head.keepAlive, stream: exchange.stream, consumer: exchange.consumer,
            startedMs: loop.nowMs, owesContinue: head.expectsContinue && http.exchanges.count == 1)
        setDeadline(id, .body, afterMs: HTTPTimes.bodyMs)
        if let consumer = exchange.consumer { startConsumer(id, number, consumer) } else { sendContinue(id, http) }
    }

    /// Tells a peer that waits for it that its body is wanted.
    func sendContinue(_ id: SlabID, _ http: HTTPConnection) {
        guard http.body?.owesContinue == true else { return }
        http.body?.owesContinue = false
        var bytes: [UInt8] = []
        HTTPResponseWriter.appendContinue(to: &bytes)
        connections[id].transport.write(bytes.span, in: streams)
    }

    private func requestHead(_ id: SlabID, _ head: HTTPRequestHead, _ bytes: Span<UInt8>) -> RequestHead {
        func text(_ range: Range<Int>) -> String {
            var array: [UInt8] = []
            for index in range { array.append(bytes[index]) }
            return String(decoding: array, as: UTF8.self)
        }
        return RequestHead(
            listener: connections[id].listener, peer: peer(of: id), method: text(head.methodName),
            path: text(head.path), query: head.query.map(text),
            headers: head.fields.lines.map { (text($0.name).lowercased(), text($0.value)) })
    }

    private func peer(of id: SlabID) -> Peer {
        guard connections[id].listener == .backend else {
            return Peer(address: connections[id].address.host, source: connections[id].address)
        }
        let credentials = try? connections[id].transport.peerCredentials()
        return Peer(address: "unix", uid: credentials?.userID, gid: credentials?.groupID)
    }

    /// Reads the body that is due. False: more bytes are needed, or its reader wants a pause.
    private func readBody(_ id: SlabID, _ http: HTTPConnection) -> Bool {
        guard var body = http.body else { return false }
        if body.stream?.stream?.wantsMore == false || body.consumer?.wantsMore == false { return false }
        var cursor = 0
        var outcome = HTTPBodyDecoder.Step.needMore
        http.input.withBytes { bytes in
            outcome = body.decoder.next(bytes, &cursor)
            guard case .data(let range) = outcome else { return }
            if let streaming = body.stream {
                feed(streaming, bytes.extracting(range), ended: false, id)
            } else if let consumer = body.consumer {
                feed(consumer, bytes.extracting(range), ended: false)
            } else {
                let part = bytes.extracting(range)
                for index in part.indices { body.collected.append(part[index]) }
            }
        }
        http.input.consume(cursor)
        switch outcome {
        case .data:
            body.taken += cursor
            http.body = body
            if body.isTooSlow(nowMs: loop.nowMs) {
                requestTimedOut(id)
                return false
            }
            setDeadline(id, .body, afterMs: HTTPTimes.bodyMs)
            return true
        case .needMore:
            http.body = body
            return false
        case .refused(let refusal):
            abandonBody(http)
            http.isEnded = true
            complete(id, http.nextNumber - 1, .plain(status: refusal.status, "\(refusal.reason)\n"))
            return false
        case .end:
            http.body = nil
            cancelDeadline(id)
            finishBody(id, http, body)
            return true
        }
    }

    private func finishBody(_ id: SlabID, _ http: HTTPConnection, _ body: HTTPConnection.Body) {
        if let streaming = body.stream {
            feed(streaming, Span(), ended: true, id)
            sendAnswers(id)
        } else if let consumer = body.consumer {
            feed(consumer, Span(), ended: true)
        } else {
            let request = Request(head: body.head, body: body.collected)
            run(id, http.nextNumber - 1, environment.handler.handle(request))
        }
    }

    /// A head or a body took too long.
    func requestTimedOut(_ id: SlabID) {
        guard let http = connections[id].http else { return }
        if http.body == nil, http.input.isEmpty { return finish(id) }
        let answer = Response.plain(status: 408, "The request took too long.\n")
        guard let body = http.body else { return refuse(id, http, answer) }
        // Its reader is the slow one.
        if let consumer = body.consumer, !consumer.wantsMore {
            return setDeadline(id, .body, afterMs: HTTPTimes.bodyMs)
        }
        // An answer that has begun cannot be taken back.
        if body.stream != nil { return drop(id) }
        abandonBody(http)
        http.isEnded = true
        complete(id, http.nextNumber - 1, answer)
    }

    /// Answers what is no request, or no good one, after those before it; then ends.
    func refuse(_ id: SlabID, _ http: HTTPConnection, _ response: Response) {
        http.input.removeAll()
        let number = http.nextNumber
        http.nextNumber += 1
        http.exchanges.append(
            HTTPConnection.Exchange(number: number, keepAlive: false, isHEAD: false, mayOverlap: false))
        http.isEnded = true
        complete(id, number, response)
    }

    // MARK: - Out

    /// A request has its answer; it leaves when those before it have left.
    func complete(_ id: SlabID, _ number: UInt64, _ response: Response) {
        guard let http = connections[id].http, let index = http.index(of: number) else { return }
        let exchange = http.exchanges[index]
        if let streaming = exchange.stream, !streaming.isFinished { streaming.isFinished = true }
        var bytes: [UInt8] = []
        HTTPResponseWriter.append(
            status: response.status, body: response.body.span, unixSeconds: Int(SystemTime.wallMs() / 1_000),
            keepAlive: exchange.keepAlive && !http.isEnded, toHEAD: exchange.isHEAD, to: &bytes
        ) { out in
            for (name, value) in response.headers { Self.append(name, value, to: &out) }
        }
        http.exchanges[index].answer = bytes
        http.exchanges[index].stream = nil
        answered.append(id)
    }

    /// Values come from our code or from checked headers of the request; a line break can be in none, and gets into none.
    static func append(_ name: String, _ value: String, to out: inout [UInt8]) {
        precondition(value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a header value has no control bytes")
        out += name.utf8
        out += ": ".utf8
        out += value.utf8
        out += "\r\n".utf8
    }

    /// Sends the answers that are due, in one write.
    func sendAnswers(_ id: SlabID) {
        guard let http = connections[id].http else { return }
        var bytes: [UInt8] = []
        var closes = false
        while let first = http.exchanges.first, !closes {
            if let streaming = first.stream {
                bytes += streaming.output
                streaming.output = []
                guard streaming.isFinished else { break }
                closes = !first.keepAlive || !streaming.chunked
            } else if let file = first.file {
                bytes += file.head
                file.head = []
                guard file.isDone else { break }
                closes = !first.keepAlive
            } else {
                guard let answer = first.answer else { break }
                bytes += answer
                closes = !first.keepAlive
            }
            http.exchanges.removeFirst()
        }
        if !bytes.isEmpty, connections[id].transport.isOpen {
            connections[id].transport.write(bytes.span, in: streams)
        }
        if closes || http.isEnded && http.exchanges.isEmpty { return finish(id) }
        readFile(id)
        guard connections.contains(id) else { return }
        if connections[id].transport.isBlocked {
            // Who follows a feed may take all the time it wants: it holds one page.
            if feeds.update(id, { _ in }) == nil { setDeadline(id, .write, afterMs: HTTPTimes.writeMs) }
        } else if http.exchanges.isEmpty, http.body == nil, connections[id].listener == .public {
            setDeadline(id, .idle, afterMs: HTTPTimes.idleMs)
        }
    }
}
