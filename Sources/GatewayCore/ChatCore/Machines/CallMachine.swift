import ChatModel

/// One call's life (protocol.md §6.2): who may do what at which moment, and what comes of it.
///
/// 1:1, by initiator | callee. `→` names the status it moves to, which is also what happened; `–` is refused as no step
/// of this moment, `.` means that nothing happens.
///
/// | status    | accept        | reject         | cancel          | busy       | unanswered | end         |
/// |-----------|---------------|----------------|-----------------|------------|------------|-------------|
/// | initiated | – \| →ongoing | – \| →rejected | →cancelled \| – | – \| →busy | →unanswered| –           |
/// | ongoing   | –             | –              | –               | –          | –          | →ended      |
/// | final     | terminated    | terminated     | terminated      | terminated | terminated | terminated  |
///
/// | status    | timeout     | vanish          | removed                   |
/// |-----------|-------------|-----------------|---------------------------|
/// | initiated | →unanswered | →cancelled \| . | →cancelled \| →unanswered |
/// | ongoing   | .           | →ended          | →ended                    |
/// | final     | .           | .               | .                         |
///
/// In a group, by initiator (of a ringing call) | participant, who is in it | member, who is not. `rejected`, `busy`,
/// `joined` and `left` are told and leave the call as it is; the last participant does not leave, but ends it.
///
/// | status    | accept        | reject        | cancel          | busy      | unanswered       | end              |
/// |-----------|---------------|---------------|-----------------|-----------|------------------|------------------|
/// | initiated | – \| →ongoing | – \| rejected | →cancelled \| – | – \| busy | →unanswered \| – | – \| not in it   |
/// | ongoing   | – \| joined   | – \| rejected | –               | – \| busy | –                | left, →ended \| not in it |
/// | final     | terminated    | terminated    | terminated      | terminated| terminated       | terminated       |
///
/// | status    | timeout     | vanish, removed   |
/// |-----------|-------------|-------------------|
/// | initiated | →unanswered | →cancelled \| .   |
/// | ongoing   | .           | left, →ended \| . |
/// | final     | .           | .                 |
///
/// A stranger's input is refused as not a part of the call, whatever the status.
struct CallMachine: Equatable {
    enum Party: CaseIterable {
        /// Of a 1:1 call, or of a group call while it rings.
        case initiator
        /// 1:1 only.
        case callee
        /// In a group call that is ongoing.
        case participant
        /// Of the group, not in its call.
        case member
        case stranger
    }

    enum Refusal: Equatable {
        case notAPart
        case terminated
        /// Nothing that this party may do now.
        case wrongMoment
    }

    enum Outcome: Equatable {
        case happened(CallEvent)
        case nothing
        case refused(Refusal)
    }

    let isGroupCall: Bool
    private(set) var status: CallStatus
    /// Participants of a group call.
    private(set) var present: Int

    init(isGroupCall: Bool, status: CallStatus = .initiated, present: Int = 0) {
        self.isGroupCall = isGroupCall
        self.status = status
        self.present = present
    }

    mutating func handle(_ input: CallInput, by party: Party) -> Outcome {
        if party == .stranger { return input.isAutomatic ? .nothing : .refused(.notAPart) }
        let outcome: Outcome =
            switch status {
            case .initiated: isGroupCall ? ringGroup(input, party) : ring(input, party)
            case .ongoing: isGroupCall ? talkInGroup(input, party) : talk(input)
            case .ended, .rejected, .cancelled, .unanswered, .busy:
                input.isAutomatic ? .nothing : .refused(.terminated)
            }
        if case .happened(let event) = outcome { advance(event) }
        return outcome
    }

    private func ring(_ input: CallInput, _ party: Party) -> Outcome {
        switch (input, party) {
        case (.accept, .callee): .happened(.ongoing)
        case (.reject, .callee): .happened(.rejected)
        case (.busy, .callee): .happened(.busy)
        case (.cancel, .initiator), (.vanish, .initiator), (.removed, .initiator): .happened(.cancelled)
        case (.unanswered, _), (.timeout, _), (.removed, .callee): .happened(.unanswered)
        // They may come back while it rings.
        case (.vanish, _): .nothing
        default: .refused(.wrongMoment)
        }
    }

    private func talk(_ input: CallInput) -> Outcome {
        switch input {
        case .end, .vanish, .removed: .happened(.ended)
        case .timeout: .nothing
        case .accept, .reject, .cancel, .busy, .unanswered: .refused(.wrongMoment)
        }
    }

    private func ringGroup(_ input: CallInput, _ party: Party) -> Outcome {
        switch (input, party) {
        case (.timeout, _), (.unanswered, .initiator): .happened(.unanswered)
        case (.cancel, .initiator), (.vanish, .initiator), (.removed, .initiator): .happened(.cancelled)
        case (.vanish, _), (.removed, _): .nothing
        case (.accept, .member): .happened(.ongoing)
        case (.reject, .member): .happened(.rejected)
        case (.busy, .member): .happened(.busy)
        case (.end, .member): .refused(.notAPart)
        default: .refused(.wrongMoment)
        }
    }

    private func talkInGroup(_ input: CallInput, _ party: Party) -> Outcome {
        switch (input, party) {
        case (.end, .participant), (.vanish, .participant), (.removed, .participant):
            .happened(present > 1 ? .left : .ended)
        case (.timeout, _), (.vanish, _), (.removed, _): .nothing
        case (.accept, .member): .happened(.ongoing)
        case (.reject, .member): .happened(.rejected)
        case (.busy, .member): .happened(.busy)
        case (.end, .member): .refused(.notAPart)
        default: .refused(.wrongMoment)
        }
    }

    private mutating func advance(_ event: CallEvent) {
        switch event {
        case .initiated: break
        case .ongoing:
            present += status == .initiated ? 2 : 1
            status = .ongoing
        case .left: present -= 1
        case .rejected, .busy:
            if !isGroupCall { status = event.status }
        case .ended, .cancelled, .unanswered:
            status = event.status
            present = 0
        }
    }
}

extension CallInput {
    /// Of the core itself: nobody is there to be refused.
    fileprivate var isAutomatic: Bool {
        switch self {
        case .timeout, .vanish, .removed: true
        case .accept, .reject, .cancel, .busy, .unanswered, .end: false
        }
    }
}
