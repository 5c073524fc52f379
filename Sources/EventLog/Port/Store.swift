public import ChatModel

/// The port to what was committed: snapshot reads. Any thread; blocks, so only the blocking pool calls it.
///
/// Every read sees at least all that was committed before it began, and is one snapshot. The store knows nothing of
/// presence: each `UserView` it makes says offline (`MessageView.withPresence` mends that).
public protocol Store: AnyObject, Sendable {
    /// The number interned for an app id, made at its first use.
    func number(ofApp id: String) throws(LogFailure) -> AppNumber
    func positions(_ app: AppNumber) throws(LogFailure) -> LogPositions

    func load(_ key: EntityKey) throws(LogFailure) -> LoadedEntity

    /// A page of what a returning session missed, ascending by position, `after` exclusive, `through` inclusive.
    ///
    /// Messages: those the user sent or received, and in groups what fell into a membership of theirs or was about
    /// them; not what the resuming session sent itself. Receipts: for the messages the user wrote.
    func replay(_ request: ReplayRequest) throws(LogFailure) -> ReplayPage

    /// A page of the app's event feed. What a line points to is shown as it stands now; a line that points to what is
    /// gone (a deleted group's history) is gone too.
    func feed(_ query: FeedQuery) throws(LogFailure) -> FeedPage
    func hookPositions(_ app: AppNumber) throws(LogFailure) -> [HookPosition]

    /// nil: there is none. Whether the viewer may see it is the caller's to judge.
    func message(_ app: AppNumber, id: Int64, viewer: UserID?) throws(LogFailure) -> MessageView?
    func reactions(_ query: ReactionQuery) throws(LogFailure) -> ReactionPage
    func history(_ query: HistoryQuery) throws(LogFailure) -> HistoryAnswer
    func conversations(_ query: ConversationQuery) throws(LogFailure) -> Page<ConversationView>
    /// The viewer's conversation with a user, or in a group.
    func conversation(
        _ app: AppNumber, of viewer: UserID, with: Receiver
    ) throws(LogFailure) -> ConversationAnswer
    /// Of every conversation that `conversations` would list and that holds something unread, newest first.
    func unreadCounts(
        _ app: AppNumber, of viewer: UserID, _ kind: ConversationQuery.Kind?
    ) throws(LogFailure) -> [UnreadCount]
    func users(_ query: UserQuery) throws(LogFailure) -> Page<StoredUser>
    func user(_ app: AppNumber, _ uid: UserID) throws(LogFailure) -> StoredUser?
    /// How the viewer stands to those of `uids` with whom there is a block; the others are not in the answer.
    func blocks(
        _ app: AppNumber, of viewer: UserID, among uids: [UserID]
    ) throws(LogFailure) -> [UserID: BlockStanding]
    func groups(_ query: GroupQuery) throws(LogFailure) -> Page<GroupView>
    /// Also a private group that the viewer is no member of: `viewer` is nil in the answer then.
    func group(_ app: AppNumber, _ guid: GroupID, viewer: UserID?) throws(LogFailure) -> GroupView?
    func members(_ query: MemberQuery) throws(LogFailure) -> Page<StoredMember>
    func bans(_ query: BanQuery) throws(LogFailure) -> Page<StoredBan>
    /// Ascending by creation.
    func tokens(_ app: AppNumber, of uid: UserID) throws(LogFailure) -> [TokenRecord]
    func token(_ app: AppNumber, _ hash: TokenHash) throws(LogFailure) -> TokenRecord?
    /// Those that ring or go on, in order of beginning: what a start has to take up again.
    func activeCalls(_ app: AppNumber) throws(LogFailure) -> [CallRecord]
    func call(_ app: AppNumber, _ session: CallSessionID) throws(LogFailure) -> CallRecord?
}

extension Store {
    /// As nobody in particular sees it.
    public func message(_ app: AppNumber, id: Int64) throws(LogFailure) -> MessageView? {
        try message(app, id: id, viewer: nil)
    }
}
