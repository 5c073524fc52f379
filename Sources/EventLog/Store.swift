public import ChatModel

/// The port to what was committed: snapshot reads. Any thread; blocks, so only the blocking pool calls it.
///
/// Every read sees at least all that was committed before it began.
public protocol Store: AnyObject, Sendable {
    /// The number interned for an app id, made at its first use.
    func number(ofApp id: String) throws(LogFailure) -> AppNumber
    /// The highest position committed, and the highest ever reserved.
    func positions(_ app: AppNumber) throws(LogFailure) -> LogPositions

    func load(_ key: EntityKey) throws(LogFailure) -> LoadedEntity

    /// A page of what a returning session missed, ascending by position, `after` exclusive, `through` inclusive.
    func replay(_ request: ReplayRequest) throws(LogFailure) -> ReplayPage

    func message(_ app: AppNumber, id: Int64) throws(LogFailure) -> MessageView?
    func history(_ query: HistoryQuery) throws(LogFailure) -> HistoryPage
    func users(_ query: UserQuery) throws(LogFailure) -> Page<StoredUser>
    func user(_ app: AppNumber, _ uid: UserID) throws(LogFailure) -> StoredUser?
    func groups(_ query: GroupQuery) throws(LogFailure) -> Page<GroupView>
    func group(_ app: AppNumber, _ guid: GroupID, viewer: UserID?) throws(LogFailure) -> GroupView?
    func members(_ query: MemberQuery) throws(LogFailure) -> Page<StoredMember>
    func tokens(_ app: AppNumber, of uid: UserID) throws(LogFailure) -> [TokenRecord]
    func token(_ app: AppNumber, _ hash: TokenHash) throws(LogFailure) -> TokenRecord?
}

public struct LogPositions: Sendable, Equatable {
    public let committed: Int64
    public let reserved: Int64

    public init(committed: Int64, reserved: Int64) {
        self.committed = committed
        self.reserved = reserved
    }
}
