internal import ChatModel
internal import DequeModule
internal import GatewayCore
internal import HTTPCodec
internal import Reactor

/// Bodies that are consumed as they arrive, and answers that are files.
extension Shard {
    /// Read at a time; what a slow reader costs.
    private static let fileBytes = 128 << 10

    // MARK: - In

    func startConsumer(_ id: SlabID, _ number: UInt64, _ consumer: any BodyConsumer) {
        let address = ReplyAddress(connection: ConnectionReference(id.rawValue), request: number)
        consumer.start { [mailbox = environment.mailboxes[index]] in mailbox.post(.consumed(address)) }
    }

    func feed(_ consumer: any BodyConsumer, _ bytes: Span<UInt8>, ended: Bool) {
        // SAFETY: the consumer reads the bytes during the call only.
        unsafe bytes.withUnsafeBytes { unsafe consumer.receive($0, ended: ended) }
    }

    /// A consumer wants more, or has the request's next step.
    func consumed(_ address: ReplyAddress) {
        let id = SlabID(rawValue: address.connection.raw)
        guard connections.contains(id), let http = connections[id].http, let index = http.index(of: address.request),
            let consumer = http.exchanges[index].consumer
        else { return }
        let isReading = http.body?.consumer === consumer
        guard let result = consumer.takeResult() else {
            if isReading, consumer.wantsMore {
                sendContinue(id, http)
                advance(id)
                dropIfFinished(id)
            }
            return
        }
        if isReading {
            // The rest of the body is not read, so nobody could tell where a next request would begin.
            http.body = nil
            http.isEnded = true
            cancelDeadline(id)
        }
        http.exchanges[index].consumer = nil
        http.exchanges[index].outlivesConnection = true
        run(id, address.request, result)
    }

    /// The body that is being read will not come to its end.
    func abandonBody(_ http: HTTPConnection) {
        guard let body = http.body else { return }
        http.body = nil
        guard let consumer = body.consumer, let index = http.exchanges.firstIndex(where: { $0.consumer === consumer })
        else { return }
        http.exchanges[index].consumer = nil
        consumer.abandon()
    }

    /// The client has left: what was begun for it is undone, now or when the core has answered.
    func abandonExchanges(_ id: SlabID, _ http: HTTPConnection) {
        http.body = nil
        for exchange in http.exchanges {
            exchange.consumer?.abandon()
            guard exchange.outlivesConnection, let then = exchange.then else { continue }
            orphans[ReplyAddress(connection: ConnectionReference(id.rawValue), request: exchange.number)] = then
        }
    }

    // MARK: - Out

    func send(_ answer: FileAnswer, _ id: SlabID, _ number: UInt64) {
        guard let http = connections[id].http, let index = http.index(of: number) else { return }
        let exchange = http.exchanges[index]
        var head: [UInt8] = []
        HTTPResponseWriter.appendHead(
            status: answer.status, contentLength: answer.range.count, unixSeconds: Int(SystemTime.wallMs() / 1_000),
            keepAlive: exchange.keepAlive && !http.isEnded, to: &head
        ) { out in
            for (name, value) in answer.headers { Self.append(name, value, to: &out) }
        }
        if exchange.isHEAD {
            http.exchanges[index].answer = head
        } else {
            http.exchanges[index].file = FileSending(answer, head: head)
        }
        answered.append(id)
    }

    /// Asks for the next bytes of the file that is being sent, unless the socket still has some to take.
    func readFile(_ id: SlabID) {
        guard let http = connections[id].http, let exchange = http.exchanges.first, let file = exchange.file,
            !file.isReading, !file.isDone, connections[id].transport.isOpen, !connections[id].transport.isBlocked
        else { return }
        file.isReading = true
        let address = ReplyAddress(connection: ConnectionReference(id.rawValue), request: exchange.number)
        let (source, offset) = (file.answer.file, file.offset)
        let count = min(Self.fileBytes, file.answer.range.upperBound - offset)
        let taken = environment.files.submit { [mailbox = environment.mailboxes[index]] in
            let bytes = try? source.read(at: offset, count: count)
            mailbox.post(.fileRead(address, bytes?.count == count ? bytes : nil))
        }
        if !taken { cut(id) }
    }

    func fileRead(_ address: ReplyAddress, _ bytes: [UInt8]?) {
        let id = SlabID(rawValue: address.connection.raw)
        guard connections.contains(id), let exchange = connections[id].http?.exchanges.first,
            exchange.number == address.request, let file = exchange.file
        else { return }
        guard let bytes else { return cut(id) }
        file.isReading = false
        file.offset += bytes.count
        connections[id].transport.write(bytes.span, in: streams)
        if connections[id].transport.isBlocked { setDeadline(id, .write, afterMs: HTTPTimes.writeMs) }
        if file.isDone { answered.append(id) } else { readFile(id) }
        dropIfFinished(id)
    }

    /// An answer that has begun and cannot be ended: only a reset tells the peer.
    private func cut(_ id: SlabID) {
        connections[id].transport.resetOnClose()
        drop(id)
    }
}
