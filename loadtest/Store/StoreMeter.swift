internal import ChatModel
internal import EventLog
internal import Histogram
internal import Reactor

/// Reads a made history as clients would and keeps the time of each read. Confined to its thread.
struct StoreMeter {
    private let plan: StorePlan
    private let store: SQLiteStore
    private let app: AppNumber
    private let samples: Int
    private var random: SeededRandom

    init(_ plan: StorePlan, _ store: SQLiteStore, _ app: AppNumber, samples: Int) {
        self.plan = plan
        self.store = store
        self.app = app
        self.samples = samples
        random = SeededRandom(seed: plan.seed &+ 1)
    }

    mutating func measure(into report: inout Report) throws {
        try time("history_newest", &report) { meter in try meter.history { _, _ in } }
        let newest = Int64(plan.messages)
        try time("history_anywhere", &report) { meter in
            try meter.history { query, random in
                query.cursor = .id(Int64.random(in: 1...newest, using: &random))
            }
        }
        try time("history_images", &report) { meter in try meter.history { query, _ in query.types = ["image"] } }
        try time("conversations", &report) { meter in
            let viewer = meter.someone()
            return try meter.store.conversations(ConversationQuery(app: meter.app, viewer: viewer)).items.count
        }
        try time("unread_counts", &report) { meter in
            let viewer = meter.someone()
            return try meter.store.unreadCounts(meter.app, of: viewer, nil).count
        }
        for (name, ranks) in [("common", 0..<20), ("rare", 5_000..<StorePlan.wordCount)] {
            try time("search_\(name)_here", &report) { meter in
                try meter.history { query, random in
                    query.searchKey = StorePlan.word(Int.random(in: ranks, using: &random))
                }
            }
            try time("search_\(name)_everywhere", &report) { meter in
                var query = HistoryQuery(app: meter.app, viewer: meter.someone(), scope: .everything)
                query.searchKey = StorePlan.word(Int.random(in: ranks, using: &meter.random))
                return try meter.messages(query)
            }
        }
        // The one user with thousands of conversations, less often.
        report.add("busy_conversations", plan.busyPairs + plan.busyGroups)
        let busy = plan.uid(0)
        try time("busy_conversations", &report, of: samples / 20 + 1) { meter in
            try meter.store.conversations(ConversationQuery(app: meter.app, viewer: busy)).items.count
        }
        try time("busy_unread_counts", &report, of: samples / 20 + 1) { meter in
            try meter.store.unreadCounts(meter.app, of: busy, nil).count
        }
        try time("busy_search_everywhere", &report, of: samples / 20 + 1) { meter in
            var query = HistoryQuery(app: meter.app, viewer: busy, scope: .everything)
            query.searchKey = StorePlan.word(Int.random(in: 0..<20, using: &meter.random))
            return try meter.messages(query)
        }
    }

    /// The time of each of some reads in microseconds, and what they gave on average: a fast read of nothing would show.
    private mutating func time(
        _ name: String, _ report: inout Report, of count: Int? = nil, _ read: (inout StoreMeter) throws -> Int
    ) throws {
        var times = Histogram<UInt64>(highestTrackableValue: 600_000_000, numberOfSignificantValueDigits: .three)
        var items = 0
        for _ in 0..<(count ?? samples) {
            let started = SystemTime.monotonicNs()
            items += try read(&self)
            times.record(UInt64(max((SystemTime.monotonicNs() - started) / 1_000, 1)))
        }
        report.add("\(name)_us_p50", Int(times.valueAtPercentile(50)))
        report.add("\(name)_us_p99", Int(times.valueAtPercentile(99)))
        report.add("\(name)_items", Double(items) / Double(count ?? samples))
    }

    private mutating func someone() -> UserID { plan.uid(Int.random(in: 1..<plan.users, using: &random)) }

    /// A page of some conversation, as one of its people sees it.
    private mutating func history(_ change: (inout HistoryQuery, inout SeededRandom) -> Void) throws -> Int {
        var query: HistoryQuery
        if Bool.random(using: &random) {
            let user = Int.random(in: 0..<plan.users, using: &random)
            let other = plan.uid(plan.neighbour(of: user, &random))
            query = HistoryQuery(app: app, viewer: plan.uid(user), scope: .user(other))
        } else {
            let group = Int.random(in: 0..<plan.groups, using: &random)
            let member = plan.members(of: group).randomElement(using: &random) ?? 0
            query = HistoryQuery(app: app, viewer: plan.uid(member), scope: .group(plan.guid(group)))
        }
        change(&query, &random)
        return try messages(query)
    }

    private func messages(_ query: HistoryQuery) throws -> Int {
        guard case .page(let page) = try store.history(query) else {
            throw LoadFailure("the store refused a member's history")
        }
        return page.messages.count
    }
}
