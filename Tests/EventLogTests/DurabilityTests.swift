import CSyncCounter
import ChatModel
import EventLog
import Testing

@Suite struct DurabilityTests {
    /// Syncs of any file of the store during `body`, after a first commit that begins a fresh write-ahead log.
    private func syncs(_ durability: StoreOptions.Durability, _ body: (Bench) throws -> Void) throws -> Int32 {
        #expect(csync_install() == 0)
        let bench = try Bench(.sqlite, durability: durability)
        try bench.send(message(1, "a", toUser("b")))
        // SAFETY: both calls only read the text while they run.
        let before = unsafe csync_count(bench.path)
        try body(bench)
        return unsafe csync_count(bench.path) - before
    }

    @Test func underPowerEachGroupCommitIsSyncedOnce() throws {
        let count = try syncs(.power) { bench in
            for batch in 0..<20 as Range<Int64> {
                try bench.commit(
                    (0..<50 as Range<Int64>).map { index in
                        let id = 2 + batch * 50 + index
                        return LoggedDecision(
                            app: bench.app, seq: id, changes: [.message(message(id, "a", toUser("b"), muid: "\(id)"))])
                    })
            }
        }
        #expect(count == 20)
    }

    @Test func underProcessNoCommitIsSynced() throws {
        let count = try syncs(.process) { bench in
            for id in 2..<40 as Range<Int64> { try bench.send(message(id, "a", toUser("b"))) }
        }
        #expect(count == 0)
    }

    @Test(arguments: StoreOptions.Durability.allCases)
    func aReservationIsSyncedWhateverTheDurability(_ durability: StoreOptions.Durability) throws {
        #expect(try syncs(durability) { bench in try bench.log.reserve(bench.app, through: 10) } == 1)
    }

    @Test func afterAReservationProcessCommitsAreUnsyncedAgain() throws {
        let count = try syncs(.process) { bench in
            try bench.log.reserve(bench.app, through: 10)
            try bench.send(message(2, "a", toUser("b")))
        }
        #expect(count == 1)
    }
}
