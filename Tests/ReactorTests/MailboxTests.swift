import Testing

@testable import Reactor

@Suite struct MailboxTests {
    @Test func drainGivesEverythingInOrderOnce() throws {
        let mailbox = try Mailbox<Int>()
        mailbox.post(1)
        mailbox.post(contentsOf: [2, 3])
        var batch: [Int] = [99]
        mailbox.drain(into: &batch)
        #expect(batch == [1, 2, 3])
        mailbox.drain(into: &batch)
        #expect(batch.isEmpty)
    }

    @Test func droppableMessageIsRefusedAndCountedAtTheBoundAndOthersAreNot() throws {
        let mailbox = try Mailbox<Int>(droppableMax: 2)
        #expect(mailbox.postDroppable(1))
        #expect(mailbox.postDroppable(2))
        #expect(!mailbox.postDroppable(3))
        #expect(mailbox.post(4))
        #expect(mailbox.dropped == 1)
        #expect(mailbox.depth == 3)
    }

    @Test func waitingMessagesForbidSleep() throws {
        let mailbox = try Mailbox<Int>()
        #expect(mailbox.prepareToSleep())
        mailbox.post(1)
        #expect(!mailbox.prepareToSleep())
    }

    @Test func onlyTheFirstPostAfterASleepWasAnnouncedSignals() throws {
        let mailbox = try Mailbox<Int>()
        let poller = try Poller()
        try poller.addMailbox(mailbox.wakeEvent)
        mailbox.post(1)
        #expect(poller.wait(timeoutMs: 0) == 0)
        var batch: [Int] = []
        mailbox.drain(into: &batch)
        #expect(mailbox.prepareToSleep())
        mailbox.post(2)
        #expect(poller.wait(timeoutMs: 0) == 1)
        mailbox.post(3)
        #expect(poller.wait(timeoutMs: 0) == 0)
        mailbox.drain(into: &batch)
        #expect(batch == [2, 3])
        #expect(mailbox.prepareToSleep())
        mailbox.post(4)
        #expect(poller.wait(timeoutMs: 0) == 1)
    }

    @Test func closedMailboxRefusesPostsAndEndsItsConsumer() throws {
        let mailbox = try Mailbox<Int>()
        mailbox.post(1)
        mailbox.close()
        #expect(!mailbox.post(2))
        var batch: [Int] = []
        #expect(mailbox.waitAndDrain(into: &batch))
        #expect(batch == [1])
        #expect(!mailbox.waitAndDrain(into: &batch))
        #expect(batch.isEmpty)
    }

    @Test func waitEndsWithItsTimeout() throws {
        let mailbox = try Mailbox<Int>()
        var batch: [Int] = []
        #expect(mailbox.waitAndDrain(into: &batch, timeoutMs: 1))
        #expect(batch.isEmpty)
    }

    @Test func manyThreadsPostAndNothingIsLostOrReorderedPerThread() throws {
        struct Note: Sendable {
            let thread: Int
            let number: Int
        }
        let mailbox = try Mailbox<Note>()
        let perThread = 20_000
        let posters = try (0..<4).map { thread in
            try SystemThread(name: "poster-\(thread)") {
                for number in 0..<perThread { mailbox.post(Note(thread: thread, number: number)) }
            }
        }
        let closer = try SystemThread(name: "closer") {
            for poster in posters { poster.join() }
            mailbox.close()
        }
        var next = [0, 0, 0, 0]
        var batch: [Note] = []
        while mailbox.waitAndDrain(into: &batch) {
            for note in batch {
                #expect(next[note.thread] == note.number)
                next[note.thread] = note.number + 1
            }
        }
        closer.join()
        #expect(next == [perThread, perThread, perThread, perThread])
    }
}
