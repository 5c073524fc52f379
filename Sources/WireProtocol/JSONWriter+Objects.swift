public import ChatModel
public import JSONCodec

/// The objects of protocol.md §6.
extension JSONWriter {
    public mutating func user(_ view: UserView, _ detail: UserDetail = .event) {
        beginObject()
        members(of: view, detail)
        endObject()
    }

    /// The user as one viewer sees them; never in what several users get.
    public mutating func user(_ view: UserView, _ detail: UserDetail, _ standing: BlockStanding?) {
        beginObject()
        members(of: view, detail)
        members(of: standing)
        endObject()
    }

    private mutating func members(of standing: BlockStanding?) {
        guard let standing else { return }
        member("blockedByMe", standing.blockedByMe)
        member("hasBlockedMe", standing.hasBlockedMe)
    }

    /// A user's members, into an object that the caller has open.
    public mutating func members(of view: UserView, _ detail: UserDetail) {
        members(of: view.record, online: view.online, lastActiveAt: view.lastActiveAt, detail)
    }

    mutating func members(of record: UserRecord, online: Bool, lastActiveAt: Int64?, _ detail: UserDetail) {
        member("uid", record.uid.text)
        member("name", record.name)
        member("avatar", ifPresent: record.avatar)
        member("link", ifPresent: record.link)
        member("role", record.role)
        member("metadata", ifPresent: record.metadata)
        key("status")
        literal(online ? "online" : "offline")
        member("statusMessage", ifPresent: record.statusMessage)
        member("lastActiveAt", ifPresent: lastActiveAt)
        member("tags", ifAny: record.tags)
        if detail == .event { return }
        if detail == .own {
            member("email", ifPresent: record.email)
            member("credits", ifPresent: record.credits)
        }
        member("createdAt", record.createdAt)
        member("updatedAt", ifPresent: record.updatedAt)
        member("deactivatedAt", ifPresent: record.deactivatedAt)
    }

    /// `showsViewer`: with `hasJoined`, `scope`, `joinedAt` and `isBanned`; never in what several users get.
    /// `online`: how many members are, where that was counted.
    public mutating func group(_ view: GroupView, showsViewer: Bool = false, online: Int? = nil) {
        beginObject()
        members(of: view, showsViewer: showsViewer, online: online)
        endObject()
    }

    /// A group's members, into an object that the caller has open.
    public mutating func members(of view: GroupView, showsViewer: Bool, online: Int? = nil) {
        let record = view.record
        member("guid", record.guid.text)
        member("name", record.name)
        member("type", record.type.rawValue)
        member("icon", ifPresent: record.icon)
        member("description", ifPresent: record.description)
        member("owner", record.owner.text)
        member("metadata", ifPresent: record.metadata)
        member("tags", ifAny: record.tags)
        member("membersCount", Int64(view.membersCount))
        member("onlineMembersCount", ifPresent: online.map { Int64($0) })
        member("createdAt", record.createdAt)
        member("updatedAt", ifPresent: record.updatedAt)
        if showsViewer {
            member("hasJoined", view.viewer != nil)
            member("scope", ifPresent: view.viewer?.scope.rawValue)
            member("joinedAt", ifPresent: view.viewer?.joinedAt)
            member("isBanned", view.isViewerBanned)
        }
    }

    /// A GroupMember: the user and how they stand to the group.
    public mutating func groupMember(
        _ membership: Membership, _ view: UserView, _ standing: BlockStanding? = nil
    ) {
        beginObject()
        members(of: view, .record)
        members(of: standing)
        member("guid", membership.guid.text)
        member("scope", membership.scope.rawValue)
        member("joinedAt", membership.joinedAt)
        endObject()
    }

    /// Who is banned from a group; `scope` is what they were there.
    public mutating func bannedUser(_ ban: Ban, _ view: UserView) {
        beginObject()
        members(of: view, .record)
        member("guid", ban.guid.text)
        member("scope", ifPresent: ban.scope?.rawValue)
        member("bannedAt", ban.bannedAt)
        endObject()
    }

    /// A message. `duplicate`: it answers a send whose `muid` was used before (REST). `reactions`: whether and how they
    /// are shown.
    public mutating func message(
        _ view: MessageView, duplicate: Bool = false, reactions: ReactionDetail = .ifAny
    ) {
        let record = view.message
        beginObject()
        key("id")
        decimalString(record.id)
        member("muid", ifPresent: record.muid)
        member("conversationId", record.conversation.id)
        member("sender", record.sender.text)
        members(record.receiver)
        member("category", record.category.rawValue)
        member("type", record.type)
        key("data")
        data(of: view, reactions)
        member("sentAt", record.sentAt)
        member("updatedAt", ifPresent: record.deletion?.at ?? record.edit?.at)
        member("deliveredAt", ifPresent: view.deliveredAt)
        member("readAt", ifPresent: view.readAt)
        member("editedAt", ifPresent: record.edit?.at)
        member("editedBy", ifPresent: record.edit?.by.text)
        member("deletedAt", ifPresent: record.deletion?.at)
        member("deletedBy", ifPresent: record.deletion?.by.text)
        if let parent = record.parentID {
            key("parentId")
            decimalString(parent)
        }
        if record.replyCount > 0 { member("replyCount", Int64(record.replyCount)) }
        member("tags", ifAny: record.tags)
        if case .group(let action)? = record.subject {
            member("message", Self.defaultText(of: action, by: view.sender, on: view.on))
        }
        if duplicate { member("duplicate", true) }
        endObject()
    }

    /// The stored body, byte for byte, with the entities put in. An action's body is made here alone.
    private mutating func data(of view: MessageView, _ reactions: ReactionDetail) {
        beginObject()
        switch view.message.subject {
        case .group(let action)?:
            member("action", action.kind.rawValue)
            actionEntities(of: view)
            if let scopes = action.scopes { extras(scopes) }
        case .message(let action)?:
            member("action", action.kind.rawValue)
            actionEntities(of: view)
        case .call(let action)?:
            member("action", action.event.status.rawValue)
            members(ofObject: view.message.data.bytes)
            actionEntities(of: view)
        case nil:
            members(ofObject: view.message.data.bytes)
            key("entities")
            beginObject()
            entity("sender", .user(view.sender))
            entity("receiver", view.receiver)
            endObject()
            engagement(of: view, reactions)
        }
        endObject()
    }

    private mutating func actionEntities(of view: MessageView) {
        key("entities")
        beginObject()
        entity("by", .user(view.sender))
        switch view.on {
        case nil: break
        case .user(let user)?: entity("on", .user(user))
        case .message(let target)?:
            key("on")
            beginObject()
            key("entity")
            message(target)
            key("entityType")
            literal("message")
            endObject()
        case .call(let call)?:
            key("on")
            beginObject()
            key("entity")
            self.call(call, of: view.message)
            key("entityType")
            literal("call")
            endObject()
        }
        entity("for", view.receiver)
        endObject()
    }

    private mutating func extras(_ scopes: ScopeChange) {
        key("extras")
        beginObject()
        key("scope")
        beginObject()
        member("old", scopes.old.rawValue)
        member("new", scopes.new.rawValue)
        endObject()
        endObject()
    }

    mutating func entity(_ name: StaticString, _ party: MessageView.Party) {
        key(name)
        beginObject()
        key("entity")
        switch party {
        case .user(let view):
            user(view)
            key("entityType")
            literal("user")
        case .group(let view):
            group(view)
            key("entityType")
            literal("group")
        }
        endObject()
    }

    private static func defaultText(of action: GroupAction, by: UserView, on: MessageView.Entity?) -> String {
        let actor = by.record.name
        var affected = action.on?.text ?? ""
        if case .user(let view)? = on { affected = view.record.name }
        return switch action.kind {
        case .joined, .left: "\(actor) \(action.kind.rawValue)"
        case .kicked, .banned, .unbanned, .added: "\(actor) \(action.kind.rawValue) \(affected)"
        case .scopeChanged: "\(actor) made \(affected) \(action.scopes?.new.rawValue ?? "")"
        }
    }
}
