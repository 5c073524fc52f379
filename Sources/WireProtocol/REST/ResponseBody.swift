public import ChatModel
public import JSONCodec

/// The bodies of REST answers (protocol.md §7): envelopes around the objects of §6. Any thread.
public enum ResponseBody {
    /// `{"data":…}`; `write` writes exactly one value.
    public static func data(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("data")
        write(&writer)
        writer.endObject()
        return writer.take()
    }

    /// `{"data":{"success":true}}`: something was done that leaves nothing to show.
    public static let done: [UInt8] = data { writer in
        writer.beginObject()
        writer.member("success", true)
        writer.endObject()
    }

    /// `{"data":[…],"meta":{"pagination":{…},"cursor":{…}}}`; `write` writes one item.
    public static func list<Item>(
        _ items: some Sequence<Item>, pagination: Pagination? = nil, cursor: PageCursor? = nil, links: PageLinks? = nil,
        _ write: (inout JSONWriter, Item) -> Void
    ) -> [UInt8] {
        var writer = JSONWriter(capacity: 4_096)
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        for item in items { write(&writer, item) }
        writer.endArray()
        writer.key("meta")
        writer.beginObject()
        if let pagination { writer.pagination(pagination) }
        if let cursor { writer.cursor(cursor) }
        if let links { writer.links(links) }
        writer.endObject()
        writer.endObject()
        return writer.take()
    }

    /// `{"error":{"code","message","details"}}`.
    public static func error(_ failure: APIFailure) -> [UInt8] {
        var writer = JSONWriter(capacity: 192)
        writer.beginObject()
        writer.key("error")
        writer.errorObject(failure)
        writer.endObject()
        return writer.take()
    }

    /// `PUT me`, `GET me`: the user with what they need to connect. `jwt`: nil where none was made.
    public static func me(_ user: UserView, authToken: String, jwt: String?, settings: ClientSettings) -> [UInt8] {
        data { writer in
            writer.beginObject()
            writer.members(of: user, .own)
            writer.member("authToken", authToken)
            writer.member("jwt", ifPresent: jwt)
            writer.key("wsChannel")
            writer.beginObject()
            writer.member("identity", "[\(settings.appID)]\(user.record.uid.text)")
            // Clients of the first generation log in to a chat server with it; this gateway has none.
            writer.member("secret", "")
            writer.member("service", "websocket")
            writer.endObject()
            writer.key("settings")
            writer.settings(settings)
            writer.endObject()
        }
    }

    public static func settings(_ settings: ClientSettings) -> [UInt8] {
        data { $0.settings(settings) }
    }

    /// The answer to a made auth token; the only time it is shown.
    public static func authToken(_ token: String, of user: UserView) -> [UInt8] {
        data { writer in
            writer.beginObject()
            writer.member("uid", user.record.uid.text)
            writer.member("name", user.record.name)
            writer.member("authToken", token)
            writer.endObject()
        }
    }
}

extension JSONWriter {
    /// `{"code","message","details"}`; `details` says what can be done about it.
    public mutating func errorObject(_ failure: APIFailure) {
        beginObject()
        member("code", failure.code.rawValue)
        member("message", failure.message)
        key("details")
        beginObject()
        member("retryable", failure.code.isRetryable)
        if failure.retryAfterMs > 0 { member("retryAfterMs", Int64(failure.retryAfterMs)) }
        endObject()
        endObject()
    }

    public mutating func settings(_ settings: ClientSettings) {
        beginObject()
        member("CHAT_HOST", settings.host)
        key("CHAT_WSS_PORT")
        int(Int64(settings.port))
        member("CHAT_API_VERSION", "v3.0")
        member("ADMIN_API_HOST", settings.restHost)
        member("CLIENT_API_HOST", settings.restHost)
        member("WS_API_VERSION", "v3.0")
        member("REGION", settings.region)
        member("MODE", settings.mode.rawValue)
        member("ANALYTICS_PING_DISABLED", true)
        member("APP_VERSION", 4)
        key("extensions")
        beginArray()
        endArray()
        key("parameters")
        beginObject()
        endObject()
        member("settingsHash", settings.hash)
        endObject()
    }

    fileprivate mutating func pagination(_ pagination: Pagination) {
        key("pagination")
        beginObject()
        member("total", Int64(pagination.total))
        member("count", Int64(pagination.count))
        member("per_page", Int64(pagination.perPage))
        member("current_page", Int64(pagination.currentPage))
        member("total_pages", Int64(pagination.totalPages))
        endObject()
    }

    fileprivate mutating func cursor(_ cursor: PageCursor) {
        key("cursor")
        beginObject()
        if let id = cursor.id {
            key("id")
            decimalString(id)
        }
        member("affix", cursor.affix.rawValue)
        endObject()
    }

    fileprivate mutating func links(_ links: PageLinks) {
        if let last = links.last {
            key("next")
            cursor(last, .append)
        }
        if let first = links.first {
            key("previous")
            cursor(first, .prepend)
        }
    }

    private mutating func cursor(_ id: Int64, _ affix: PageCursor.Affix) {
        beginObject()
        key("id")
        decimalString(id)
        member("affix", affix.rawValue)
        endObject()
    }
}
