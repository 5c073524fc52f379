public import Reactor
public import TLSEngine

/// What the connections of one loop share for their byte streams: poller, clock, buffers, TLS output, and the turn-taking
/// of handshakes. Confined to the loop's thread.
///
/// A handshake costs as much CPU as forty deliveries. When a thousand clients reconnect at once, at most
/// `handshakesPerTick` begin in each iteration and the rest wait here, unread and not polled, so that live traffic
/// keeps its turn. Whoever drives the loop calls `nextHandshake` in `beforeSleep` until it gives nil.
public final class TransportLoop {
    public let poller: Poller
    public let clock: LoopClock
    public let buffers: LoopBuffers
    public let tls: TLSLoop

    /// How many handshakes may begin in one iteration.
    public var handshakesPerTick: Int
    private var handshakesLeft: Int
    /// First come, first served; the first `waitingHead` have been served.
    private var waiting: [PollToken] = []
    private var waitingHead = 0

    /// Whose bytes lie in the cork buffer.
    private var corkOwner: PollToken?

    public init(poller: Poller, clock: LoopClock, buffers: LoopBuffers, handshakesPerTick: Int = 8) {
        precondition(handshakesPerTick > 0, "nobody would ever get in")
        precondition(
            buffers.plaintext.capacity >= buffers.receive.capacity + TLSSession.plaintextRoom,
            "one read's plaintext fits its buffer")
        self.poller = poller
        self.clock = clock
        self.buffers = buffers
        self.handshakesPerTick = handshakesPerTick
        handshakesLeft = handshakesPerTick
        tls = TLSLoop()
    }

    /// For an event loop.
    public convenience init<Handler>(_ loop: EventLoop<Handler>, handshakesPerTick: Int = 8) {
        self.init(
            poller: loop.poller, clock: loop.clock, buffers: loop.buffers, handshakesPerTick: handshakesPerTick)
    }

    /// Handshakes that wait for their turn.
    public var waitingHandshakes: Int { waiting.count - waitingHead }

    /// Whether a handshake may begin now. If not, it has been queued and its token will come out of `nextHandshake`.
    func admitHandshake(_ token: PollToken) -> Bool {
        if handshakesLeft > 0, waitingHandshakes == 0 {
            handshakesLeft -= 1
            return true
        }
        waiting.append(token)
        return false
    }

    /// Once per iteration, in `beforeSleep`, until nil: whose handshake may begin (`StreamTransport.beginHandshake`); the
    /// connection may be gone. If `waitingHandshakes` is not zero afterwards, the loop must not sleep
    /// (`EventLoop.hurry`).
    public func nextHandshake() -> PollToken? {
        guard handshakesLeft > 0, waitingHead < waiting.count else {
            handshakesLeft = handshakesPerTick
            if waitingHead > 0 {
                waiting.removeFirst(waitingHead)
                waitingHead = 0
            }
            return nil
        }
        handshakesLeft -= 1
        waitingHead += 1
        return waiting[waitingHead - 1]
    }

    /// Makes the cork buffer this transport's until `releaseCork`. Bytes that a transport left there when it was dropped are
    /// dropped with it.
    func claimCork(_ token: PollToken) {
        assert(corkOwner == nil || corkOwner == token, "another transport's bytes were not flushed")
        if corkOwner != token { releaseCork() }
        corkOwner = token
    }

    func ownsCork(_ token: PollToken) -> Bool { corkOwner == token }

    func releaseCork() {
        buffers.cork.removeAll()
        corkOwner = nil
    }
}
