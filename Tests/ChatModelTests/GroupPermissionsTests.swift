import ChatModel
import Testing

/// The table of protocol.md §6.1, cell by cell.
@Suite struct GroupPermissionsTests {
    private static let owner = GroupStanding.owner
    private static let admin = GroupStanding.member(.admin)
    private static let moderator = GroupStanding.member(.moderator)
    private static let participant = GroupStanding.member(.participant)
    private static let stranger = GroupStanding.stranger
    private static let banned = GroupStanding.banned(as: .participant)

    private static let standings = [
        owner, admin, moderator, participant, stranger, banned, .banned(as: .moderator), .banned(as: .admin),
        .banned(as: nil),
    ]
    private static let targets = [GroupTarget.oneself] + standings.map(GroupTarget.other)

    /// Every act there is, about everybody there is.
    private static let acts: [GroupAct] =
        [.send, .receive, .call, .leave, .update, .delete] + GroupType.allCases.map { .join($0) }
        + [true, false].flatMap { [.editMessage(isOwn: $0), .deleteMessage(isOwn: $0)] }
        + targets.flatMap { target in
            [.add(target), .kick(target), .ban(target), .unban(target), .transfer(to: target)]
                + MemberScope.allCases.map { GroupAct.changeScope(of: target, to: $0) }
        }

    private func refusal(_ act: GroupAct, _ standing: GroupStanding) -> GroupRefusal? {
        GroupPermissions.refusal(of: act, by: .user(standing))
    }

    @Test(arguments: acts)
    func whoIsNoMemberMayOnlyJoin(_ act: GroupAct) {
        if case .join = act { return }
        #expect(refusal(act, Self.stranger) == .notAMember)
        #expect(refusal(act, Self.banned) == .banned)
    }

    @Test func joiningIsForStrangersOnly() {
        for type in GroupType.allCases {
            #expect(refusal(.join(type), Self.banned) == .banned)
            for member in [Self.owner, Self.admin, Self.moderator, Self.participant] {
                #expect(refusal(.join(type), member) == .alreadyJoined)
            }
        }
        #expect(refusal(.join(.open), Self.stranger) == nil)
        #expect(refusal(.join(.password), Self.stranger) == nil)
        #expect(refusal(.join(.secret), Self.stranger) == .joinNotAllowed)
    }

    @Test(arguments: [owner, admin, moderator, participant])
    func everyMemberTakesPart(_ standing: GroupStanding) {
        for act in [GroupAct.send, .receive, .call] { #expect(refusal(act, standing) == nil) }
    }

    @Test(arguments: acts)
    func nobodyActsOnThemself(_ act: GroupAct) {
        let isAboutSelf =
            switch act {
            case .add(.oneself), .kick(.oneself), .ban(.oneself), .unban(.oneself), .transfer(.oneself),
                .changeScope(.oneself, _):
                true
            default: false
            }
        for standing in [Self.owner, Self.admin, Self.moderator, Self.participant] {
            #expect((refusal(act, standing) == .selfAction) == isAboutSelf)
        }
    }

    @Test func everyoneButTheOwnerLeaves() {
        #expect(refusal(.leave, Self.owner) == .ownerCannotLeave)
        for standing in [Self.admin, Self.moderator, Self.participant] { #expect(refusal(.leave, standing) == nil) }
    }

    @Test func adminsAndModeratorsUpdate() {
        for standing in [Self.owner, Self.admin, Self.moderator] { #expect(refusal(.update, standing) == nil) }
        #expect(refusal(.update, Self.participant) == .noModeratorScope)
    }

    @Test func theOwnerAloneDeletesAndTransfers() {
        for act in [GroupAct.delete, .transfer(to: .other(Self.participant))] {
            #expect(refusal(act, Self.owner) == nil)
            for standing in [Self.admin, Self.moderator, Self.participant] {
                #expect(refusal(act, standing) == .notTheOwner)
            }
        }
        for target in [Self.admin, Self.moderator] {
            #expect(refusal(.transfer(to: .other(target)), Self.owner) == nil)
        }
        for target in [Self.stranger, Self.banned] {
            #expect(refusal(.transfer(to: .other(target)), Self.owner) == .targetNotAMember)
        }
    }

    @Test(arguments: [(true, GroupRefusal?.none), (false, .notTheSender)])
    func participantsChangeOnlyTheirOwnMessages(_ isOwn: Bool, _ expected: GroupRefusal?) {
        for act in [GroupAct.editMessage(isOwn: isOwn), .deleteMessage(isOwn: isOwn)] {
            for standing in [Self.owner, Self.admin, Self.moderator] { #expect(refusal(act, standing) == nil) }
            #expect(refusal(act, Self.participant) == expected)
        }
    }

    @Test func adminsAdd() {
        for standing in [Self.owner, Self.admin] {
            #expect(refusal(.add(.other(Self.stranger)), standing) == nil)
            #expect(refusal(.add(.other(Self.banned)), standing) == .targetBanned)
            for target in [Self.owner, Self.admin, Self.moderator, Self.participant] {
                #expect(refusal(.add(.other(target)), standing) == .targetIsMember)
            }
        }
        for standing in [Self.moderator, Self.participant] {
            for target in Self.standings { #expect(refusal(.add(.other(target)), standing) == .noAdminScope) }
        }
    }

    /// Rows: the target; columns: owner, admin, moderator, participant.
    private func expect(
        _ act: (GroupTarget) -> GroupAct, _ rows: [(GroupStanding, [GroupRefusal?])],
        _ location: SourceLocation = #_sourceLocation
    ) {
        for (target, row) in rows {
            for (actor, expected) in zip([Self.owner, Self.admin, Self.moderator, Self.participant], row) {
                #expect(
                    refusal(act(.other(target)), actor) == expected, "\(actor) \(act(.other(target)))",
                    sourceLocation: location)
            }
        }
    }

    @Test func kick() {
        expect(
            { .kick($0) },
            [
                (Self.owner, [.noClearance, .noClearance, .noClearance, .noClearance]),
                (Self.admin, [nil, nil, .noClearance, .noClearance]),
                (Self.moderator, [nil, nil, .noClearance, .noClearance]),
                (Self.participant, [nil, nil, nil, .noClearance]),
                (Self.stranger, [.targetNotAMember, .targetNotAMember, .targetNotAMember, .noClearance]),
                (Self.banned, [.targetNotAMember, .targetNotAMember, .targetNotAMember, .noClearance]),
            ])
    }

    @Test func ban() {
        expect(
            { .ban($0) },
            [
                (Self.owner, [.noClearance, .noClearance, .noClearance, .noClearance]),
                (Self.admin, [nil, nil, .noClearance, .noClearance]),
                (Self.moderator, [nil, nil, .noClearance, .noClearance]),
                (Self.participant, [nil, nil, nil, .noClearance]),
                (Self.stranger, [nil, nil, .noClearance, .noClearance]),
                (Self.banned, [.alreadyBanned, .alreadyBanned, .alreadyBanned, .noClearance]),
            ])
    }

    @Test func moderatorsUnbanWhoWasAParticipant() {
        expect(
            { .unban($0) },
            [
                (Self.banned, [nil, nil, nil, .noClearance]),
                (.banned(as: .moderator), [nil, nil, .noClearance, .noClearance]),
                (.banned(as: .admin), [nil, nil, .noClearance, .noClearance]),
                (.banned(as: nil), [nil, nil, .noClearance, .noClearance]),
                (Self.participant, [.targetNotBanned, .targetNotBanned, .targetNotBanned, .noClearance]),
                (Self.owner, [.targetNotBanned, .targetNotBanned, .targetNotBanned, .noClearance]),
                (Self.stranger, [.targetNotBanned, .targetNotBanned, .targetNotBanned, .noClearance]),
            ])
    }

    @Test func moderatorsChangeScopesUpToTheirOwn() {
        let no = GroupRefusal.noScopeClearance
        expect(
            { .changeScope(of: $0, to: .admin) },
            [
                (Self.owner, [no, no, no, no]),
                (Self.admin, [.sameScope, .sameScope, no, no]),
                (Self.moderator, [nil, nil, no, no]),
                (Self.participant, [nil, nil, no, no]),
                (Self.stranger, [.targetNotAMember, .targetNotAMember, .targetNotAMember, no]),
                (Self.banned, [.targetNotAMember, .targetNotAMember, .targetNotAMember, no]),
            ])
        expect(
            { .changeScope(of: $0, to: .moderator) },
            [
                (Self.owner, [no, no, no, no]),
                (Self.admin, [nil, nil, no, no]),
                (Self.moderator, [.sameScope, .sameScope, .sameScope, no]),
                (Self.participant, [nil, nil, nil, no]),
                (Self.stranger, [.targetNotAMember, .targetNotAMember, .targetNotAMember, no]),
            ])
        expect(
            { .changeScope(of: $0, to: .participant) },
            [
                (Self.owner, [no, no, no, no]),
                (Self.admin, [nil, nil, no, no]),
                (Self.moderator, [nil, nil, nil, no]),
                (Self.participant, [.sameScope, .sameScope, .sameScope, no]),
                (Self.stranger, [.targetNotAMember, .targetNotAMember, .targetNotAMember, no]),
            ])
    }

    @Test(arguments: acts)
    func theSystemIsBoundByTheStateOnly(_ act: GroupAct) {
        let refusal = GroupPermissions.refusal(of: act, by: .system)
        let expected: GroupRefusal? =
            switch act {
            case .add(.other(.owner)), .add(.other(.member)): .targetIsMember
            case .add(.other(.banned)): .targetBanned
            case .kick(.other(.owner)), .ban(.other(.owner)): .noClearance
            case .kick(.other(.banned)), .kick(.other(.stranger)): .targetNotAMember
            case .ban(.other(.banned)): .alreadyBanned
            case .unban(.other(.owner)), .unban(.other(.member)), .unban(.other(.stranger)): .targetNotBanned
            case .transfer(.other(.banned)), .transfer(.other(.stranger)): .targetNotAMember
            case .changeScope(.other(.owner), _): .noScopeClearance
            case .changeScope(.other(.banned), _), .changeScope(.other(.stranger), _): .targetNotAMember
            case .changeScope(.other(.member(let old)), let new): old == new ? .sameScope : nil
            default: nil
            }
        #expect(refusal == expected)
    }
}
