import ChatModel
import Dispatch
import EventLog
import Synchronization
import Testing

@Suite struct SnapshotTests {
    /// Confined to one test: what its threads share.
    private final class Shared: Sendable {
        let committed = Atomic<Int64>(0)
        let isDone = Atomic<Bool>(false)
        let problems = Mutex<[String]>([])
        func note(_ problem: String) { problems.withLock { $0.append(problem) } }
    }

    /// Two records that always change together, one writer, three readers.
    @Test func aReadSeesWholeCommitsAndAllBeforeIt() throws {
        let file = TemporaryFile()
        var options = StoreOptions()
        (options.durability, options.readersMax, options.checkpointPages) = (.process, 2, 50)
        let store = try SQLiteStore(path: file.path, options: options)
        let app = try store.number(ofApp: "app1")
        let shared = Shared()
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            do {
                if thread == 0 {
                    let log = SQLiteEventLog(store: store)
                    for seq in 1...400 as ClosedRange<Int64> {
                        let changes: [Change] = [
                            .user(user("a", "\(seq)")), .message(message(seq, "b", toUser("c"))),
                            .user(user("b", "\(seq)")),
                        ]
                        _ = try log.commit([LoggedDecision(app: app, seq: seq, changes: changes)])
                        shared.committed.store(seq, ordering: .sequentiallyConsistent)
                    }
                } else {
                    while !shared.isDone.load(ordering: .relaxed) {
                        let floor = shared.committed.load(ordering: .sequentiallyConsistent)
                        let names = try store.users(UserQuery(app: app)).items.compactMap { Int64($0.record.name) }
                        if names.count != (names.isEmpty ? 0 : 2) || Set(names).count > 1 || names.first ?? 0 < floor {
                            shared.note("\(names) after \(floor)")
                        }
                        if floor == 400 { break }
                    }
                }
            } catch {
                shared.note("\(error)")
            }
            if thread == 0 { shared.isDone.store(true, ordering: .relaxed) }
        }
        #expect(shared.problems.withLock { $0 }.isEmpty)
        #expect(try store.positions(app).committed == 400)
    }
}
