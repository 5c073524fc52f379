/// Who needs no key on the Unix socket, and whether full keys work in public. Immutable; a reload makes a new one.
struct BackendTrust: Sendable {
    let uids: Set<UInt32>
    let gids: Set<UInt32>
    let allowsKeysInPublic: Bool

    init(_ configuration: Configuration) {
        uids = Set(configuration.backend.allowUids.compactMap { UInt32($0) })
        gids = Set(configuration.backend.allowGids.compactMap { UInt32($0) })
        allowsKeysInPublic = configuration.public.allowApiKeys
    }

    func trusts(_ peer: Peer) -> Bool {
        if let uid = peer.uid, uids.contains(uid) { return true }
        if let gid = peer.gid, gids.contains(gid) { return true }
        return false
    }
}
