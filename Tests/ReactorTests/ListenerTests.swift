import Synchronization
import Testing

@testable import Reactor

@Suite(.serialized) struct ListenerTests {
    private let loopback = SocketAddress.loopback(port: 0)

    private func listener(_ socket: ListeningSocket) throws -> (Listener, Poller, TimerWheel) {
        let poller = try Poller()
        let timers = TimerWheel(startingAt: 0)
        return (try Listener(socket, token: .fixture(0), poller: poller, timers: timers), poller, timers)
    }

    /// A path of this process in the temporary directory.
    private func path(_ name: String) -> String {
        "/tmp/reactor-\(SystemTime.monotonicNs())-\(name).sock"
    }

    @Test func acceptTakesAtMostItsBudgetAndLeavesTheRestReadable() throws {
        let socket = try ListeningSocket.tcp(loopback, shards: 1)[0]
        let (listener, poller, _) = try listener(socket)
        var clients: [Box] = []
        for _ in 0..<5 { clients.append(Box(try Connector.start(to: socket.address))) }
        var taken = 0
        #expect(poller.wait(timeoutMs: 5000) == 1)
        listener.accept(budget: 3, nowMs: 0) { descriptor, peer in
            taken += 1
            #expect(peer.host == "127.0.0.1")
            _ = consume descriptor
        }
        #expect(taken == 3)
        #expect(poller.wait(timeoutMs: 0) == 1)
        listener.accept(budget: 3, nowMs: 0) { descriptor, _ in
            taken += 1
            _ = consume descriptor
        }
        #expect(taken == 5)
        #expect(poller.wait(timeoutMs: 0) == 0)
        #expect(listener.counters.accepted == 5)
    }

    @Test func shardsShareAPortAndAStrangerIsToldThatItIsTaken() throws {
        let sockets = try ListeningSocket.tcp(loopback, shards: 3)
        #expect(Set(sockets.map(\.address)).count == 1)
        #expect(sockets[0].address.port != 0)
        let error = #expect(throws: SystemError.self) { _ = try ListeningSocket.tcp(sockets[0].address, shards: 3) }
        #expect(error?.call == "bind")
        #expect(error?.object == sockets[0].address.description)
    }

    @Test func ipv6ListenerLeavesTheIPv4PortFree() throws {
        guard let sockets = try? ListeningSocket.tcp(SocketAddress("[::1]:0")!, shards: 1) else { return }
        let any = try ListeningSocket.tcp(SocketAddress("[::]:0")!, shards: 1)
        _ = try ListeningSocket.tcp(SocketAddress("0.0.0.0:\(any[0].address.port)")!, shards: 1)
        #expect(sockets[0].address.host == "::1")
    }

    @Test func withoutDescriptorsWaitersAreShedAndAcceptingPausesAndResumes() throws {
        // On a thread with a descriptor table of its own, so that filling it hurts nobody else.
        let failures = Mutex<[String]>(["the thread did not finish"])
        let thread = try SystemThread(name: "full table") {
            let found = (try? ListenerTests.exhaust()) ?? ["a call at set-up failed"]
            failures.withLock { $0 = found }
        }
        thread.join()
        #expect(failures.withLock { $0 } == [])
    }

    /// The rules that were broken.
    private static func exhaust() throws -> [String] {
        try Syscall.unshareDescriptors()
        var broken: [String] = []
        func check(_ holds: Bool, _ rule: String) { if !holds { broken.append(rule) } }

        let socket = try ListeningSocket.tcp(.loopback(port: 0), shards: 1)[0]
        let poller = try Poller()
        let clientPoller = try Poller()
        let timers = TimerWheel(startingAt: 0)
        let listener = try Listener(socket, token: .fixture(0), poller: poller, timers: timers)
        let waiting = try Connector.start(to: socket.address)
        try clientPoller.add(waiting, token: .fixture(1), interest: .readable)
        check(poller.wait(timeoutMs: 5000) == 1, "a waiting connection makes the listener readable")

        var hoard: [Box] = []
        while let descriptor = Syscall.reserve() { hoard.append(Box(descriptor)) }
        var taken = 0
        listener.accept(budget: 10, nowMs: 1000) { descriptor, _ in
            taken += 1
            _ = consume descriptor
        }
        check(taken == 0, "nobody is accepted without a descriptor")
        check(listener.isPaused, "accepting pauses")
        check(listener.counters == ListenerCounters(accepted: 0, aborted: 0, shed: 1, pauses: 1), "both are counted")
        check(clientPoller.wait(timeoutMs: 5000) == 1, "who waited is closed, not left hanging")

        hoard.removeAll()
        let next = try Connector.start(to: socket.address)
        check(poller.wait(timeoutMs: 0) == 0, "a paused listener wakes nobody")
        let timer = timers.popDue(at: 1000 + Listener.pauseMs)
        check(timer?.kind == Listener.resumeTimerKind, "the pause has a timer")
        check(timer?.owner == listener.token.rawValue, "the timer names its listener")
        listener.resume(nowMs: 1100)
        check(poller.wait(timeoutMs: 5000) == 1, "a resumed listener is readable again")
        listener.accept(budget: 10, nowMs: 1100) { descriptor, _ in
            taken += 1
            _ = consume descriptor
        }
        check(taken == 1, "and accepts")
        _ = consume next
        return broken
    }

    @Test func closedListenerWakesNobody() throws {
        let socket = try ListeningSocket.tcp(loopback, shards: 1)[0]
        let (listener, poller, _) = try listener(socket)
        listener.close()
        let client = try Connector.start(to: socket.address)
        #expect(poller.wait(timeoutMs: 0) == 0)
        listener.resume(nowMs: 0)
        #expect(poller.wait(timeoutMs: 0) == 0)
        _ = consume client
    }

    @Test func adoptedSocketServesSeveralShardsAndOthersAreRefused() throws {
        let socket = try ListeningSocket.tcp(loopback, shards: 1)[0]
        // As if handed over: a number of its own for the same socket.
        let adopted = try ListeningSocket.adopt(Syscall.duplicate(socket.descriptor).release())
        #expect(adopted.isShared)
        #expect(adopted.address == socket.address)
        let (first, firstPoller, _) = try listener(adopted)
        let (second, secondPoller, _) = try listener(adopted)
        let client = try Connector.start(to: socket.address)
        #expect(firstPoller.wait(timeoutMs: 1000) + secondPoller.wait(timeoutMs: 0) >= 1)
        var taken = 0
        for listener in [first, second] {
            listener.accept(budget: 4, nowMs: 0) { descriptor, _ in
                taken += 1
                _ = consume descriptor
            }
        }
        #expect(taken == 1)
        var pair = try Syscall.socketPair()
        let pairFirst = pair.takeFirst()
        #expect(throws: SystemError.self) {
            _ = try ListeningSocket.adopt(Syscall.duplicate(pairFirst).release())
        }
        #expect(throws: SystemError.self) { _ = try ListeningSocket.adopt(19_999) }
        _ = consume client
    }

    @Test func unixListenerSetsItsModeKnowsItsPeerAndReplacesAStaleFile() throws {
        let path = path("own")
        do {
            let left = try ListeningSocket.unix(path: path, mode: 0o600)
            let error = #expect(throws: SystemError.self) { _ = try ListeningSocket.unix(path: path, mode: 0o600) }
            #expect(error?.code == 98)
            #expect(left.address == .unix(path: path))
        }
        // The first one is gone, its file is not.
        let socket = try ListeningSocket.unix(path: path, mode: 0o660)
        #expect(try Syscall.mode(path: path) & 0o777 == 0o660)
        let (listener, poller, _) = try listener(socket)
        let client = try Connector.start(to: socket.address)
        #expect(poller.wait(timeoutMs: 5000) == 1)
        listener.accept(budget: 1, nowMs: 0) { descriptor, peer in
            #expect(peer == .unix(path: ""))
            let credentials = try? Syscall.peerCredentials(descriptor)
            #expect(credentials?.processID == Syscall.processID)
            #expect(credentials?.userID == Syscall.userID)
            _ = consume descriptor
        }
        socket.removeFile()
        #expect(throws: SystemError.self) { _ = try Syscall.mode(path: path) }
        _ = consume client
    }

    @Test func fileThatIsNoSocketIsNotReplaced() {
        let error = #expect(throws: SystemError.self) { _ = try ListeningSocket.unix(path: "/dev/null", mode: 0o600) }
        #expect(error?.code == 17)
    }

    @Test func pathThatIsTooLongIsAnError() {
        let long = "/tmp/" + String(repeating: "x", count: 120)
        #expect(throws: SystemError.self) { _ = try ListeningSocket.unix(path: long, mode: 0o600) }
        #expect(throws: SystemError.self) { _ = try Connector.start(to: .unix(path: long)) }
    }

    @Test func refusedConnectIsReported() throws {
        let free = try ListeningSocket.tcp(loopback, shards: 1)[0].address
        let poller = try Poller()
        do throws(SystemError) {
            let client = try Connector.start(to: free)
            try poller.add(client, token: .fixture(0), interest: .writable)
            #expect(poller.wait(timeoutMs: 5000) == 1)
            #expect(Syscall.pendingError(client) == 111)
        } catch {
            #expect(error.code == 111)
        }
    }
}
