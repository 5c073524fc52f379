public import Reactor
internal import TLSEngine

extension StreamTransport {
    /// Serves a ready event: sends what waited if the socket is writable again, then reads once. The plaintext, if any, is
    /// in the loop's `buffers.plaintext`.
    ///
    /// After a writable event, `isBlocked` tells whether there is room for more.
    public mutating func ready(_ events: PollEvents, in loop: TransportLoop) -> TransportInput {
        loop.buffers.plaintext.removeAll()
        if isBroken { return TransportInput() }
        if phase == .connecting { return finishConnecting(in: loop) }
        if events.contains(.writable), let failure = sendUnsent(in: loop) { return broken(failure) }
        guard events.wantsRead else { return TransportInput() }
        if hasReadEnd || isReadingPaused || isDeferred {
            // Asked for nothing to read, so this is the poller's unasked word that the connection is gone.
            guard !events.isDisjoint(with: [.hangUp, .error]) else { return TransportInput() }
            return broken(.system(Syscall.pendingError(descriptor)))
        }
        if phase == .waiting, !loop.admitHandshake(token) {
            isDeferred = true
            updateInterest(in: loop)
            return TransportInput()
        }
        return receive(in: loop)
    }

    /// Reads what stands before the TLS handshake, as it is on the wire. Only while nothing of the handshake was read.
    mutating func receivePreface(into bytes: inout MutableSpan<UInt8>) -> ReceiveResult {
        precondition(phase == .waiting && !isDeferred, "a preface comes before the handshake")
        return Syscall.receive(descriptor, into: &bytes)
    }

    /// Begins the handshake whose turn has come (`TransportLoop.nextHandshake`).
    public mutating func beginHandshake(in loop: TransportLoop) -> TransportInput {
        loop.buffers.plaintext.removeAll()
        guard isDeferred, !isBroken else { return TransportInput() }
        isDeferred = false
        updateInterest(in: loop)
        return receive(in: loop)
    }

    private mutating func finishConnecting(in loop: TransportLoop) -> TransportInput {
        let code = Syscall.pendingError(descriptor)
        guard code == 0 else { return broken(.system(code)) }
        guard !isPlain else {
            phase = .open
            updateInterest(in: loop)
            return TransportInput(isNewlyEstablished: true)
        }
        phase = .handshaking
        updateInterest(in: loop)
        // A client speaks first.
        // SAFETY: nothing is lent.
        return unsafe decrypt(UnsafeRawBufferPointer(start: nil, count: 0), in: loop)
    }

    private mutating func receive(in loop: TransportLoop) -> TransportInput {
        // Without TLS what arrives is the plaintext.
        let result =
            isPlain
            ? loop.buffers.plaintext.withFreeBytes { Syscall.receive(descriptor, into: &$0) }
            : loop.buffers.receive.withFreeBytes { Syscall.receive(descriptor, into: &$0) }
        switch result {
        case .wouldBlock: return TransportInput()
        case .failed(let code): return broken(.system(code))
        case .endOfStream: return ended(in: loop)
        case .received(let count) where isPlain:
            loop.buffers.plaintext.advance(by: count)
            return TransportInput(count: count)
        case .received(let count):
            // SAFETY: the first `count` bytes of the receive buffer, which nobody refills before this call ends.
            return unsafe decrypt(
                UnsafeRawBufferPointer(rebasing: loop.buffers.receive.unsafeBytes[..<count]), in: loop)
        }
    }

    /// Runs ciphertext through the session, and sends what the session has to say.
    private mutating func decrypt(_ received: UnsafeRawBufferPointer, in loop: TransportLoop) -> TransportInput {
        if case .awaited(let context) = security {
            security = .tls(TLSSession(context: context, loop: loop.tls))
            phase = .handshaking
        }
        guard let session else { preconditionFailure("only a TLS stream decrypts") }
        var ciphertext = unsafe received
        var input = TransportInput()
        var wantsAnother = true
        while wantsAnother {
            wantsAnother = false
            // SAFETY: the unfilled part of the plaintext buffer, which this loop alone uses; it is never empty, as the
            // buffer has room for all that one read can yield.
            let room = unsafe UnsafeMutableRawBufferPointer(
                rebasing: loop.buffers.plaintext.unsafeBytes[input.count...])
            switch unsafe session.receive(&ciphertext, into: room) {
            case .handshaking: break
            case .plaintext(let count, let more):
                loop.buffers.plaintext.advance(by: count)
                input.count += count
                wantsAnother = more
            case .closed:
                hasReadEnd = true
                input.end = .closed
            case .failed(let failure):
                input.end = .failed(.tls(failure))
            }
            if phase == .handshaking, session.isEstablished {
                phase = .open
                input.isNewlyEstablished = true
            }
        }
        if let failure = transmitSealed(in: loop), input.end == nil { input.end = .failed(failure) }
        if case .failed = input.end { isBroken = true }
        updateInterest(in: loop)
        return input
    }

    private mutating func ended(in loop: TransportLoop) -> TransportInput {
        hasReadEnd = true
        updateInterest(in: loop)
        let isProper = isPlain || session?.receivedCloseNotify == true
        // Without a handshake there is nothing to talk to.
        if phase != .open { isBroken = true }
        return TransportInput(end: isProper ? .closed : .truncated)
    }

    private mutating func broken(_ failure: TransportFailure) -> TransportInput {
        isBroken = true
        unsent.removeAll()
        return TransportInput(end: .failed(failure))
    }
}
