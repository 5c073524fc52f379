internal import ChatModel

extension MemoryApp {
    /// A line of the feed with its number.
    struct Line {
        let n: Int64
        let bootID: String
        let seq: Int64
        let at: Int64
        let entry: FeedEntry
    }

    /// Whether the line is kept for a while only, or what it points to is no more or has moved on.
    func isStale(_ line: Line) -> Bool {
        switch line.entry {
        case .message(let id): message(id) == nil
        case .mark(let conversation, let mark):
            marks[MarkKey(conversation: conversation, reader: mark.reader, kind: mark.kind)]?.seq != mark.seq
        case .group, .block: false
        case .reaction: reactionEvent(line.seq) == nil
        case .completion: completionEvent(line.seq) == nil
        case .connection: true
        }
    }

    func feedPage(_ query: FeedQuery) -> FeedPage {
        var shown: [FeedLine] = []
        for line in feed where line.n > query.after {
            if shown.count == query.limit { break }
            guard let event = event(of: line), query.events?.contains(FeedEventName(event)) ?? true else { continue }
            shown.append(
                FeedLine(n: line.n, bootID: line.bootID, seq: line.seq, at: time(of: line, event), event: event))
        }
        let isFull = shown.count == query.limit
        return FeedPage(lines: shown, reached: isFull ? shown.last?.n ?? feedEnd : feedEnd, end: feedEnd)
    }

    /// nil: what it points to is gone.
    private func event(of line: Line) -> FeedLine.Event? {
        switch line.entry {
        case .message(let id): message(id).map { .message(view($0)) }
        case .mark(let conversation, let mark): .receipts(conversation, mark)
        case .group(let change, let guid): .group(change, guid, group(guid, viewer: nil))
        case .block(let uid, let blocked, let exists): .block(uid, blocked: blocked, exists: exists)
        case .reaction: reactionEvent(line.seq).map { .reaction($0) }
        case .completion: completionEvent(line.seq).map { .completion($0) }
        case .connection(let event): .connection(event)
        }
    }

    private func time(of line: Line, _ event: FeedLine.Event) -> Int64 {
        switch event {
        case .message(let view): view.message.sentAt
        case .receipts(_, let mark): mark.at
        case .group, .block, .reaction, .completion: line.at
        case .connection(let event): event.at
        }
    }
}
