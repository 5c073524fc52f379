import Testing

@testable import Reactor

@Suite struct PollerTests {
    private let hello = Array("hello".utf8)

    @Test func readableAndWritableAreReportedAsAsked() throws {
        let poller = try Poller()
        var pair = try Syscall.socketPair()
        let pairFirst = pair.takeFirst()
        let pairSecond = pair.takeSecond()
        let token = PollToken(rawValue: 42)
        try poller.add(pairFirst, token: token, interest: .readable)
        #expect(poller.wait(timeoutMs: 0) == 0)
        #expect(Syscall.send(pairSecond, hello.span) == .sent(5))
        #expect(poller.wait(timeoutMs: 0) == 1)
        #expect(poller.event(at: 0).token == token)
        #expect(poller.event(at: 0).events == .readable)
        poller.modify(pairFirst, token: token, interest: [.readable, .writable])
        #expect(poller.wait(timeoutMs: 0) == 1)
        #expect(poller.event(at: 0).events == [.readable, .writable])
        poller.remove(pairFirst)
        #expect(poller.wait(timeoutMs: 0) == 0)
    }

    @Test func halfCloseIsToldApartFromAFullOne() throws {
        let poller = try Poller()
        var pair = try Syscall.socketPair()
        let pairFirst = pair.takeFirst()
        let pairSecond = pair.takeSecond()
        try poller.add(pairFirst, token: PollToken(rawValue: 1), interest: .readable)
        Syscall.shutdownWriting(pairSecond)
        #expect(poller.wait(timeoutMs: 0) == 1)
        #expect(poller.event(at: 0).events == [.readable, .peerClosed])
        #expect(poller.event(at: 0).events.wantsRead)
        _ = consume pairSecond
        #expect(poller.wait(timeoutMs: 0) == 1)
        #expect(poller.event(at: 0).events.contains(.hangUp))
    }

    @Test func eventOfAClosedConnectionDoesNotReachTheOneWithItsDescriptor() throws {
        let poller = try Poller()
        var slab = Slab<String>(shard: 1)
        var old = try Syscall.socketPair()
        let oldFirst = old.takeFirst()
        let oldSecond = old.takeSecond()
        let oldNumber = oldFirst.raw
        let oldID = slab.insert("old")
        try poller.add(oldFirst, token: PollToken(oldID), interest: .readable)
        #expect(Syscall.send(oldSecond, hello.span) == .sent(5))
        // The event is fetched; before it is handled, the connection closes and its slot and number are taken again.
        #expect(poller.wait(timeoutMs: 0) == 1)
        _ = slab.remove(oldID)
        _ = consume oldFirst
        var newcomers: [Box] = []
        var newNumber: Int32 = -1
        for _ in 0..<8 where newNumber != oldNumber {
            let descriptor = try Syscall.makeEvent()
            newNumber = descriptor.raw
            newcomers.append(Box(descriptor))
        }
        let newID = slab.insert("new")
        #expect(newID.slot == oldID.slot)
        let event = poller.event(at: 0)
        #expect(slab.contains(event.token.slabID) == false)
        #expect(slab.contains(newID) == true)
    }

    @Test func fixtureTokensAreNoConnections() {
        #expect(PollToken.fixture(7).fixtureIndex == 7)
        #expect(PollToken(SlabID(shard: 254, slot: 9, generation: 1)).fixtureIndex == nil)
        #expect(Slab<Int>(shard: 254).contains(PollToken.fixture(0).slabID) == false)
    }

    @Test func fullSocketWouldBlockAndBrokenOneFails() throws {
        var pair = try Syscall.socketPair()
        let pairFirst = pair.takeFirst()
        let pairSecond = pair.takeSecond()
        let block = [UInt8](repeating: 0, count: 65_536)
        var result = SendResult.sent(0)
        while case .sent = result { result = Syscall.send(pairFirst, block.span) }
        #expect(result == .wouldBlock)
        _ = consume pairSecond
        guard case .failed = Syscall.send(pairFirst, block.span) else {
            Issue.record("writing to a closed peer succeeded")
            return
        }
    }
}
