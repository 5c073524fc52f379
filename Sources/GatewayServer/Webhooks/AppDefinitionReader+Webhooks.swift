internal import EventLog
internal import Foundation
internal import TLSEngine
internal import Yams

/// `webhooks` of an app's file.
extension AppDefinitionReader {
    private static let keys = ["name", "url", "events", "secret", "secretFile", "caFile"]
    private static let nameBytesMax = 100
    private static let urlBytesMax = 2_048
    static let webhooksMax = 32

    mutating func webhooks(_ node: Node?) -> [WebhookDefinition] {
        guard let node else { return [] }
        guard let list = node.sequence else {
            report("webhooks", "must be a list")
            return []
        }
        if list.count > Self.webhooksMax { report("webhooks", "has more than \(Self.webhooksMax) entries") }
        var hooks: [WebhookDefinition] = []
        for (index, entry) in list.enumerated() {
            guard let hook = webhook(entry, at: "webhooks[\(index)]") else { continue }
            if hooks.contains(where: { $0.name == hook.name }) {
                report("webhooks[\(index)].name", "\"\(hook.name)\" is taken by another webhook of this app")
            }
            hooks.append(hook)
        }
        return hooks
    }

    private mutating func webhook(_ node: Node, at place: String) -> WebhookDefinition? {
        guard let fields = node.mapping else {
            report(place, "must be a mapping")
            return nil
        }
        for (key, _) in fields where !Self.keys.contains(key.string ?? "") {
            report("\(place).\(key.string ?? "?")", "is not a known key")
        }
        let events = self.events(fields["events"], at: place)
        let secret = self.secret(fields, "secret", at: place + ".") ?? ""
        if secret.isEmpty { report("\(place).secret", "is missing: deliveries are signed with it") }
        let caFile = fields["caFile"]?.string.map(resolve)
        if let caFile, (try? String(contentsOfFile: caFile, encoding: .utf8)) == nil {
            report("\(place).caFile", "\(caFile) cannot be read")
        }
        guard let (url, isPlain) = self.url(fields["url"], at: place), let name = name(fields["name"], url, at: place)
        else { return nil }
        return WebhookDefinition(
            name: name, url: url, isPlain: isPlain, events: events, secret: secret, caFile: caFile)
    }

    private mutating func url(_ node: Node?, at place: String) -> (url: String, isPlain: Bool)? {
        guard let text = node?.string, !text.isEmpty else {
            report("\(place).url", "is missing")
            return nil
        }
        guard text.utf8.count <= Self.urlBytesMax, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }),
            let parts = URLComponents(string: text), let host = parts.host, !host.isEmpty,
            let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http"
        else {
            report("\(place).url", "must be https://HOST… in at most \(Self.urlBytesMax) characters")
            return nil
        }
        guard parts.user == nil, parts.password == nil, parts.fragment == nil else {
            report("\(place).url", "must hold neither user nor password nor #fragment")
            return nil
        }
        return (text, scheme == "http")
    }

    private mutating func name(_ node: Node?, _ url: String, at place: String) -> String? {
        guard let node else { return "url-" + Hex.encode(Array(Digest.sha256(url).prefix(6))) }
        let name = node.string ?? ""
        let isGood = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isGood, (1...Self.nameBytesMax).contains(name.utf8.count) else {
            report("\(place).name", "must be 1 to \(Self.nameBytesMax) characters of [A-Za-z0-9._-]")
            return nil
        }
        return name
    }

    /// nil: all.
    private mutating func events(_ node: Node?, at place: String) -> Set<FeedEventName>? {
        if node?.string == "all" { return nil }
        guard let names = node?.sequence?.compactMap(\.string), !names.isEmpty else {
            report("\(place).events", "must be all, or a list of events")
            return nil
        }
        var events: Set<FeedEventName> = []
        for name in names {
            if let event = FeedEventName(rawValue: name) {
                events.insert(event)
            } else {
                let known = FeedEventName.allCases.map(\.rawValue).joined(separator: ", ")
                report("\(place).events", "\"\(name)\" is none of \(known)")
            }
        }
        return events
    }
}
