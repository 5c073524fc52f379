internal import GatewayServer
internal import Reactor

/// The poller, clock and buffers of the one thread that plays everybody, and its time limit. Confined to that thread.
final class LoadLoop {
    let poller: Poller
    let streams: TransportLoop
    private let clock = LoopClock()
    private let deadlineMs: Int64

    init(timeLimit seconds: Double) throws(SystemError) {
        poller = try Poller(eventsMax: 1024)
        streams = TransportLoop(poller: poller, clock: clock, buffers: LoopBuffers())
        deadlineMs = clock.nowMs + Int64(seconds * 1000)
    }

    var nowMs: Int64 { clock.nowMs }

    /// Waits for events and hands them out; past the time limit, throws what was being waited for.
    func poll(timeoutMs: Int32, awaiting what: String, _ handle: (PollToken, PollEvents) -> Void) throws {
        let ready = poller.wait(timeoutMs: timeoutMs)
        clock.read()
        for index in 0..<ready {
            let event = poller.event(at: index)
            handle(event.token, event.events)
        }
        if nowMs > deadlineMs { throw LoadFailure("the time limit has passed while \(what)") }
    }
}
