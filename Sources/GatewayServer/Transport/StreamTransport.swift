public import Reactor
public import TLSEngine

/// A connection's byte stream over a socket, plain or TLS. Confined to its loop's thread; lives in the connection's
/// place in its table.
///
///     phase        | a ready event does                               | write
///     connecting   | learns whether the connect succeeded             | refused
///     waiting      | asks for a turn, else waits unread in the loop   | refused
///     handshaking  | drives TLS                                       | refused
///     open         | recv → plaintext in the loop's buffer            | seal → one send → the rest waits
///
/// The two directions end on their own: reading with `TransportInput.end`, writing with `finish`. When both have ended, or
/// the socket is broken, `isFinished` says so, and the owner drops the transport, which closes the socket.
///
/// It owns no buffer while the socket takes everything: what is read goes through the loop's buffers, what is sent is
/// sealed in the TLS loop's output, and only what a full socket refused is kept.
public struct StreamTransport: ~Copyable {
    enum Phase: UInt8 {
        case connecting, waiting, handshaking, open
    }

    enum Security {
        case plain
        /// A client that has not said anything yet costs no session: a session takes ten kilobytes, and most of a
        /// storm's clients are waiting.
        case awaited(TLSContext)
        case tls(TLSSession)
    }

    let descriptor: Descriptor
    public let token: PollToken
    var security: Security
    var phase: Phase
    /// Registered with the poller.
    var interest: PollInterest
    /// Queued for its turn at a handshake.
    var isDeferred = false
    var isReadingPaused = false
    /// The peer's direction has ended.
    var hasReadEnd = false
    /// `finish` was called.
    var isFinishing = false
    /// The end of our direction is with the kernel.
    var hasShutDown = false
    var isBroken = false
    /// When the kernel last took anything of `unsent`.
    var progressMs: Int64 = 0
    var unsent = ByteQueue()

    /// An accepted connection, registered with the loop's poller. `context` is a server's, or nil for a plain stream,
    /// which is open at once.
    public init(
        accepted descriptor: consuming Descriptor, token: PollToken, context: TLSContext?, in loop: TransportLoop
    ) throws(SystemError) {
        interest = .readable
        try loop.poller.add(descriptor, token: token, interest: interest)
        self.descriptor = descriptor
        self.token = token
        security = context.map { .awaited($0) } ?? .plain
        phase = context == nil ? .open : .waiting
    }

    /// A connection that `Connector` has started. `session` is a client's, or nil.
    public init(
        connecting descriptor: consuming Descriptor, token: PollToken, session: TLSSession?, in loop: TransportLoop
    ) throws(SystemError) {
        interest = .writable
        try loop.poller.add(descriptor, token: token, interest: interest)
        self.descriptor = descriptor
        self.token = token
        security = session.map { .tls($0) } ?? .plain
        phase = .connecting
    }

    /// The TLS session, for what was negotiated; nil for a plain stream, and before the handshake has begun.
    public var session: TLSSession? {
        if case .tls(let session) = security { session } else { nil }
    }

    var isPlain: Bool {
        if case .plain = security { true } else { false }
    }

    /// Whether bytes can be written.
    public var isOpen: Bool { phase == .open && !isFinishing && !isBroken }

    /// The socket has not taken all: keep further output where it is cheap until this is false again.
    public var isBlocked: Bool { !unsent.isEmpty }

    /// Bytes (sealed) that the socket has not taken yet.
    public var unsentCount: Int { unsent.count }

    /// Since when the socket has taken nothing although it should; nil while it keeps up. For the write timeout.
    public var stalledSinceMs: Int64? { isBlocked ? progressMs : nil }

    /// Nothing more will happen here: drop it.
    public var isFinished: Bool { isBroken || hasReadEnd && hasShutDown }

    /// Who is at the other end of a Unix socket.
    public func peerCredentials() throws(SystemError) -> PeerCredentials {
        try Syscall.peerCredentials(descriptor)
    }

    /// Makes the coming close a reset instead of an orderly end: for peers that are cut off.
    public func resetOnClose() {
        Syscall.resetOnClose(descriptor)
    }

    /// Stops reading: what the peer sends stays in the kernel, and in the end with the peer. Bytes handed up already are
    /// the owner's to keep.
    public mutating func pauseReading(in loop: TransportLoop) {
        isReadingPaused = true
        updateInterest(in: loop)
    }

    /// Reads again.
    public mutating func resumeReading(in loop: TransportLoop) {
        isReadingPaused = false
        updateInterest(in: loop)
    }

    /// The `interest` of a stream that has left the poller.
    private static var unwatched: PollInterest { PollInterest(rawValue: .max) }

    /// Leaves the poller for good: from now on the owner looks by itself, calling `ready` whenever it likes. For a load
    /// generator, whose being woken would cost the measured server more than the bytes it sends.
    public mutating func leavePoller(in loop: TransportLoop) {
        if isBroken || interest == Self.unwatched { return }
        interest = Self.unwatched
        loop.poller.remove(descriptor)
    }

    mutating func updateInterest(in loop: TransportLoop) {
        var wanted: PollInterest = []
        if phase == .connecting {
            wanted = .writable
        } else {
            if !isReadingPaused, !hasReadEnd, !isDeferred { wanted.insert(.readable) }
            if isBlocked { wanted.insert(.writable) }
        }
        if wanted == interest || isBroken || interest == Self.unwatched { return }
        interest = wanted
        loop.poller.modify(descriptor, token: token, interest: wanted)
    }
}
