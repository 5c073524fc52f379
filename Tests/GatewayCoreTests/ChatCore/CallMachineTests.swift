import ChatModel
import Testing

@testable import GatewayCore

/// Every cell of the machine's table, illegal ones included.
@Suite struct CallMachineTests {
    typealias Party = CallMachine.Party
    typealias Outcome = CallMachine.Outcome

    static let inputs: [CallInput] = [
        .accept, .reject, .cancel, .busy, .unanswered, .end, .timeout, .vanish, .removed,
    ]

    /// Cells in the order of `inputs`: `-` no step of this moment, `.` nothing, `x` terminated, `?` not a part, else what
    /// happened.
    static let pairTable: [(status: CallStatus, party: Party, cells: String)] = [
        (.initiated, .initiator, "- - cancelled - unanswered - unanswered cancelled cancelled"),
        (.initiated, .callee, "ongoing rejected - busy unanswered - unanswered . unanswered"),
        (.initiated, .stranger, "? ? ? ? ? ? . . ."),
        (.ongoing, .initiator, "- - - - - ended . ended ended"),
        (.ongoing, .callee, "- - - - - ended . ended ended"),
        (.ongoing, .stranger, "? ? ? ? ? ? . . ."),
    ]

    /// `present`: how many are in it.
    static let groupTable: [(status: CallStatus, present: Int, party: Party, cells: String)] = [
        (.initiated, 0, .initiator, "- - cancelled - unanswered - unanswered cancelled cancelled"),
        (.initiated, 0, .member, "ongoing rejected - busy - ? unanswered . ."),
        (.initiated, 0, .stranger, "? ? ? ? ? ? . . ."),
        (.ongoing, 2, .participant, "- - - - - left . left left"),
        (.ongoing, 1, .participant, "- - - - - ended . ended ended"),
        (.ongoing, 2, .member, "ongoing rejected - busy - ? . . ."),
        (.ongoing, 1, .member, "ongoing rejected - busy - ? . . ."),
        (.ongoing, 2, .stranger, "? ? ? ? ? ? . . ."),
    ]

    static let final: [CallStatus] = [.ended, .rejected, .cancelled, .unanswered, .busy]

    private func cells(_ text: String) -> [Outcome] {
        text.split(separator: " ").map { cell in
            switch cell {
            case "-": .refused(.wrongMoment)
            case "x": .refused(.terminated)
            case "?": .refused(.notAPart)
            case ".": .nothing
            default: .happened(CallEvent.allCases.first { "\($0)" == cell }!)
            }
        }
    }

    @Test func theTableNamesEveryInput() {
        #expect(Set(Self.inputs.map { "\($0)" }) == Set(CallInput.allCases.map { "\($0)" }))
        for row in Self.pairTable.map(\.cells) + Self.groupTable.map(\.cells) {
            #expect(cells(row).count == Self.inputs.count)
        }
    }

    @Test func aCallOfTwoFollowsItsTable() {
        for row in Self.pairTable {
            for (input, expected) in zip(Self.inputs, cells(row.cells)) {
                var machine = CallMachine(isGroupCall: false, status: row.status)
                #expect(machine.handle(input, by: row.party) == expected, "\(row.status) \(row.party) \(input)")
                let next = if case .happened(let event) = expected { event.status } else { row.status }
                #expect(machine.status == next, "\(row.status) \(row.party) \(input)")
            }
        }
    }

    @Test func aGroupCallFollowsItsTable() {
        for row in Self.groupTable {
            for (input, expected) in zip(Self.inputs, cells(row.cells)) {
                var machine = CallMachine(isGroupCall: true, status: row.status, present: row.present)
                #expect(machine.handle(input, by: row.party) == expected, "\(row.status) \(row.party) \(input)")
                var (status, present) = (row.status, row.present)
                if case .happened(let event) = expected {
                    switch event {
                    case .ongoing: (status, present) = (.ongoing, row.status == .initiated ? 2 : row.present + 1)
                    case .left: present -= 1
                    case .rejected, .busy: break
                    default: (status, present) = (event.status, 0)
                    }
                }
                #expect(machine.status == status, "\(row.status) \(row.party) \(input)")
                #expect(machine.present == present, "\(row.status) \(row.party) \(input)")
            }
        }
    }

    @Test(arguments: final, [false, true]) func whatIsOverStaysOver(_ status: CallStatus, _ isGroupCall: Bool) {
        for party in Party.allCases {
            for input in Self.inputs {
                var machine = CallMachine(isGroupCall: isGroupCall, status: status)
                let isAutomatic = [.timeout, .vanish, .removed].contains(input)
                let expected: Outcome =
                    isAutomatic ? .nothing : .refused(party == .stranger ? .notAPart : .terminated)
                #expect(machine.handle(input, by: party) == expected, "\(party) \(input)")
                #expect(machine.status == status)
            }
        }
    }

    /// The record, which is what is stored, goes the machine's way.
    @Test func theRecordMovesAsTheMachineDoes() {
        for isGroupCall in [false, true] {
            let facts = CallFacts(
                session: CallSessionID(trusted: "s"), initiator: u("a"),
                receiver: isGroupCall ? group("g") : user("b"), type: .audio, initiatedAt: 1)
            let steps: [(CallInput, Party, String)] =
                isGroupCall
                ? [
                    (.reject, .member, "c"), (.accept, .member, "b"), (.accept, .member, "c"),
                    (.end, .participant, "a"), (.busy, .member, "d"), (.end, .participant, "b"),
                    (.accept, .member, "a"), (.end, .participant, "c"), (.end, .participant, "a"),
                ] : [(.accept, .callee, "b"), (.end, .initiator, "a")]
            var machine = CallMachine(isGroupCall: isGroupCall)
            var record = CallRecord(facts: facts)
            for (input, party, uid) in steps {
                guard case .happened(let event) = machine.handle(input, by: party) else {
                    Issue.record("\(input) by \(uid) is legal")
                    return
                }
                record.apply(event, by: u(uid), at: 2)
                #expect(record.status == machine.status)
                if isGroupCall { #expect(record.participants.count == machine.present) }
            }
            #expect(record.status == CallStatus.ended)
            #expect(record.participants.isEmpty)
        }
    }
}
