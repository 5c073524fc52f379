internal import WireProtocol

/// All routes by their paths. Immutable.
///
/// The path with the most literal segments serves a request, whatever its method, so that `messages/bulk` is never taken
/// for the id of a message.
struct RouteTable: Sendable {
    /// The routes of one path.
    struct Path: Sendable {
        let segments: [Route.Segment]
        let routes: [Route]

        /// The values of the parameters, in order; nil: another path.
        func match(_ path: [String]) -> [String]? {
            var parameters: [String] = []
            for (segment, part) in zip(segments, path) {
                switch segment {
                case .literal(let text): if text != part { return nil }
                case .parameter:
                    guard !part.isEmpty else { return nil }
                    parameters.append(part)
                }
            }
            return parameters
        }
    }

    let routes: [Route]
    /// At index n those of n segments, the most literal ones first.
    private let byLength: [[Path]]

    init(_ routes: [Route]) {
        self.routes = routes
        var paths: [Path] = []
        for (pattern, group) in Dictionary(grouping: routes, by: \.pattern).sorted(by: { $0.key < $1.key }) {
            paths.append(Path(segments: Self.segments(of: pattern), routes: group))
        }
        let longest = paths.map(\.segments.count).max() ?? 0
        byLength = (0...longest).map { length in
            paths.filter { $0.segments.count == length }
                .sorted { Self.literals($0) > Self.literals($1) }
        }
    }

    func find(_ path: [String]) -> (path: Path, parameters: [String])? {
        guard path.count < byLength.count else { return nil }
        for candidate in byLength[path.count] {
            if let parameters = candidate.match(path) { return (candidate, parameters) }
        }
        return nil
    }

    private static func segments(of pattern: String) -> [Route.Segment] {
        pattern.split(separator: "/").map { $0.hasPrefix("{") ? .parameter : .literal(String($0)) }
    }

    private static func literals(_ path: Path) -> Int {
        path.segments.count { $0 != .parameter }
    }
}

extension RouteTable {
    /// What this gateway offers.
    static let all = RouteTable(
        UserRoutes.all + TokenRoutes.all + FriendRoutes.all + OwnRoutes.all + GroupRoutes.all + MemberRoutes.all
            + BanRoutes.all + MessageRoutes.all + MessageChangeRoutes.all + ThreadRoutes.all + ConversationRoutes.all
            + PublishRoutes.all + OperatorRoutes.all + BlockRoutes.all + OnlineRoutes.all + FeedRoutes.all
            + CallRoutes.all)
}
