import ChatModel
import Testing

@testable import GatewayCore

@Suite struct CallBoardTests {
    private func call(_ name: String, _ initiator: String, _ receiver: Receiver) -> CallRecord {
        CallRecord(
            facts: CallFacts(
                session: CallSessionID(trusted: name), initiator: u(initiator), receiver: receiver, type: .audio,
                initiatedAt: 1))
    }

    private func id(_ name: String) -> CallSessionID { CallSessionID(trusted: name) }

    @Test func bothOfAPairAreBusyUntilItIsOver() {
        var board = CallBoard()
        var record = call("s", "a", user("b"))
        board.set(record, decision: 1)
        #expect(board.call(of: u("a"))?.session == id("s"))
        #expect(board.call(of: u("b"))?.session == id("s"))
        record.apply(.rejected, by: u("b"), at: 2)
        board.set(record, decision: 2)
        #expect(board.call(of: u("a")) == nil)
        #expect(board.call(of: u("b")) == nil)
        #expect(board.count == 0)
        #expect(board[id("s")]?.record.status == .rejected, "known until it is settled")
        board.settle(through: 1)
        #expect(board[id("s")] != nil)
        board.settle(through: 2)
        #expect(board[id("s")] == nil)
    }

    @Test func aGroupCallIsOfTheGroupAndOfThoseInIt() {
        var board = CallBoard()
        var record = call("s", "a", group("g"))
        board.set(record, decision: 1)
        #expect(board.sessions(of: u("a")) == [id("s")])
        #expect(board.sessions(of: g("g")) == [id("s")])
        #expect(board.call(of: u("a")) == nil, "it keeps nobody busy")
        record.apply(.ongoing, by: u("b"), at: 2)
        board.set(record, decision: 2)
        #expect(board.sessions(of: u("b")) == [id("s")])
        record.apply(.left, by: u("a"), at: 3)
        board.set(record, decision: 3)
        #expect(board.sessions(of: u("a")) == [])
        #expect(board.groupCallCount(of: u("b")) == 1)
    }

    @Test func aFailureTakesBackWhatItMadeVoidAndNothingElse() {
        var board = CallBoard()
        var first = call("one", "a", user("b"))
        board.set(first, decision: 1)
        first.apply(.ongoing, by: u("b"), at: 2)
        board.set(first, decision: 3)
        board.set(call("two", "c", user("d")), decision: 4)
        first.apply(.ended, by: u("a"), at: 3)
        board.set(first, decision: 5)
        board.settle(through: 2)
        let gone = board.revert(from: 3)
        #expect(gone.map(\.record.session) == [id("two")])
        #expect(board[id("one")]?.record.status == .initiated)
        #expect(board.call(of: u("b"))?.session == id("one"))
        #expect(board.call(of: u("c")) == nil)
        #expect(board.count == 1)
        board.settle(through: 9)
        #expect(board[id("one")]?.record.status == .initiated)
    }

    @Test func onlyActiveCallsAreTakenUpAtTheStart() {
        var board = CallBoard()
        var over = call("over", "a", user("b"))
        over.finish(.ended)
        board.restore(over)
        board.restore(call("on", "c", user("d")))
        #expect(board.sessions == [id("on")])
        #expect(board.call(of: u("d"))?.session == id("on"))
    }
}
