internal import ChatModel

/// Runs of receipt marks merged by the position of their last move, ascending. Confined to its `StoreReader`.
struct MarkFeed {
    struct Mark {
        let isPair: Bool
        let conversation: Int64
        /// 0: everybody but the author.
        let reader: Int64
        let kind: ReceiptKind
        let messageID: Int64
        let at: Int64
        let seq: Int64
    }

    /// The marks of one group, or all that are about one user's 1:1 messages, between two positions, both included.
    struct Source {
        let isPair: Bool
        let id: Int64
        let low: Int64
        let high: Int64
    }

    private struct Cursor {
        let source: Source
        /// Nearest last.
        var marks: [Mark] = []
        /// nil: read out.
        var next: Int64?
    }

    private static let chunk: Int64 = 64

    private let reader: StoreReader
    private var cursors: [Cursor]
    private var isPrimed = false

    init(_ reader: StoreReader, _ sources: [Source]) {
        self.reader = reader
        cursors = sources.map { Cursor(source: $0, next: $0.low) }
    }

    /// The next position at which a mark moved, or nil at the end.
    mutating func nextSeq() throws -> Int64? {
        if !isPrimed {
            for index in cursors.indices { try fill(&cursors[index]) }
            isPrimed = true
        }
        return cursors.compactMap { $0.marks.last?.seq }.min()
    }

    /// Every mark that moved at that position, in no order.
    mutating func take(_ seq: Int64) throws -> [Mark] {
        var taken: [Mark] = []
        for index in cursors.indices {
            while cursors[index].marks.last?.seq == seq {
                taken.append(cursors[index].marks.removeLast())
                if cursors[index].marks.isEmpty { try fill(&cursors[index]) }
            }
        }
        return taken
    }

    static func sql(isPair: Bool) -> String {
        """
        SELECT conversation, reader, kind, message, at, seq FROM marks
        WHERE \(isPair ? "peer = ?" : "conversation = ? AND peer IS NULL") AND seq BETWEEN ? AND ?
        ORDER BY seq LIMIT ?
        """
    }

    private func fill(_ cursor: inout Cursor) throws {
        guard let from = cursor.next, from <= cursor.source.high else { return }
        var marks = try read(cursor.source, from, limit: Self.chunk)
        if marks.count < Self.chunk {
            cursor.next = nil
        } else if let last = marks.last?.seq {
            // A chunk may end among the marks of one position: these are read with the next chunk, all of them.
            let whole = marks.prefix { $0.seq < last }
            if whole.isEmpty {
                marks = try read(cursor.source, from, high: last, limit: -1)
                cursor.next = last + 1
            } else {
                marks = Array(whole)
                cursor.next = last
            }
        }
        cursor.marks = marks.reversed()
    }

    /// `limit` -1: all.
    private func read(_ source: Source, _ from: Int64, high: Int64? = nil, limit: Int64) throws -> [Mark] {
        try reader.statement(Self.sql(isPair: source.isPair))
            .binding(source.id, from, min(high ?? source.high, source.high), limit)
            .map { row in
                Mark(
                    isPair: source.isPair, conversation: row.int(0), reader: row.int(1),
                    kind: ReceiptKind(code: row.int(2)), messageID: row.int(3), at: row.int(4), seq: row.int(5))
            }
    }
}
