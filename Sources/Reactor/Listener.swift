/// How a listener has fared; plain numbers, summed by whoever asks on the loop's thread.
public struct ListenerCounters: Equatable, Sendable {
    /// Connections taken.
    public var accepted = 0
    /// Connections that were gone before we took them.
    public var aborted = 0
    /// Connections closed unserved because no descriptor was left for them.
    public var shed = 0
    /// Times accepting was paused for want of descriptors or memory.
    public var pauses = 0

    public init(accepted: Int = 0, aborted: Int = 0, shed: Int = 0, pauses: Int = 0) {
        self.accepted = accepted
        self.aborted = aborted
        self.shed = shed
        self.pauses = pauses
    }
}

/// A listening socket in one loop. Confined to that loop's thread.
///
///     accepting ──no descriptors──► paused ──timer, resume()──► accepting
///         └─────────── close() ───────┴──────────► closed
///
/// Without descriptors a listener must neither spin (its socket stays readable) nor leave people hanging in the kernel's
/// queue: it gives up a descriptor held in reserve, uses the free place to take those who wait and close them at
/// once, so that clients go elsewhere, then pauses for `pauseMs`. The owner passes the timer back with `resume`.
public final class Listener {
    private enum State {
        case accepting, paused, closed
    }

    /// The kind of this listener's timer; its owner is the token's raw value.
    public static let resumeTimerKind: UInt8 = 255
    /// How long accepting rests when descriptors have run out.
    public static let pauseMs: Int64 = 100
    /// At most so many are closed unserved per pause.
    public static let shedMax = 256

    public let token: PollToken
    public let socket: ListeningSocket
    public private(set) var counters = ListenerCounters()

    private let poller: Poller
    private let timers: TimerWheel
    private var state = State.paused
    private var timer = TimerID.none
    private var reserve: Descriptor?

    /// Starts accepting in the loop that `poller` and `timers` belong to.
    public init(_ socket: ListeningSocket, token: PollToken, poller: Poller, timers: TimerWheel) throws(SystemError) {
        self.socket = socket
        self.token = token
        self.poller = poller
        self.timers = timers
        reserve = Syscall.reserve()
        try poller.add(socket.descriptor, token: token, interest: .readable, exclusive: socket.isShared)
        state = .accepting
    }

    public var isPaused: Bool { state == .paused }

    /// Takes waiting connections, at most `budget`: the rest come with the next iteration, after live traffic had its
    /// turn. TCP connections come with delays off.
    public func accept(budget: Int, nowMs: Int64, _ take: (consuming Descriptor, SocketAddress) -> Void) {
        guard state == .accepting else { return }
        for _ in 0..<budget {
            switch Syscall.accept(socket.descriptor) {
            case .accepted(let descriptor, let peer):
                counters.accepted += 1
                if !peer.isUnix { Syscall.disableDelay(descriptor) }
                take(descriptor, peer)
            case .drained: return
            case .aborted: counters.aborted += 1
            case .exhausted:
                shed()
                pause(until: nowMs + Self.pauseMs)
                return
            }
        }
    }

    /// Closes those who wait, by means of the reserve. Another thread may take the free place first; then they wait
    /// through the pause.
    private func shed() {
        guard reserve != nil else { return }
        reserve = nil
        for _ in 0..<Self.shedMax {
            guard case .accepted(let descriptor, _) = Syscall.accept(socket.descriptor) else { break }
            _ = consume descriptor
            counters.shed += 1
        }
        reserve = Syscall.reserve()
    }

    private func pause(until resumeMs: Int64) {
        counters.pauses += 1
        state = .paused
        // An exclusive registration cannot be changed, only removed.
        poller.remove(socket.descriptor)
        timer = timers.arm(at: resumeMs, owner: token.rawValue, kind: Self.resumeTimerKind)
    }

    /// The timer of a pause has run out: accepts again; if epoll has no memory for that, pauses again.
    public func resume(nowMs: Int64) {
        guard state == .paused else { return }
        if reserve == nil { reserve = Syscall.reserve() }
        do {
            try poller.add(socket.descriptor, token: token, interest: .readable, exclusive: socket.isShared)
            state = .accepting
        } catch {
            timer = timers.arm(at: nowMs + Self.pauseMs, owner: token.rawValue, kind: Self.resumeTimerKind)
        }
    }

    /// Stops accepting for good. The socket closes when its last holder goes.
    public func close() {
        if state == .accepting { poller.remove(socket.descriptor) }
        timers.cancel(timer)
        state = .closed
    }
}
