internal import GatewayCore
internal import Yams

/// `limits:` of an app's file: what one app does otherwise than the configuration says.
extension AppDefinitionReader {
    private static let limitKeys: [(name: String, path: any WritableKeyPath<AppLimits, Int?> & Sendable)] = [
        ("connectionsPerUser", \.connectionsPerUser), ("sendsPerMinute", \.sendsPerMinute),
        ("framesPerMinute", \.framesPerMinute), ("typingPerSecond", \.typingPerSecond),
        ("groupsPerUser", \.groupsPerUser), ("friendsPerUser", \.friendsPerUser),
        ("blockedPerUser", \.blockedPerUser),
        ("membersPerGroup", \.membersPerGroup), ("membersPerAdd", \.membersPerAdd),
    ]

    mutating func limits(_ node: Node?) -> AppLimits {
        var limits = AppLimits()
        guard let node else { return limits }
        guard let fields = node.mapping else {
            report("limits", "must be a mapping")
            return limits
        }
        for (key, value) in fields {
            let name = key.string ?? "?"
            guard let path = Self.limitKeys.first(where: { $0.name == name })?.path else {
                let isGlobal = ConfigurationSchema.key(section: "limits", name: name) != nil
                report("limits.\(name)", isGlobal ? "is the same for all apps" : "is not a known key")
                continue
            }
            // As wide as the same key of the configuration.
            let most = ConfigurationSchema.limitMax
            guard let number = value.scalar.flatMap({ Int($0.string) }), (0...most).contains(number) else {
                report("limits.\(name)", "must be a whole number from 0 to \(most)")
                continue
            }
            limits[keyPath: path] = number
        }
        return limits
    }
}
