internal import Reactor
internal import TLSEngine

// Writing never fails loudly to the queue above: a broken socket is told once, by the returned failure, and from then on
// everything written is dropped.

extension StreamTransport {
    /// Longest plaintext sealed at a time: bounds the loop's output area, whatever the length of a message.
    private static var sealedAtOnceMax: Int { 64 * 1024 }

    /// Gathers bytes in the loop's cork buffer, so that many small writes become one record and one `send`. Follow with
    /// `flush` before another transport of this loop writes.
    @discardableResult
    public mutating func append(_ bytes: Span<UInt8>, in loop: TransportLoop) -> TransportFailure? {
        guard mayWrite() else { return nil }
        loop.claimCork(token)
        if loop.buffers.cork.append(bytes) { return nil }
        if let failure = flush(in: loop) { return failure }
        if bytes.count > loop.buffers.cork.capacity { return transmit(bytes, in: loop) }
        loop.claimCork(token)
        _ = loop.buffers.cork.append(bytes)
        return nil
    }

    /// Sends what was gathered: seals it and gives it to the socket with one call, keeping what that does not take.
    @discardableResult
    public mutating func flush(in loop: TransportLoop) -> TransportFailure? {
        guard loop.ownsCork(token) else { return nil }
        let failure = loop.buffers.cork.withBytes { isOpen ? transmit($0, in: loop) : nil }
        loop.releaseCork()
        return failure
    }

    /// Sends bytes at once, after whatever was gathered.
    @discardableResult
    public mutating func write(_ bytes: Span<UInt8>, in loop: TransportLoop) -> TransportFailure? {
        if let failure = flush(in: loop) { return failure }
        return mayWrite() ? transmit(bytes, in: loop) : nil
    }

    /// After the end of our direction, writing does nothing; before its beginning, it is a mistake of ours.
    private func mayWrite() -> Bool {
        if isFinishing || isBroken { return false }
        precondition(phase == .open, "nothing is written before the connection is established")
        return true
    }

    /// Ends our direction in order: what was written, close_notify, then the end of the stream, each when the socket takes
    /// it. The peer's direction goes on until it ends too: reading to that end lets the last bytes arrive, where an
    /// early close would reset the connection. The owner bounds the wait and drops what still comes.
    @discardableResult
    public mutating func finish(in loop: TransportLoop) -> TransportFailure? {
        if isFinishing || isBroken { return nil }
        if let failure = flush(in: loop) { return failure }
        isFinishing = true
        session?.close()
        if let failure = transmitSealed(in: loop) { return failure }
        shutDownIfDrained()
        return nil
    }

    private mutating func transmit(_ bytes: Span<UInt8>, in loop: TransportLoop) -> TransportFailure? {
        guard let session else { return transmitRaw(bytes, in: loop) }
        var sealed = 0
        while sealed < bytes.count {
            let piece = bytes.extracting(sealed..<min(sealed + Self.sealedAtOnceMax, bytes.count))
            // SAFETY: the session reads the piece during the call only.
            let result = unsafe piece.withUnsafeBytes { unsafe session.send($0) }
            let failure = transmitSealed(in: loop)
            if case .failed(let failure) = result {
                isBroken = true
                return .tls(failure)
            }
            if let failure { return failure }
            sealed += piece.count
        }
        return nil
    }

    /// Moves the TLS loop's output to the socket, or behind what waits for it.
    mutating func transmitSealed(in loop: TransportLoop) -> TransportFailure? {
        guard loop.tls.hasOutput else { return nil }
        // SAFETY: the output stays in place until `consumeOutput`, as no session is called in between.
        let failure = transmitRaw(unsafe Span(_unsafeBytes: loop.tls.output), in: loop)
        loop.tls.consumeOutput()
        return failure
    }

    private mutating func transmitRaw(_ bytes: Span<UInt8>, in loop: TransportLoop) -> TransportFailure? {
        guard unsent.isEmpty else {
            unsent.append(bytes)
            return nil
        }
        var taken = 0
        switch Syscall.send(descriptor, bytes) {
        case .sent(let count): taken = count
        case .wouldBlock: break
        case .failed(let code):
            isBroken = true
            return .system(code)
        }
        if taken < bytes.count {
            unsent.append(bytes.extracting(taken...))
            progressMs = loop.clock.nowMs
            updateInterest(in: loop)
        }
        return nil
    }

    /// The socket has room again.
    mutating func sendUnsent(in loop: TransportLoop) -> TransportFailure? {
        guard !unsent.isEmpty else { return nil }
        switch unsent.withBytes({ Syscall.send(descriptor, $0) }) {
        case .sent(let count):
            unsent.consume(count)
            progressMs = loop.clock.nowMs
        case .wouldBlock: return nil
        case .failed(let code): return .system(code)
        }
        if unsent.isEmpty {
            updateInterest(in: loop)
            shutDownIfDrained()
        }
        return nil
    }

    private mutating func shutDownIfDrained() {
        guard isFinishing, unsent.isEmpty, !hasShutDown else { return }
        hasShutDown = true
        Syscall.shutdownWriting(descriptor)
    }
}
