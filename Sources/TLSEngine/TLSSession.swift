import COpenSSL

/// One TLS connection without its socket: ciphertext in → plaintext, plaintext in → ciphertext. Confined to its loop's
/// thread.
///
/// ```
///            socket bytes ──receive──► plaintext buffer of the caller
///   plaintext of the caller ──send───► output of the loop ──► socket
///                           ──close──►
/// ```
///
/// | state       | receive                               | send                | close                  |
/// |-------------|---------------------------------------|---------------------|------------------------|
/// | handshaking | drives it; → established, or ended    | not allowed         | ended, nothing to send |
/// | established | plaintext; → ended                    | records             | close_notify, once     |
/// | ended       | says again how it ended               | fails               | close_notify if proper |
///
/// Time is the caller's: a handshake that never finishes, and a peer that ends the socket without close_notify
/// (`receivedCloseNotify` is false then: what came may be cut short).
///
/// The caller sees neither OpenSSL nor its buffers, so that after a TLS 1.3 handshake another record layer can take
/// the SSL object's place behind these methods.
@safe public final class TLSSession {
    private enum State {
        case handshaking
        case established
        case closedByPeer
        case failed(TLSFailure)
    }

    public let context: TLSContext
    private let loop: TLSLoop
    // SAFETY: owned by this object; its BIO points into `loop` and its callbacks into `context`, both held above.
    let handle: OpaquePointer
    private var state = State.handshaking
    private var isHandshakeComplete = false
    private var sentCloseNotify = false

    /// - Parameters:
    ///   - context: decides the role.
    ///   - serverName: client role: the name or address to ask for and, unless the context trusts anything, to check.
    ///   - resumption: client role: an earlier session to resume.
    public init(context: TLSContext, loop: TLSLoop, serverName: String? = nil, resumption: TLSResumption? = nil) {
        self.context = context
        self.loop = loop
        guard let made = unsafe SSL_new(context.handle) else {
            preconditionFailure("OpenSSL has no memory for a session")
        }
        unsafe handle = made
        unsafe loop.attach(made)
        switch context.role {
        case .server:
            precondition(serverName == nil && resumption == nil, "a server names and resumes nothing by itself")
            unsafe SSL_set_accept_state(handle)
        case .client:
            unsafe SSL_set_connect_state(handle)
            setPeer(serverName)
            if let resumption { unsafe resumption.offer(on: handle) }
        }
    }

    deinit {
        unsafe SSL_free(handle)
    }

    private func setPeer(_ name: String?) {
        guard let name else {
            precondition(!context.verifiesPeer, "a client that checks certificates must know the server's name")
            return
        }
        // RFC 6066 §3: addresses are not sent as server names. SAFETY: the string lives for the call and is copied.
        let verification = unsafe SSL_get0_param(handle)
        if unsafe X509_VERIFY_PARAM_set1_ip_asc(verification, name) == 1 { return }
        let named = unsafe SSL_set1_host(handle, name) == 1 && copenssl_set_server_name(handle, name) == 1
        precondition(named, "the server's name is no DNS name")
    }

    // MARK: Receiving

    /// Works through ciphertext from the peer. During the handshake the answers are appended to the loop's output, also
    /// when the result is a failure. A client begins its handshake by calling this with empty input.
    ///
    /// - Parameters:
    ///   - ciphertext: read for the time of the call; on return, what is left of it. Something is left only when the
    ///     plaintext buffer is full or the session is over.
    ///   - plaintext: not empty. With room for the ciphertext's length + `plaintextRoom`, one call always does.
    public func receive(
        _ ciphertext: inout UnsafeRawBufferPointer, into plaintext: UnsafeMutableRawBufferPointer
    ) -> TLSReceiveResult {
        precondition(plaintext.count > 0, "no room for plaintext")
        unsafe loop.lend(ciphertext)
        defer { unsafe ciphertext = loop.reclaim() }
        switch state {
        case .handshaking:
            if let unfinished = shakeHands() { return unfinished }
            return isDrained ? .plaintext(count: 0, more: false) : unsafe read(into: plaintext)
        case .established:
            return isDrained ? .plaintext(count: 0, more: false) : unsafe read(into: plaintext)
        case .closedByPeer:
            return .closed
        case .failed(let failure):
            return .failed(failure)
        }
    }

    /// How many bytes of plaintext can come out beyond the length of the ciphertext that went in: one record that was
    /// kept for want of its end.
    public static let plaintextRoom = 16 * 1024

    /// Nil once the handshake is complete.
    private func shakeHands() -> TLSReceiveResult? {
        ERR_clear_error()
        // SAFETY: `handle` is alive; input was lent for this call.
        let result = unsafe SSL_do_handshake(handle)
        if result == 1 {
            state = .established
            isHandshakeComplete = true
            return nil
        }
        switch outcome(of: result) {
        case .wantsInput: return .handshaking
        case .closed: return .closed
        case .failed(let failure): return .failed(failure)
        }
    }

    /// One record at a time, until the input is used up or the buffer full.
    private func read(into plaintext: UnsafeMutableRawBufferPointer) -> TLSReceiveResult {
        var count = 0
        repeat {
            var read = 0
            ERR_clear_error()
            // SAFETY: the rest of the caller's buffer, which is not empty.
            let rest = unsafe UnsafeMutableRawBufferPointer(rebasing: plaintext[count...])
            let result = unsafe SSL_read_ex(handle, rest.baseAddress, rest.count, &read)
            if result == 1 {
                count += read
                continue
            }
            switch outcome(of: result) {
            case .wantsInput: return .plaintext(count: count, more: false)
            // What was read first is told first; the end stays in `state`.
            case .closed: return count > 0 ? .plaintext(count: count, more: true) : .closed
            case .failed(let failure): return count > 0 ? .plaintext(count: count, more: true) : .failed(failure)
            }
        } while count < plaintext.count && !isDrained
        return .plaintext(count: count, more: !isDrained)
    }

    /// Neither ciphertext nor decrypted bytes are left to read.
    private var isDrained: Bool { unsafe loop.inputIsUsedUp && SSL_pending(handle) == 0 }

    // MARK: Sending

    /// Appends `plaintext` to the loop's output as one record, or one per 16 KiB. Only on an established session; an
    /// empty plaintext makes no record.
    public func send(_ plaintext: UnsafeRawBufferPointer) -> TLSSendResult {
        if case .failed(let failure) = state { return .failed(failure) }
        if sentCloseNotify { return .failed(TLSFailure(kind: .closedLocally)) }
        precondition(isEstablished, "nothing can be sent before the handshake is complete")
        guard plaintext.count > 0 else { return .ok }
        var written = 0
        ERR_clear_error()
        // SAFETY: the caller's buffer. The output always takes everything, so this is all or nothing.
        let result = unsafe SSL_write_ex(handle, plaintext.baseAddress, plaintext.count, &written)
        if result == 1 { return .ok }
        switch outcome(of: result) {
        case .failed(let failure):
            return .failed(failure)
        case .wantsInput, .closed:
            // Half of a KeyUpdate or ticket has come: OpenSSL wants the other half before it writes. No real peer
            // splits one over records, and waiting would need the plaintext kept.
            let failure = TLSFailure(kind: .protocolViolation)
            state = .failed(failure)
            return .failed(failure)
        }
    }

    /// Appends close_notify, once; afterwards nothing can be sent, while the peer's last bytes may still be received.
    /// Does nothing when the handshake is not complete or the session has failed.
    public func close() {
        guard isEstablished, !sentCloseNotify else { return }
        sentCloseNotify = true
        ERR_clear_error()
        // SAFETY: `handle` is alive. 0 (the peer's close_notify is still to come) and 1 are both fine; an error could
        // only be that the session has ended otherwise.
        _ = unsafe SSL_shutdown(handle)
        ERR_clear_error()
    }

    // MARK: Results

    private enum Outcome {
        case wantsInput
        case closed
        case failed(TLSFailure)
    }

    /// What a call that did not succeed means; an end is kept in `state`.
    private func outcome(of result: Int32) -> Outcome {
        // SAFETY: `handle` is alive, and the error queue holds only what the call just made left there.
        switch unsafe SSL_get_error(handle, result) {
        case SSL_ERROR_WANT_READ:
            return .wantsInput
        case SSL_ERROR_ZERO_RETURN:
            state = .closedByPeer
            return .closed
        default:
            let failure = TLSFailure.taken()
            state = .failed(failure)
            return .failed(failure)
        }
    }

    /// Whether the handshake was completed and the session has not failed.
    public var isEstablished: Bool {
        switch state {
        case .established: true
        case .closedByPeer: isHandshakeComplete
        case .handshaking, .failed: false
        }
    }

    /// Whether the peer has ended its direction properly.
    public var receivedCloseNotify: Bool {
        if case .closedByPeer = state { true } else { false }
    }
}
