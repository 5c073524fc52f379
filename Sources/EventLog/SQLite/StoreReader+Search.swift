internal import ChatModel
internal import GRDB

extension StoreReader {
    static let newestBehindSQL = "SELECT key FROM messages WHERE key BETWEEN ? AND ? ORDER BY key DESC LIMIT 1"

    /// The sources of a search in a scope: up to where the word index has come, what it finds there; behind that the
    /// scope's own, so that a message is found as soon as it is sent. All they give is still to be judged by `words`.
    func searched(
        _ scope: HistoryScope, _ words: WordQuery, _ app: AppNumber, _ low: Int64, _ high: Int64
    ) throws -> [MessageSource] {
        let searched = try statement("SELECT searched FROM apps WHERE number = ?", Int64(app.raw)).first { $0.int(0) }
        let known = max(searched ?? 0, MessageKey.make(app, 0))
        let isBehind =
            try statement(Self.newestBehindSQL, known + 1, MessageKey.make(app, MessageKey.positionMax))
            .first { _ in true } ?? false

        var sources: [MessageSource] = []
        for source in scope.sources {
            guard let expression = Self.expression(words, source.run) else {
                sources.append(source)
                continue
            }
            sources.append(MessageSource(run: .words(expression), low: source.low, high: min(source.high, known)))
            if isBehind { sources.append(source.from(known + 1)) }
        }
        if let user = scope.pairsOf {
            let expression = WordTerms.expression(words, at: .pairs(of: user))
            sources.append(MessageSource(run: .words(expression), low: low, high: min(high, known)))
            if isBehind { sources += try pairSources(of: user, low: max(low, known + 1), high: high) }
        }
        return sources
    }

    /// nil: the run is short, or none that the index knows; it is gone through as it is.
    private static func expression(_ words: WordQuery, _ run: MessageSource.Run) -> String? {
        switch run {
        case .app: WordTerms.expression(words, at: nil)
        case .conversation(let id): WordTerms.expression(words, at: .conversation(id))
        case .type, .category, .about, .thread, .reactions, .completions, .words: nil
        }
    }
}
