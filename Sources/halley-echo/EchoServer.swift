import GatewayServer
import Reactor
import TLSEngine

/// The echo's loop handler: accepts, routes events to connections, lets handshakes take turns. Confined to the loop's
/// thread.
final class EchoServer: EventLoopHandler {
    enum Message: Sendable {
        case stop
    }

    private static let acceptsPerTick = 64
    /// How long a peer may take to end its direction after we have ended ours.
    private static let lingerMs: Int64 = 3000
    private static let lingerTimerKind: UInt8 = 1

    private let loop: EventLoop<EchoServer>
    private let streams: TransportLoop
    private let listener: Listener
    private let context: TLSContext?
    private let codec = EchoCodec()
    private var connections = Slab<EchoConnection>()

    init(loop: EventLoop<EchoServer>, socket: ListeningSocket, context: TLSContext?) throws(SystemError) {
        self.loop = loop
        self.context = context
        streams = TransportLoop(loop)
        listener = try Listener(socket, token: .fixture(0), poller: loop.poller, timers: loop.timers)
    }

    func ready(_ token: PollToken, _ events: PollEvents) {
        if token == listener.token {
            listener.accept(budget: Self.acceptsPerTick, nowMs: loop.nowMs) { descriptor, _ in admit(descriptor) }
            return
        }
        let id = token.slabID
        guard connections.contains(id) else { return }
        handle(id, connections[id].transport.ready(events, in: streams))
    }

    private func admit(_ descriptor: consuming Descriptor) {
        var accepted: Descriptor? = descriptor
        do throws(SystemError) {
            _ = try connections.insert { id throws(SystemError) in
                EchoConnection(
                    transport: try StreamTransport(
                        accepted: accepted.take()!, token: PollToken(id), context: context, in: streams))
            }
        } catch {
            // The poller has no room for it; it has been closed.
        }
    }

    private func handle(_ id: SlabID, _ input: TransportInput) {
        connections[id].handle(input, codec, in: streams)
        if connections[id].transport.isFinished {
            drop(id)
        } else if connections[id].isOver, connections[id].lingering == .none {
            connections[id].lingering = loop.timers.arm(
                at: loop.nowMs + Self.lingerMs, owner: id.rawValue, kind: Self.lingerTimerKind)
        }
    }

    private func drop(_ id: SlabID) {
        guard let connection = connections.remove(id) else { return }
        loop.timers.cancel(connection.lingering)
    }

    func receive(_ message: Message) {
        loop.stop()
    }

    func timerFired(_ timer: FiredTimer) {
        if timer.kind == Listener.resumeTimerKind {
            listener.resume(nowMs: loop.nowMs)
        } else {
            drop(SlabID(rawValue: timer.owner))
        }
    }

    func beforeSleep() {
        while let token = streams.nextHandshake() {
            let id = token.slabID
            guard connections.contains(id) else { continue }
            handle(id, connections[id].transport.beginHandshake(in: streams))
        }
        if streams.waitingHandshakes > 0 { loop.hurry() }
    }
}
