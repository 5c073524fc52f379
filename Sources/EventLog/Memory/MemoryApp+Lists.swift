internal import ChatModel

extension MemoryApp {
    func users(_ query: UserQuery) -> Page<StoredUser> {
        let found = records.values.filter { record in
            matches(query.searchKey, record.name, record.uid.text)
                && (query.roles.isEmpty || query.roles.contains(record.role))
                && (query.tags.isEmpty || !Set(query.tags).isDisjoint(with: record.tags))
                && query.uids?.contains(record.uid) ?? true
                && query.friendsOf.map { friends[$0]?.contains(record.uid) ?? false } ?? true
                && query.blocksOf.map { query.direction.admits(standing(of: $0, to: record.uid)) } ?? true
                && !(query.hidingBlockedBy.map { blocks[$0]?.contains(record.uid) ?? false } ?? false)
                && query.excluding != record.uid
                && (query.includesDeactivated || record.deactivatedAt == nil)
                && query.status?.admits(record.uid) ?? true
        }
        let sorted = found.sorted { isBefore($0.name, $0.uid.text, $1.name, $1.uid.text) }
        return page(sorted, query.page) { StoredUser(record: $0, lastActiveAt: lastActive[$0.uid]) }
    }

    func groups(_ query: GroupQuery) -> Page<GroupView> {
        let found = groupRecords.values.filter { record in
            let isMember = query.viewer.map { membership(record.guid, $0) != nil } ?? false
            return matches(query.searchKey, record.name, record.guid.text)
                && (query.tags.isEmpty || !Set(query.tags).isDisjoint(with: record.tags))
                && (query.types.isEmpty || query.types.contains(record.type))
                && (isMember || !query.joinedOnly)
                && (isMember || query.viewer == nil || record.type != .secret)
        }
        let sorted = found.sorted { isBefore($0.name, $0.guid.text, $1.name, $1.guid.text) }
        return page(sorted, query.page) { record in
            GroupView(
                record: record, membersCount: memberships(record.guid).count,
                viewer: query.viewer.flatMap { membership(record.guid, $0) },
                isViewerBanned: query.viewer.map { bans[record.guid]?[$0] != nil } ?? false)
        }
    }

    func members(_ query: MemberQuery) -> Page<StoredMember> {
        let found = memberships(query.guid).filter { membership in
            matches(query.searchKey, records[membership.uid]?.name ?? membership.uid.text, membership.uid.text)
                && (query.scopes.isEmpty || query.scopes.contains(membership.scope))
                && query.status?.admits(membership.uid) ?? true
        }
        return page(found, query.page) { membership in
            StoredMember(
                user: storedUser(membership.uid)
                    ?? StoredUser(record: .placeholder(membership.uid), lastActiveAt: nil),
                membership: membership)
        }
    }

    func bans(_ query: BanQuery) -> Page<StoredBan> {
        let found = bans(of: query.guid).filter { ban in
            matches(query.searchKey, records[ban.uid]?.name ?? ban.uid.text, ban.uid.text)
                && (query.scopes.isEmpty || ban.scope.map { query.scopes.contains($0) } ?? false)
        }
        return page(found, query.page) { ban in
            StoredBan(
                user: storedUser(ban.uid) ?? StoredUser(record: .placeholder(ban.uid), lastActiveAt: nil), ban: ban)
        }
    }

    private func page<Item, Shown>(_ all: [Item], _ page: PageNumber, _ shown: (Item) -> Shown) -> Page<Shown> {
        Page(items: all.dropFirst(page.offset).prefix(page.size).map(shown), total: all.count)
    }

    private func matches(_ key: String?, _ texts: String...) -> Bool {
        guard let key = key?.lowercased(), !key.isEmpty else { return true }
        return texts.contains { $0.lowercased().hasBytes(key) }
    }

    private func isBefore(_ name: String, _ id: String, _ otherName: String, _ otherID: String) -> Bool {
        let (folded, otherFolded) = (name.lowercased(), otherName.lowercased())
        return Array(folded.utf8) == Array(otherFolded.utf8) ? id.precedes(otherID) : folded.precedes(otherFolded)
    }
}

extension String {
    /// Whether `part` occurs byte for byte.
    fileprivate func hasBytes(_ part: String) -> Bool {
        let (all, part) = (Array(utf8), Array(part.utf8))
        guard part.count <= all.count else { return false }
        return (0...(all.count - part.count)).contains { all[$0..<($0 + part.count)].elementsEqual(part) }
    }
}

extension BlockDirection {
    fileprivate func admits(_ standing: BlockStanding) -> Bool {
        switch self {
        case .blockedByMe: standing.blockedByMe
        case .hasBlockedMe: standing.hasBlockedMe
        case .both: standing != .clear
        }
    }
}
