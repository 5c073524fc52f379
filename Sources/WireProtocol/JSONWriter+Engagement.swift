public import ChatModel
public import JSONCodec

/// How a message shows what it has of reactions.
public enum ReactionDetail: Sendable {
    /// Not at all: in frames, as each reaction comes in a frame of its own, at its own position.
    case none
    case ifAny
    /// Also when there are none: in answers to reactions.
    case always
}

/// What users did with messages (protocol.md §3.8, §6).
extension JSONWriter {
    /// A Reaction, as the lists have it.
    public mutating func reaction(_ reaction: Reaction) {
        beginObject()
        members(of: reaction)
        endObject()
    }

    /// The body of a `reaction` frame, into an object that the caller has open.
    public mutating func members(of event: ReactionEvent) {
        key("action")
        literal(event.isAdded ? "message_reaction_added" : "message_reaction_removed")
        members(of: event.reaction)
    }

    /// The body of an `interaction_completed` frame, into an object that the caller has open.
    public mutating func members(of event: CompletionEvent) {
        key("messageId")
        decimalString(event.messageID)
        key("user")
        user(event.user)
        interactions(event.interactions)
    }

    mutating func members(of reaction: Reaction) {
        key("id")
        decimalString(reaction.id)
        key("messageId")
        decimalString(reaction.messageID)
        member("uid", reaction.user.record.uid.text)
        member("reaction", reaction.reaction)
        key("reactedBy")
        user(reaction.user)
        member("reactedAt", reaction.at)
        member("conversationId", reaction.conversation.id)
        key("parentId")
        // Compatible clients take any non-empty text for a thread's id.
        if let parent = reaction.parentID { decimalString(parent) } else { int(0) }
    }

    mutating func interactions(_ interactions: [Interaction]) {
        key("interactions")
        beginArray()
        for interaction in interactions {
            beginObject()
            member("elementId", interaction.elementID)
            member("interactedAt", interaction.at)
            endObject()
        }
        endArray()
    }

    /// What the gateway puts into `data` beside the entities.
    mutating func engagement(of view: MessageView, _ detail: ReactionDetail) {
        if !view.mentions.isEmpty {
            key("mentions")
            beginObject()
            for mentioned in view.mentions {
                key(text: mentioned.record.uid.text)
                user(mentioned)
            }
            endObject()
        }
        let counts = view.message.reactions
        if detail == .always || detail == .ifAny && !counts.isEmpty { reactions(counts, view.viewer) }
        if view.message.category == .interactive, let viewer = view.viewer { interactions(viewer.interactions) }
    }

    private mutating func reactions(_ counts: [ReactionCount], _ viewer: Engagement?) {
        key("reactions")
        beginArray()
        for count in counts {
            beginObject()
            member("reaction", count.reaction)
            member("count", Int64(count.count))
            if let viewer { member("reactedByMe", viewer.reactions.contains(count.reaction)) }
            endObject()
        }
        endArray()
    }
}
