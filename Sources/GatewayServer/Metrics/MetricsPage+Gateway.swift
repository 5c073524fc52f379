internal import GatewayCore
internal import Reactor
internal import WireProtocol

/// What the threads count, under its public names.
extension MetricsPage {
    mutating func add(_ figures: CoreFigures) {
        guard let counts = figures.latest else { return }
        add("halley_sessions", .gauge, "Authenticated realtime connections.", counts.sessions)
        add("halley_users_online", .gauge, "Users online.", counts.onlineUsers)
        add("halley_core_entities", .gauge, "Entities the core holds.", counts.cachedEntities)
        add("halley_core_cache_bytes", .gauge, "Estimated size of those entities.", counts.cachedBytes)
        add("halley_core_commands_parked", .gauge, "Commands that wait for an entity.", counts.parkedCommands)
    }

    mutating func add(_ environment: ShardEnvironment) {
        add("halley_pool_jobs", .gauge, "Jobs waiting or running on the blocking pool.", environment.pool.depth)
        for (index, figures) in environment.figures.all.enumerated() {
            let shard = [(name: "shard", value: String(index))]
            add("halley_connections", .gauge, "Open connections of every kind.", labels: shard, figures.connections)
            add("halley_handshakes_total", .counter, "TLS handshakes completed.", labels: shard, figures.handshakes)
            add("halley_accepted_total", .counter, "Connections accepted.", labels: shard, figures.listener.accepted)
            add(
                "halley_accepts_shed_total", .counter, "Connections closed for want of descriptors.", labels: shard,
                figures.listener.shed)
            add(
                "halley_accept_pauses_total", .counter, "Times accepting paused for want of descriptors.",
                labels: shard, figures.listener.pauses)
            add(
                "halley_commands_refused_total", .counter, "Commands refused for want of a credit.", labels: shard,
                figures.counters.refused)
            add(
                "halley_frames_replayed_total", .counter, "Frames replayed to returning sessions.", labels: shard,
                figures.counters.replayed)
        }
        addFrames(environment.figures.all.map(\.counters))
    }

    mutating func add(_ media: MediaStore) {
        let counts = media.counts
        add("halley_uploads", .gauge, "Uploads under way.", counts.uploads)
        add("halley_media_bytes", .gauge, "Bytes of all media; 0 without a quota.", counts.bytes)
        add("halley_media_jobs", .gauge, "Jobs waiting or running on the media pool.", media.pool.depth)
        add("halley_media_files_total", .counter, "Files stored for messages.", counts.stored)
        add(
            "halley_media_quota_refusals_total", .counter, "Uploads refused by the quota.", counts.quotaRefusals)
        add(
            "halley_media_failures_total", .counter, "Files the disk refused to write or to read.", counts.failures)
    }

    private mutating func addFrames(_ shards: [ShardCounters]) {
        func total(_ path: KeyPath<ShardCounters, Int>) -> Int { shards.reduce(0) { $0 + $1[keyPath: path] } }
        let received: [(String, KeyPath<ShardCounters, Int>)] = [
            ("auth", \.received.auth), ("ping", \.received.ping), ("typing", \.received.typing),
            ("transient", \.received.transient), ("receipt", \.received.receipt), ("message", \.received.message),
            ("app_state", \.received.appState), ("unknown", \.received.unknown), ("bad", \.received.bad),
        ]
        for (name, path) in received {
            add("halley_frames_received_total", .counter, "Frames received.", labels: [("type", name)], total(path))
        }
        for kind in OutboundKind.allCases {
            let index = Int(kind.rawValue)
            let labels = [(name: "class", value: "\(kind)")]
            add(
                "halley_frames_queued_total", .counter, "Frames queued for delivery.", labels: labels,
                shards.reduce(0) { $0 + $1.queued[index] })
            add(
                "halley_frames_shed_total", .counter, "Ephemeral frames not sent to who lags.", labels: labels,
                shards.reduce(0) { $0 + $1.shed[index] })
        }
        for reason in CloseReason.allCases {
            let count = shards.reduce(0) { $0 + ($1.closed[reason] ?? 0) }
            add(
                "halley_closes_total", .counter, "Connections the gateway closed.",
                labels: [("code", String(reason.rawValue)), ("reason", "\(reason)")], count)
        }
        add("halley_connections_left_total", .counter, "Connections that ended by themselves.", total(\.left))
    }
}
