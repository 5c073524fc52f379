import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct AudienceTableTests {
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func bothSidesAgreeWithANaiveModel(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var table = AudienceTable<Int>()
        var model: [Int: Set<UInt32>] = [:]
        for _ in 0..<600 {
            let key = Int.random(in: 0..<8, using: &random)
            let member = UInt32.random(in: 0..<12, using: &random)
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5: #expect(table.join(key, member) == model[key, default: []].insert(member).inserted)
            case 5..<8: #expect(table.leave(key, member) == (model[key, default: []].remove(member) != nil))
            case 8:
                table.leaveAll(member)
                for key in model.keys { model[key]!.remove(member) }
            default:
                table.dissolve(key)
                model[key] = []
            }
            if let problem = table.selfCheck() {
                Issue.record("seed \(seed): \(problem)")
                return
            }
        }
        for key in 0..<8 {
            let members = table.find(key).map { Set(table.audiences[$0].members.map(\.number)) } ?? []
            #expect(members == model[key, default: []], "seed \(seed)")
        }
        #expect(table.count == model.values.count { !$0.isEmpty })
    }
}

@Suite struct OutboundQueueTests {
    @Test(arguments: [0, 1, 125, 126, 65_535, 65_536], [1, 2, 3, 4, 9, 10, 11, 126, 4_096, 70_000])
    func headersAndPayloadsSurviveEveryBufferSize(size: Int, buffer: Int) {
        let shard = ShardHarness()
        let connection = shard.connect("bob")
        let text = String(repeating: "y", count: size)
        shard.message(101, from: "alice", to: .to("bob"), text: text)
        shard.message(102, from: "alice", to: .to("bob"), text: "end")
        #expect(shard.core.outputBytes(connection) == OutboundQueues.wireBytes(size) + 5)
        let frames = shard.read(connection, bufferBytes: buffer)
        #expect(frames == [.init(opcode: 1, text: text), .init(opcode: 1, text: "end")])
        #expect(!shard.core.hasOutput(connection))
    }

    @Test func lanesLeaveInTheOrderOfTheirUrgencyAndEachInItsOwn() {
        var queues = OutboundQueues()
        var queue = noSlot
        for (kind, text) in [
            (OutboundKind.fleeting, "f1"), (.presence, "p1"), (.receipt, "r1"), (.durable, "d1"), (.control, "c1"),
            (.receipt, "r2"), (.presence, "p2"), (.control, "c2"), (.fleeting, "f2"),
        ] {
            queues.append(ShardHarness.frame(text), to: &queue, kind: kind)
        }
        var buffer = [UInt8](repeating: 0, count: 100)
        var span = buffer.mutableSpan
        let result = queues.drain(&queue, into: &span)
        #expect(!result.remains && !result.ended)
        let texts = ShardHarness.parse(Array(buffer[..<result.written])).map(\.text)
        #expect(texts == ["c1", "c2", "r1", "d1", "r2", "p1", "p2", "f1", "f2"])
        #expect(queue == noSlot)
        #expect(queues.framesWaiting == 0)
    }

    @Test func nothingFollowsTheCloseFrame() {
        var queues = OutboundQueues()
        var queue = noSlot
        queues.append(
            ShardHarness.frame("xx"), to: &queue, kind: .control, opcode: .close, lane: OutboundQueues.endingLane)
        var buffer = [UInt8](repeating: 0, count: 100)
        var span = buffer.mutableSpan
        let result = queues.drain(&queue, into: &span)
        #expect(result.ended && result.written == 4)
    }

    @Test func theArenaIsReusedSoThatDeliveryAllocatesNothing() {
        let shard = ShardHarness()
        let connection = shard.connect("bob")
        for seq in 101..<111 { shard.message(Int64(seq), from: "alice", to: .to("bob")) }
        shard.read(connection)
        let (nodes, queues) = (shard.core.tables.queues.nodes.count, shard.core.tables.queues.queues.count)
        for round in 0..<50 {
            for index in 0..<10 { shard.message(Int64(200 + round * 10 + index), from: "alice", to: .to("bob")) }
            #expect(shard.read(connection).count == 10)
        }
        #expect(shard.core.tables.queues.nodes.count == nodes)
        #expect(shard.core.tables.queues.queues.count == queues)
    }

    @Test func theArenaGivesTheMemoryOfABurstBackWhenItIsOver() {
        let shard = ShardHarness()
        let connection = shard.connect("bob")
        for seq in 101..<3_101 { shard.message(Int64(seq), from: "alice", to: .to("bob")) }
        shard.pass(600)
        #expect(shard.core.tables.queues.nodes.count >= 3_000, "nothing is given back while frames wait")
        #expect(shard.read(connection).count == 3_000)
        shard.pass(600)
        #expect(shard.core.tables.queues.nodes.isEmpty && shard.core.tables.queues.queues.isEmpty)
        shard.message(4_000, from: "alice", to: .to("bob"))
        #expect(shard.texts(connection) == ["m4000"])
    }

    @Test func eachTouchedConnectionIsNamedOnce() {
        let shard = ShardHarness()
        let (bob, carol) = (shard.connect("bob"), shard.connect("carol"))
        shard.message(101, from: "alice", to: .to("bob"))
        shard.message(102, from: "alice", to: .to("bob"))
        shard.message(103, from: "alice", to: .to("carol"))
        shard.core.closed(carol)
        var touched: [ConnectionReference] = []
        shard.core.takeTouched(into: &touched)
        #expect(touched == [bob])
        shard.core.takeTouched(into: &touched)
        #expect(touched.isEmpty)
    }
}

@Suite struct PresenceJournalTests {
    @Test func aCursorReadsEachUsersLatestStateOnceAndNeverItsOwn() {
        var journal = PresenceJournal()
        var cursor = journal.head
        for (uid, text) in [("a", "a1"), ("b", "b1"), ("me", "me1"), ("a", "a2"), ("c", "c1")] {
            journal.record(UserID(uid)!, ShardHarness.frame(text))
        }
        #expect(read(journal, &cursor, budget: 2) == ["b1", "a2"])
        #expect(read(journal, &cursor, budget: 2) == ["c1"])
        #expect(read(journal, &cursor, budget: 2) == [])
        journal.record(UserID("b")!, ShardHarness.frame("b2"))
        #expect(read(journal, &cursor, budget: 2) == ["b2"])
    }

    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func laggingCursorsLoseNoLastState(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var journal = PresenceJournal()
        var cursors = [UInt64](repeating: 0, count: 3)
        var known = [[String: Int]](repeating: [:], count: 3)
        var latest: [String: Int] = [:]
        for step in 0..<4_000 {
            if random.chance(60) {
                let uid = "u\(Int.random(in: 0..<40, using: &random))"
                latest[uid] = step
                journal.record(UserID(uid)!, ShardHarness.frame("\(uid) \(step)"))
            } else {
                let reader = Int.random(in: 0..<3, using: &random)
                learn(&known[reader], read(journal, &cursors[reader], budget: Int.random(in: 0..<6, using: &random)))
                if random.chance(30) { journal.trim(before: cursors.min()!) }
            }
        }
        for reader in 0..<3 {
            learn(&known[reader], read(journal, &cursors[reader], budget: .max))
            #expect(known[reader] == latest, "seed \(seed)")
        }
        journal.trim(before: journal.head)
        #expect(journal.count == 0)
    }

    private func read(_ journal: PresenceJournal, _ cursor: inout UInt64, budget: Int) -> [String] {
        var texts: [String] = []
        journal.read(from: &cursor, except: UserID("me")!, budget: budget) {
            texts.append(String(decoding: $1.payload, as: UTF8.self))
        }
        return texts
    }

    private func learn(_ known: inout [String: Int], _ texts: [String]) {
        for text in texts {
            let parts = text.split(separator: " ")
            let step = Int(parts[1])!
            #expect(known[String(parts[0]), default: -1] < step)
            known[String(parts[0])] = step
        }
    }
}

@Suite struct MemoryBudgetTests {
    @Test func anIdleSessionInTenGroupsStaysWellUnderAKilobyte() {
        // What grows with the session itself; its names and the shares of shared tables come on top: about 96 bytes for
        // the session id, 16 per group and side with the slack of growing, 60 for the user's entry and index.
        #expect(MemoryLayout<Session>.stride <= 256)
        #expect(MemoryLayout<AudienceTable<GroupID>.Member>.stride == 8)
        #expect(MemoryLayout<OutboundQueues.Node>.stride <= 16)
        let shard = ShardHarness()
        shard.connect("bob", groups: (0..<10).map { "group\($0)" })
        let session = shard.core.tables.sessions[0]
        #expect(session.opening == nil && session.replay == nil && session.pendingPresence == nil)
        #expect(session.queue == noSlot && session.requests.capacity == 0)
    }
}
