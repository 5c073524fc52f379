import ChatModel
import Testing
import WireProtocol

@testable import GatewayCore

@Suite struct ReceiptTests {
    /// alice (1), bob (2), carol (3) in group g.
    private func world(_ rules: CoreRules = CoreRules()) -> World {
        let world = World(rules)
        world.user("alice", "bob", "carol", "dave")
        world.group("g", ["alice", "bob", "carol"])
        for (index, uid) in ["alice", "bob", "carol", "dave"].enumerated() { world.connect(uid, UInt64(index + 1)) }
        world.forget()
        return world
    }

    @Test func aReceiptGoesToTheAuthorWithItsOwnPosition() throws {
        let world = world()
        let id = try #require(world.send(1, to: user("bob"))?.messageID)
        world.forget()
        world.receipt(.delivered, 2, user("alice"), id)
        #expect(world.receipts == ["delivered \(id) by bob to alice"])
        let decision = try #require(world.decisions.first)
        #expect(decision.seq == id + 1)
        guard case .receipt(let event, _)? = decision.projections.first else { return }
        #expect(event.seq == decision.seq)
        #expect(event.at == world.wall)
    }

    @Test func readImpliesDeliveredInOneEventAndBothMarks() throws {
        let world = world()
        let id = try #require(world.send(1, to: user("bob"))?.messageID)
        world.forget()
        world.receipt(.read, 2, user("alice"), id)
        #expect(world.receipts == ["read \(id) by bob to alice"])
        #expect(world.store.marks.values.first?.count == 2)
        world.receipt(.delivered, 2, user("alice"), id)
        #expect(world.receipts.count == 1)
    }

    @Test func aMarkThatMovesNothingMakesNoEvent() throws {
        let world = world()
        let first = try #require(world.send(1, to: user("bob"))?.messageID)
        let second = try #require(world.send(1, to: user("bob"))?.messageID)
        world.forget()
        world.receipt(.read, 2, user("alice"), second)
        world.receipt(.read, 2, user("alice"), second)
        #expect(world.receipt(.read, 2, user("alice"), first)?.isDone == true)
        #expect(world.receipts == ["read \(second) by bob to alice"])
    }

    @Test func theAuthorIsLookedUpAlsoForAnOldMessage() throws {
        let world = world()
        var rules = CoreRules()
        rules.sendsPerMinute = 0
        world.core.apply(rules)
        let first = try #require(world.send(1, to: user("bob"))?.messageID)
        for _ in 0..<100 { world.send(1, to: user("bob")) }
        world.forget()
        world.receipt(.read, 2, user("alice"), first)
        #expect(world.receipts == ["read \(first) by bob to alice"])
    }

    @Test func aMessageOfAnotherConversationIsNotFound() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        #expect(world.receipt(.read, 2, user("alice"), id)?.failureCode == .messageIDNotFound)
        #expect(world.receipt(.read, 2, group("g"), 99_999)?.failureCode == .messageIDNotFound)
    }

    @Test func onesOwnMessageStandsForTheNewestBeforeItOfSomebodyElse() throws {
        let world = world()
        let theirs = try #require(world.send(1, to: user("bob"))?.messageID)
        let own = try #require(world.send(2, to: user("alice"))?.messageID)
        world.forget()
        world.receipt(.read, 2, user("alice"), own)
        #expect(world.receipts == ["read \(theirs) by bob to alice"])
    }

    @Test func receiptsOfANonMemberAreRefused() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        #expect(world.receipt(.read, 4, group("g"), id)?.failureCode == .notAMember)
    }

    @Test func readFromABackgroundConnectionIsRefused() throws {
        let world = world()
        let id = try #require(world.send(1, to: user("bob"))?.messageID)
        world.ask(.appState(.background), as: .connection(c(2)))
        world.forget()
        #expect(world.receipt(.read, 2, user("alice"), id)?.failureCode == .appInBackground)
        world.receipt(.delivered, 2, user("alice"), id)
        world.ask(.appState(.foreground), as: .connection(c(2)))
        world.receipt(.read, 2, user("alice"), id)
        #expect(world.receipts == ["delivered \(id) by bob to alice", "read \(id) by bob to alice"])
    }

    @Test func whenTheLastReaderHasItTheAuthorIsToldOfAll() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.forget()
        world.receipt(.delivered, 2, group("g"), id)
        world.receipt(.read, 3, group("g"), id)
        world.receipt(.read, 2, group("g"), id)
        #expect(
            world.receipts == [
                "delivered \(id) by bob to alice", "read \(id) by carol to alice", "deliveredToAll \(id) to alice",
                "read \(id) by bob to alice", "readByAll \(id) to alice",
            ])
        let positions = world.decisions.map(\.seq).filter { $0 > 0 }
        #expect(positions == Array(Set(positions)).sorted())
    }

    @Test func readByAllSendsDeliveredToAllFirstIfItWasNotYet() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.receipt(.read, 2, group("g"), id)
        world.forget()
        world.receipt(.read, 3, group("g"), id)
        #expect(
            world.receipts == [
                "read \(id) by carol to alice", "deliveredToAll \(id) to alice", "readByAll \(id) to alice",
            ])
    }

    @Test func theAuthorsOwnMarkHoldsNobodyUp() throws {
        let world = world()
        let fromAlice = try #require(world.send(1, to: group("g"))?.messageID)
        let fromBob = try #require(world.send(2, to: group("g"))?.messageID)
        world.forget()
        world.receipt(.read, 3, group("g"), fromBob)
        world.receipt(.read, 2, group("g"), fromAlice)
        #expect(world.receipts.filter { $0.contains("ByAll") } == ["readByAll \(fromAlice) to alice"])
        world.receipt(.read, 1, group("g"), fromBob)
        #expect(
            world.receipts.filter { $0.contains("ByAll") }
                == ["readByAll \(fromAlice) to alice", "readByAll \(fromBob) to bob"])
    }

    @Test func whoJoinedLaterIsNotWaitedFor() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.receipt(.read, 2, group("g"), id)
        world.ask(.join(g("g"), passwordHash: nil), as: .connection(c(4)))
        world.forget()
        world.receipt(.read, 3, group("g"), id)
        #expect(world.receipts.last == "readByAll \(id) to alice")
        // A later message waits for all four.
        let next = try #require(world.send(1, to: group("g"))?.messageID)
        world.forget()
        world.receipt(.read, 2, group("g"), next)
        world.receipt(.read, 3, group("g"), next)
        #expect(!world.receipts.contains("readByAll \(next) to alice"))
        world.receipt(.read, 4, group("g"), next)
        #expect(world.receipts.last == "readByAll \(next) to alice")
    }

    @Test func leavingCompletesWhatOnlyTheLeaverLacked() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.receipt(.read, 2, group("g"), id)
        world.forget()
        world.ask(.leave(g("g")), as: .connection(c(3)))
        #expect(world.receipts == ["deliveredToAll \(id) to alice", "readByAll \(id) to alice"])
    }

    @Test func deletionOfAUserCompletesLikeLeaving() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.receipt(.read, 2, group("g"), id)
        world.forget()
        world.ask(.deleteUser(u("carol"), permanent: true))
        #expect(world.receipts == ["deliveredToAll \(id) to alice", "readByAll \(id) to alice"])
    }

    @Test func whoLeftAndCameBackIsNotWaitedForWithOldMessages() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.ask(.leave(g("g")), as: .connection(c(3)))
        world.ask(.join(g("g"), passwordHash: nil), as: .connection(c(3)))
        world.forget()
        world.receipt(.read, 2, group("g"), id)
        #expect(world.receipts.last == "readByAll \(id) to alice")
    }

    @Test func anAuthorWhoLeftIsToldNothing() throws {
        let world = world()
        let id = try #require(world.send(2, to: group("g"))?.messageID)
        world.ask(.leave(g("g")), as: .connection(c(2)))
        world.receipt(.read, 1, group("g"), id)
        world.forget()
        world.receipt(.read, 3, group("g"), id)
        #expect(!world.receipts.contains { $0.contains("All") })
    }

    @Test func marksSurviveEvictionAndCompleteOnlyOnce() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"))?.messageID)
        world.receipt(.read, 2, group("g"), id)
        var rules = CoreRules()
        rules.cacheBytesMax = 0
        world.core.apply(rules)
        world.advance(seconds: 1)
        world.forget()
        world.receipt(.read, 2, group("g"), id)
        world.receipt(.read, 3, group("g"), id)
        world.receipt(.read, 3, group("g"), id)
        #expect(
            world.receipts == [
                "read \(id) by carol to alice", "deliveredToAll \(id) to alice", "readByAll \(id) to alice",
            ])
    }

    @Test func aDuplicateThatTheLogRefusedIsNoMessageToReceipt() throws {
        let world = world()
        let id = try #require(world.send(1, to: group("g"), muid: "m")?.messageID)
        let again = try #require(world.send(1, to: group("g"), muid: "m")?.messageID)
        let refused = try #require(world.store.messages[again])
        world.core.judgedDuplicate(World.app, refused)
        let later = try #require(world.send(2, to: group("g"))?.messageID)
        world.forget()
        world.receipt(.read, 3, group("g"), later)
        world.receipt(.read, 2, group("g"), id)
        world.receipt(.read, 1, group("g"), later)
        #expect(
            world.receipts.filter { $0.contains("readByAll") } == [
                "readByAll \(id) to alice", "readByAll \(later) to bob",
            ])
    }
}
