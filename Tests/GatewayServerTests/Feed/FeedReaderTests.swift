import ChatModel
import Reactor
import Testing

@testable import GatewayServer

/// The table of `FeedReader`, row by row.
@Suite struct FeedReaderTests {
    private func page(_ reached: Int64, isLast: Bool) -> FeedPages.Encoded {
        FeedPages.Encoded(bytes: [10], reached: reached, isLast: isLast)
    }

    private func reader(_ state: FeedReader.State) -> FeedReader {
        var reader = FeedReader(app: AppNumber(1), after: 5, nowMs: 0)
        switch state {
        case .reading: break
        case .stale: _ = reader.grown()
        case .waiting: _ = reader.took(page(5, isLast: true), isBlocked: false)
        case .blocked: _ = reader.took(page(5, isLast: false), isBlocked: true)
        case .ended: reader.end()
        }
        #expect(reader.state == state)
        return reader
    }

    @Test(arguments: [
        (FeedReader.State.reading, FeedReader.State.stale, false), (.stale, .stale, false), (.waiting, .reading, true),
        (.blocked, .blocked, false), (.ended, .ended, false),
    ]) func grown(_ before: FeedReader.State, _ after: FeedReader.State, _ reads: Bool) {
        var reader = reader(before)
        let readsNow = reader.grown()
        #expect(readsNow == reads)
        #expect(reader.state == after)
    }

    @Test(arguments: [
        (FeedReader.State.reading, true, FeedReader.State.waiting), (.reading, false, .reading),
        (.stale, true, .reading), (.stale, false, .reading),
    ]) func tookAPage(_ before: FeedReader.State, _ isLast: Bool, _ after: FeedReader.State) {
        var reader = reader(before)
        let readsOn = reader.took(page(9, isLast: isLast), isBlocked: false)
        #expect(readsOn == (after == .reading))
        #expect(reader.state == after)
        #expect(reader.cursor == 9)
    }

    @Test(arguments: [FeedReader.State.reading, .stale], [true, false])
    func aPageThatFillsTheSocketWaitsForIt(_ before: FeedReader.State, _ isLast: Bool) {
        var reader = reader(before)
        let readsOn = reader.took(page(9, isLast: isLast), isBlocked: true)
        #expect(!readsOn)
        #expect(reader.state == .blocked)
        let readsThen = reader.writable()
        #expect(readsThen)
        #expect((reader.state, reader.cursor) == (.reading, 9))
    }

    @Test(arguments: [FeedReader.State.waiting, .blocked, .ended])
    func aPageNobodyWaitsForIsDropped(_ before: FeedReader.State) {
        var reader = reader(before)
        let readsOn = reader.took(page(9, isLast: true), isBlocked: false)
        #expect(!readsOn)
        #expect((reader.state, reader.cursor) == (before, 5))
    }

    @Test(arguments: [FeedReader.State.reading, .stale, .waiting, .ended])
    func onlyTheBlockedReadWhenTheSocketIsFree(_ before: FeedReader.State) {
        var reader = reader(before)
        let readsNow = reader.writable()
        #expect(!readsNow)
        #expect(reader.state == before)
    }

    @Test func whatFoundNoRoomIsTriedAgain() {
        var waiting = reader(.reading)
        waiting.postponed()
        let isTriedAgain = waiting.writable()
        #expect(isTriedAgain)
        var over = reader(.ended)
        over.postponed()
        let isTriedAfterTheEnd = over.writable()
        #expect(!isTriedAfterTheEnd)
    }

    @Test(arguments: [
        (FeedReader.State.reading, true), (.stale, true), (.waiting, true), (.blocked, false), (.ended, false),
    ]) func anEmptyLineIsDueEveryFifteenSeconds(_ state: FeedReader.State, _ isDue: Bool) {
        var reader = reader(state)
        let early = reader.keepAlive(nowMs: 14_999)
        #expect(!early)
        let due = reader.keepAlive(nowMs: 15_000)
        #expect(due == isDue)
        let againEarly = reader.keepAlive(nowMs: 29_999)
        #expect(!againEarly)
        let againDue = reader.keepAlive(nowMs: 30_000)
        #expect(againDue == isDue)
    }

    @Test func aTableKnowsWhoseFeedHasGrown() {
        var readers = FeedReaders()
        #expect(readers.isEmpty)
        for index in 0..<UInt64(FeedReaders.countMax) {
            #expect(!readers.isFull)
            var reader = FeedReader(app: AppNumber(Int32(index % 2)), after: 0, nowMs: 0)
            _ = reader.took(page(0, isLast: true), isBlocked: false)
            readers.add(reader, SlabID(rawValue: index))
        }
        #expect(readers.isFull)
        let due = readers.grown([AppNumber(1)])
        #expect(Set(due.map(\.rawValue)) == Set(stride(from: 1, to: UInt64(FeedReaders.countMax), by: 2)))
        let again = readers.grown([AppNumber(1)])
        #expect(again.isEmpty)
        readers.remove(SlabID(rawValue: 0))
        #expect(!readers.isFull)
        let silent = readers.keepAlive(nowMs: 15_000)
        #expect(silent.count == FeedReaders.countMax - 1)
        let unknown = readers.update(SlabID(rawValue: 0)) { $0.state }
        #expect(unknown == nil)
    }
}
