import ChatModel
import EventLog

/// A store whose disk is gone.
final class UnreadableStore: Store {
    private static let failure = LogFailure(reason: "told to fail")

    func number(ofApp id: String) throws(LogFailure) -> AppNumber { throw Self.failure }
    func positions(_ app: AppNumber) throws(LogFailure) -> LogPositions { throw Self.failure }
    func load(_ key: EntityKey) throws(LogFailure) -> LoadedEntity { throw Self.failure }
    func replay(_ request: ReplayRequest) throws(LogFailure) -> ReplayPage { throw Self.failure }
    func message(_ app: AppNumber, id: Int64, viewer: UserID?) throws(LogFailure) -> MessageView? { throw Self.failure }
    func reactions(_ query: ReactionQuery) throws(LogFailure) -> ReactionPage { throw Self.failure }
    func feed(_ query: FeedQuery) throws(LogFailure) -> FeedPage { throw Self.failure }
    func hookPositions(_ app: AppNumber) throws(LogFailure) -> [HookPosition] { throw Self.failure }
    func history(_ query: HistoryQuery) throws(LogFailure) -> HistoryAnswer { throw Self.failure }
    func conversations(_ query: ConversationQuery) throws(LogFailure) -> Page<ConversationView> { throw Self.failure }
    func conversation(
        _ app: AppNumber, of viewer: UserID, with: Receiver
    ) throws(LogFailure) -> ConversationAnswer { throw Self.failure }
    func unreadCounts(
        _ app: AppNumber, of viewer: UserID, _ kind: ConversationQuery.Kind?
    ) throws(LogFailure) -> [UnreadCount] { throw Self.failure }
    func users(_ query: UserQuery) throws(LogFailure) -> Page<StoredUser> { throw Self.failure }
    func user(_ app: AppNumber, _ uid: UserID) throws(LogFailure) -> StoredUser? { throw Self.failure }
    func blocks(
        _ app: AppNumber, of viewer: UserID, among uids: [UserID]
    ) throws(LogFailure) -> [UserID: BlockStanding] {
        throw Self.failure
    }
    func groups(_ query: GroupQuery) throws(LogFailure) -> Page<GroupView> { throw Self.failure }
    func group(_ app: AppNumber, _ guid: GroupID, viewer: UserID?) throws(LogFailure) -> GroupView? {
        throw Self.failure
    }
    func members(_ query: MemberQuery) throws(LogFailure) -> Page<StoredMember> { throw Self.failure }
    func bans(_ query: BanQuery) throws(LogFailure) -> Page<StoredBan> { throw Self.failure }
    func tokens(_ app: AppNumber, of uid: UserID) throws(LogFailure) -> [TokenRecord] { throw Self.failure }
    func token(_ app: AppNumber, _ hash: TokenHash) throws(LogFailure) -> TokenRecord? { throw Self.failure }
    func activeCalls(_ app: AppNumber) throws(LogFailure) -> [CallRecord] { throw Self.failure }
    func call(_ app: AppNumber, _ session: CallSessionID) throws(LogFailure) -> CallRecord? { throw Self.failure }
}
