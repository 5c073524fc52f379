import Testing

@testable import GatewayServer

@Suite struct WebhookQueueTests {
    private func queue(_ lanes: [String], retries: Int = 2) -> WebhookQueue {
        var queue = WebhookQueue(after: 10, retries: retries)
        for (index, lane) in lanes.enumerated() { queue.append(Int64(11 + index), lane: lane, body: [UInt8(index)]) }
        return queue
    }

    private func due(_ queue: inout WebhookQueue, nowMs: Int64 = 0) -> [Int64] {
        var numbers: [Int64] = []
        while let attempt = queue.next(nowMs: nowMs) { numbers.append(attempt.n) }
        return numbers
    }

    @discardableResult
    private func end(_ queue: inout WebhookQueue, _ n: Int64, _ isDelivered: Bool, nowMs: Int64 = 0)
        -> WebhookQueue.Outcome
    {
        queue.finished(n, isDelivered: isDelivered, nowMs: nowMs, chance: 0)
    }

    @Test func oneAtATimeWithinAConversationAndManyBetweenThem() {
        var queue = queue(["a", "a", "b", "a", "c"])
        #expect(due(&queue) == [11, 13, 15])
        end(&queue, 11, true)
        #expect(due(&queue) == [12])
        end(&queue, 13, true)
        end(&queue, 12, true)
        #expect(due(&queue) == [14])
    }

    @Test func aFailedEventHoldsUpItsOwnConversationOnly() {
        var queue = queue(["a", "a", "b", "b"])
        #expect(due(&queue) == [11, 13])
        #expect(end(&queue, 11, false) == .willRetry)
        end(&queue, 13, true)
        #expect(due(&queue) == [14])
        #expect(due(&queue, nowMs: 499) == [])
        #expect(queue.nextDueMs() == 500)
        #expect(due(&queue, nowMs: 500) == [11])
    }

    @Test func attemptsWaitTwiceAsLongEachTimeAndThenTheEventIsSkipped() {
        var queue = queue(["a", "a"], retries: 3)
        var (nowMs, waits): (Int64, [Int64]) = (0, [])
        for _ in 0..<3 {
            #expect(due(&queue, nowMs: nowMs) == [11])
            #expect(end(&queue, 11, false, nowMs: nowMs) == .willRetry)
            waits.append((queue.nextDueMs() ?? 0) - nowMs)
            nowMs += waits.last ?? 0
        }
        #expect(waits == [500, 1_000, 2_000])
        #expect(due(&queue, nowMs: nowMs) == [11])
        #expect(end(&queue, 11, false, nowMs: nowMs) == .skipped)
        #expect(queue.through == 11)
        #expect(due(&queue, nowMs: nowMs) == [12])
    }

    @Test func withoutRetriesTheFirstFailureIsTheLast() {
        var queue = queue(["a"], retries: 0)
        #expect(due(&queue) == [11])
        #expect(end(&queue, 11, false) == .skipped)
        #expect(queue.through == 11)
    }

    @Test func aWaitIsBetweenHalfAndAllOfItsTimeAndBounded() {
        #expect(WebhookRules.waitMs(failures: 1, chance: 0) == 500)
        #expect(WebhookRules.waitMs(failures: 1, chance: 0.999) < 1_000)
        #expect(WebhookRules.waitMs(failures: 5, chance: 0.5) == 12_000)
        #expect(WebhookRules.waitMs(failures: 1_000, chance: 0.999) <= WebhookRules.backoffMsMax)
        #expect(WebhookRules.waitMs(failures: 1_000, chance: 0) == WebhookRules.backoffMsMax / 2)
    }

    @Test func thePositionIsWhereNothingBeforeIsOpen() {
        var queue = queue(["a", "b", "c"])
        #expect(queue.through == 10)
        #expect(due(&queue) == [11, 12, 13])
        end(&queue, 12, true)
        #expect(queue.through == 10)
        end(&queue, 11, true)
        #expect(queue.through == 12)
        queue.advance(through: 40)
        #expect(queue.through == 12)
        end(&queue, 13, true)
        #expect(queue.through == 40)
        queue.append(41, lane: "a", body: [])
        #expect(queue.through == 40)
    }

    @Test func unwantedLinesMoveThePositionToo() {
        var queue = queue([])
        queue.advance(through: 30)
        #expect((queue.through, queue.readThrough) == (30, 30))
    }

    @Test func atMostSoManyAreUnderWay() {
        var queue = queue((0..<20).map { "lane \($0)" })
        #expect(due(&queue).count == WebhookQueue.parallelMax)
        #expect(queue.underWay == WebhookQueue.parallelMax)
        end(&queue, 11, true)
        #expect(due(&queue) == [19])
    }

    @Test func theWindowIsBoundInEventsAlsoBehindOneThatIsStuck() {
        var queue = queue(["stuck"])
        #expect(due(&queue) == [11])
        var n: Int64 = 12
        while queue.hasRoom {
            queue.append(n, lane: "other", body: [])
            #expect(due(&queue) == [n])
            end(&queue, n, true)
            n += 1
        }
        #expect(n == 11 + Int64(WebhookQueue.slotsMax))
        #expect(queue.through == 10)
        end(&queue, 11, true)
        #expect(queue.hasRoom)
        #expect(queue.through == n - 1)
    }

    @Test func theWindowIsBoundInBytes() {
        var queue = queue([])
        let body = [UInt8](repeating: 0, count: 64 * 1024)
        var n: Int64 = 11
        while queue.hasRoom {
            queue.append(n, lane: "a", body: body)
            n += 1
        }
        #expect(n == 11 + Int64(WebhookQueue.bytesMax / body.count))
        #expect(due(&queue) == [11])
        end(&queue, 11, true)
        #expect(queue.hasRoom)
    }

    @Test func anyOrderOfEndsDeliversEachConversationInOrder() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            var queue = queue(
                (0..<60).map { _ in ["a", "b", "c", "d"].randomElement(using: &random)! }, retries: 1_000)
            var lanes: [UInt8: [Int64]] = [:]
            var (underWay, nowMs): ([Int64], Int64) = ([], 0)
            while queue.through < 70 {
                while let attempt = queue.next(nowMs: nowMs) { underWay.append(attempt.n) }
                guard let index = underWay.indices.randomElement(using: &random) else {
                    nowMs = max(nowMs, queue.nextDueMs() ?? nowMs)
                    continue
                }
                let n = underWay.remove(at: index)
                let outcome = queue.finished(
                    n, isDelivered: Bool.random(using: &random), nowMs: nowMs, chance: 0)
                if outcome == .delivered { lanes[0, default: []].append(n) }
            }
            #expect(lanes[0]?.sorted() == Array(11...70))
        }
    }
}
