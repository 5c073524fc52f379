import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

/// protocol.md §3.11.
@Suite struct ShardResumeTests {
    let shard = ShardHarness(position: 110)

    @Test func whatWasMissedComesFirstThenResumedThenLiveTraffic() {
        let bob = resume("bob", after: 100)
        #expect(
            shard.sink.replays.map(\.query) == [
                ReplayQuery(
                    app: ShardHarness.app, uid: UserID("bob")!, session: SessionID("s1")!, after: 100, through: 110,
                    eventsMax: 256, bytesMax: 262_144)
            ])
        shard.message(111, from: "alice", to: .to("bob"))
        page(bob, [103, 107], next: 107)
        shard.message(112, from: "alice", to: .to("bob"))
        #expect(shard.sink.replays.last?.query.after == 107)
        page(bob, [110], next: nil)
        shard.message(113, from: "alice", to: .to("bob"))
        #expect(
            shard.texts(bob) == [
                "e103", "e107", "e110", #"{"type":"resumed","body":{"count":3,"complete":true,"seq":110}}"#, "m111",
                "m112", "m113",
            ])
    }

    @Test(arguments: [110, 111, 5_000] as [Int64])
    func aPositionAtOrBeyondTheLogIsAsIfCurrent(lastSeq: Int64) {
        let bob = shard.beginConnect("bob", body: #","resume":{"lastSeq":\#(lastSeq)}"#)
        shard.finishConnect(bob, "bob")
        #expect(shard.sink.replays.isEmpty)
        #expect(shard.texts(bob).last == #"{"type":"resumed","body":{"count":0,"complete":true,"seq":110}}"#)
        shard.message(111, from: "alice", to: .to("bob"))
        #expect(shard.texts(bob) == ["m111"])
    }

    @Test func aNegativePositionIsRefused400() {
        let connection = shard.open()
        shard.text(
            connection, ShardHarness.auth("bob", session: "s1", body: #","resume":{"lastSeq":-1}"#))
        let frames = shard.read(connection)
        #expect(frames.first?.text.contains(#""code":"400""#) == true)
        #expect(frames.last?.text == "4003")
    }

    @Test func overTheLimitTheOldestAreSentAndTheRestIsLeftToREST() {
        let shard = ShardHarness(position: 110) { $0.resumeLimit = 2 }
        let bob = resume("bob", after: 100, shard)
        #expect(shard.sink.replays[0].query.eventsMax == 3)
        shard.message(111, from: "alice", to: .to("bob"))
        page(bob, [101, 102, 103], next: 103, shard)
        #expect(
            shard.texts(bob) == [
                "e101", "e102", #"{"type":"resumed","body":{"count":2,"complete":false,"seq":102}}"#, "m111",
            ])
    }

    @Test func exactlyTheLimitIsComplete() {
        let shard = ShardHarness(position: 110) { $0.resumeLimit = 2 }
        let bob = resume("bob", after: 100, shard)
        page(bob, [101, 102], next: nil, shard)
        #expect(shard.texts(bob).last == #"{"type":"resumed","body":{"count":2,"complete":true,"seq":110}}"#)
    }

    @Test func whatRetentionRemovedMakesItIncomplete() {
        let bob = resume("bob", after: 3)
        shard.core.replayPage(bob, EncodedReplayPage(events: events([100]), next: nil, hasGap: true))
        #expect(shard.texts(bob).last == #"{"type":"resumed","body":{"count":1,"complete":false,"seq":110}}"#)
    }

    @Test func theNextPageWaitsForTheQueueAndReplayNeverCountsAgainstTheHardLimit() {
        let bob = resume("bob", after: 0)
        shard.core.blocked(bob)
        let big = String(repeating: "z", count: 700_000)
        for seq in [1, 2] as [Int64] {
            shard.core.replayPage(
                bob,
                EncodedReplayPage(
                    events: [.init(seq: seq, frame: ShardHarness.frame(big), kind: .durable)], next: seq))
            shard.core.flushed()
            #expect(shard.sink.closings.isEmpty)
        }
        #expect(shard.sink.replays.count == 1, "asked again only when the queue is below the soft limit")
        shard.pass(5_000)
        #expect(shard.sink.replays.count == 1)
        _ = shard.readBytes(bob, bufferBytes: 8_192)
        #expect(shard.sink.replays.count == 2)
    }

    @Test func liveTrafficPastWhatMayBeHeldIsReadFromTheStoreAndNotCounted() {
        let shard = ShardHarness(position: 110) { $0.replayHeldMax = 2 }
        let bob = resume("bob", after: 100, shard)
        for seq in 111...115 { shard.message(Int64(seq), from: "alice", to: .to("bob")) }
        page(bob, [105], next: nil, shard)
        #expect(shard.sink.replays.last?.query.after == 110)
        #expect(shard.sink.replays.last?.query.through == 115)
        shard.message(116, from: "alice", to: .to("bob"))
        page(bob, [111, 112, 113, 114, 115], next: nil, shard)
        #expect(
            shard.texts(bob) == [
                "e105", #"{"type":"resumed","body":{"count":1,"complete":true,"seq":110}}"#, "e111", "e112", "e113",
                "e114", "e115", "m116",
            ])
    }

    @Test func answersAreHeldAndKeepTheirPlace() {
        let shard = ShardHarness(position: 110) { $0.replayHeldMax = 2 }
        let bob = resume("bob", after: 100, shard)
        shard.text(bob, Frames.message(to: "alice", ref: "c1"))
        for seq in 111...113 { shard.message(Int64(seq), from: "alice", to: .to("bob")) }
        shard.walk(
            seq: 114, reply: .message(ShardHarness.view(114, from: "bob", to: .to("alice")), duplicate: false),
            to: bob, request: shard.sink.commands[0].replyTo!.request)
        shard.message(115, from: "alice", to: .to("bob"))
        page(bob, [], next: nil, shard)
        page(bob, [111, 112, 113, 115], next: nil, shard)
        let texts = shard.texts(bob)
        #expect(texts.count == 6)
        #expect(texts[0].contains("resumed"))
        #expect(Array(texts[1...3]) == ["e111", "e112", "e113"])
        #expect(texts[4].contains(#""ref":"c1""#))
        #expect(texts[5] == "e115")
    }

    @Test func whileItReplaysASessionIsServedAndGetsNoTyping() {
        let bob = resume("bob", after: 100, presence: "FRIENDS")
        shard.typing("alice", to: .to("bob"))
        shard.presence("alice", online: true)
        shard.text(bob, Frames.ping)
        shard.text(bob, Frames.message(to: "alice", ref: "c1"))
        #expect(shard.sink.commands.count == 1)
        #expect(shard.texts(bob) == [#"{"action":"pong"}"#])
        page(bob, [], next: nil)
        #expect(shard.texts(bob).last == "alice online")
    }

    @Test func aPageThatCannotBeReadIsAskedForAgainAndAtLastTheConnectionClosed4100() {
        let bob = resume("bob", after: 100)
        shard.core.replayPage(bob, nil)
        #expect(shard.sink.replays.count == 1)
        shard.pass(1_000)
        #expect(shard.sink.replays.count == 2)
        page(bob, [105], next: 105)
        #expect(shard.sink.replays.count == 3)
        shard.sink.hasRoomForJobs = false
        shard.core.replayPage(bob, nil)
        for _ in 0..<40 {
            shard.pass(500)
            shard.text(bob, Frames.ping)
        }
        #expect(shard.closeCode(bob) == 4100)
    }

    @Test func aReplayEndsWithItsConnection() {
        let bob = resume("bob", after: 100)
        shard.core.end(bob, .draining)
        page(bob, [105], next: nil)
        #expect(shard.closeCode(bob) == 4200)
        shard.core.closed(bob)
        page(bob, [105], next: nil)
        #expect(shard.core.counters.replayed == 0)
    }

    private func resume(
        _ uid: String, after lastSeq: Int64, presence: String = "NONE", _ other: ShardHarness? = nil
    ) -> ConnectionReference {
        (other ?? shard).connect(
            uid, session: "s1", friends: ["alice"],
            body: #","presenceSubscription":"\#(presence)","resume":{"lastSeq":\#(lastSeq)}"#)
    }

    private func resume(_ uid: String, after lastSeq: Int64, _ other: ShardHarness) -> ConnectionReference {
        resume(uid, after: lastSeq, presence: "NONE", other)
    }

    private func events(_ seqs: [Int64]) -> [EncodedReplayPage.Event] {
        seqs.map { .init(seq: $0, frame: ShardHarness.frame("e\($0)"), kind: .durable) }
    }

    private func page(_ connection: ConnectionReference, _ seqs: [Int64], next: Int64?, _ other: ShardHarness? = nil) {
        (other ?? shard).core.replayPage(connection, EncodedReplayPage(events: events(seqs), next: next))
    }
}
