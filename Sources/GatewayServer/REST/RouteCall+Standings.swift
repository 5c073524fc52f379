internal import ChatModel
internal import EventLog

/// What a viewer is shown of the blocks between them and others.
struct Standings: Sendable {
    /// nil: the backend looks, who stands in no block and sees none.
    let viewer: UserID?
    let found: [UserID: BlockStanding]

    /// nil: nothing is shown, as of oneself.
    func of(_ uid: UserID) -> BlockStanding? {
        viewer == nil || viewer == uid ? nil : found[uid] ?? .clear
    }
}

extension RouteCall {
    /// On the pool.
    func standings(of viewer: UserID?, to uids: [UserID], _ store: any Store) throws -> Standings {
        Standings(viewer: viewer, found: try viewer.map { try store.blocks(app.number, of: $0, among: uids) } ?? [:])
    }
}
