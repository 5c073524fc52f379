internal import Reactor

/// An app's backend on the Unix socket: asks many things and waits for all answers. Confined to the loop's thread.
final class Backend {
    static let shard: UInt8 = 1
    /// Most requests of one connection run one by one, so several connections let the log commit them in groups.
    private static let linksMax = 32
    private static let pipelineMax = 4

    let key: BackendKey
    private let loop: LoadLoop
    private let progress: Progress
    private var links = Slab<BackendLink>(shard: Backend.shard)

    init(key: BackendKey, loop: LoadLoop, progress: Progress) {
        self.key = key
        self.loop = loop
        self.progress = progress
    }

    /// Makes `count` requests, many at a time and so in no fixed order, and hands each answer to `answered`.
    func perform(
        _ what: String, count: Int, _ request: (Int) -> BackendRequest,
        _ answered: (Int, BackendAnswer) throws -> Void
    ) throws {
        try openLinks(min(Self.linksMax, count))
        var begun = 0
        var done = 0
        while done < count {
            var next = links.first(fromSlot: 0)
            while let id = next, begun < count {
                while links[id].isOpen, links[id].waiting.count < Self.pipelineMax, begun < count {
                    links[id].send(begun, request(begun), key, in: loop.streams)
                    begun += 1
                }
                next = links.first(fromSlot: id.slot + 1)
            }
            var answers: [(Int, BackendAnswer)] = []
            var failure: (any Error)?
            try loop.poll(timeoutMs: 100, awaiting: what) { token, events in
                let id = token.slabID
                guard id.shard == Self.shard, links.contains(id) else { return }
                do { answers += try links[id].ready(events, in: loop.streams) } catch { failure = error }
            }
            if let failure { throw failure }
            for (number, answer) in answers { try answered(number, answer) }
            done += answers.count
            progress.show("\(what) \(done)/\(count)")
        }
    }

    private func openLinks(_ count: Int) throws {
        while links.count < count {
            do throws(SystemError) {
                let (path, streams) = (key.socketPath, loop.streams)
                _ = try links.insert { id throws(SystemError) in
                    try BackendLink(to: path, token: PollToken(id), in: streams)
                }
            } catch {
                throw LoadFailure(error)
            }
        }
    }

    /// Closes the connections: a measured server has none that the clients do not need.
    func disconnect() {
        while let id = links.first(fromSlot: 0) { _ = links.remove(id) }
    }
}
