import Testing

@testable import halley_load

@Suite struct DeliveryLedgerTests {
    @Test func everyClientOnceAndInOrderLeavesNothingMissing() {
        var ledger = DeliveryLedger(clients: 2)
        ledger.publish(2, atNs: 7)
        #expect(ledger.behind == 2)
        for sequence in [UInt32(0), 1] {
            #expect(ledger.record(client: 0, sequence: sequence) == 7)
            #expect(ledger.record(client: 1, sequence: sequence) == 7)
        }
        #expect(ledger.behind == 0)
        #expect(ledger.delivered == 4)
        #expect(ledger.missing == 0)
        #expect(ledger.doubled == 0)
        #expect(!ledger.isBehind(0))
    }

    @Test func aRepeatedMessageIsDoubled() {
        var ledger = DeliveryLedger(clients: 1)
        ledger.publish(1, atNs: 0)
        #expect(ledger.record(client: 0, sequence: 0) != nil)
        #expect(ledger.record(client: 0, sequence: 0) == nil)
        #expect(ledger.doubled == 1)
        #expect(ledger.delivered == 1)
        #expect(ledger.missing == 0)
    }

    @Test func aSkippedMessageIsMissingEvenWhenItComesLate() {
        var ledger = DeliveryLedger(clients: 1)
        ledger.publish(3, atNs: 0)
        _ = ledger.record(client: 0, sequence: 0)
        _ = ledger.record(client: 0, sequence: 2)
        #expect(ledger.missing == 1)
        #expect(ledger.behind == 0)
        _ = ledger.record(client: 0, sequence: 1)
        #expect(ledger.missing == 1)
        #expect(ledger.doubled == 1)
    }

    @Test func whatHasNotComeYetIsMissing() {
        var ledger = DeliveryLedger(clients: 3)
        ledger.publish(2, atNs: 0)
        _ = ledger.record(client: 1, sequence: 0)
        #expect(ledger.missing == 5)
        #expect(ledger.behind == 3)
        #expect(ledger.isBehind(1))
    }

    @Test func aMessageNobodyPublishedOrForTheSenderIsSurplus() {
        var ledger = DeliveryLedger(clients: 1)
        ledger.publish(1, atNs: 0)
        #expect(ledger.record(client: 0, sequence: 1) == nil)
        #expect(ledger.record(client: 1, sequence: 0) == nil)
        #expect(ledger.surplus == 2)
        #expect(!ledger.isBehind(1))
    }

    @Test func aNewBatchPutsEverybodyBehindAgain() {
        var ledger = DeliveryLedger(clients: 2)
        ledger.publish(1, atNs: 1)
        _ = ledger.record(client: 0, sequence: 0)
        _ = ledger.record(client: 1, sequence: 0)
        ledger.publish(1, atNs: 2)
        #expect(ledger.behind == 2)
        #expect(ledger.record(client: 0, sequence: 1) == 2)
        #expect(ledger.behind == 1)
    }
}
