internal import ChatModel
internal import DequeModule
internal import WireProtocol

/// The catching up of one returning session: a cursor into the store, and what it must get afterwards.
///
/// | stage | reads from the store | what is walked meanwhile |
/// |---|---|---|
/// | missed | (lastSeq, S], S = the position where the session became known | held, in order |
/// | passed | what was walked while it read, when that was more than it may hold | held, in order |
///
/// After `missed` comes the `resumed` frame. When a stage ends and nothing had to be dropped from what is held, that is
/// sent and the session is live; otherwise the next stage reads up to the present position. What is held was walked by
/// the tables of its own moment, so its audience is exact. Answers are never dropped: each goes out in its place among
/// the positions.
final class SessionReplay {
    struct Held {
        let frame: SharedFrame
        let kind: OutboundKind
        let isAnswer: Bool
        /// The app's position when it was walked.
        let position: Int64
    }

    enum Stage {
        case missed, passed
    }

    private(set) var stage = Stage.missed
    /// Everything up to here has been read.
    var after: Int64
    /// The position of the last event sent.
    private(set) var lastSent: Int64
    /// The stage ends here.
    private(set) var through: Int64
    /// Frames sent of what was missed.
    private(set) var count = 0
    private(set) var hasGap = false

    var isReading = false
    var failures = 0
    /// When to ask for the page again that was not served; `.max`: nothing went wrong.
    var retryAtMs = Int64.max

    private(set) var held: Deque<Held> = []
    private(set) var heldBytes = 0
    private(set) var heldAnswers = 0
    /// Something was walked and not held: the store has to be read again.
    private(set) var hasDropped = false

    init(lastSeq: Int64, through: Int64) {
        after = lastSeq
        lastSent = lastSeq
        self.through = through
    }

    /// How many events to ask for: one more than may be sent tells whether that was all.
    func wanted(_ rules: ShardRules) -> Int {
        stage == .missed ? min(rules.replayPageMax, rules.resumeLimit - count + 1) : rules.replayPageMax
    }

    /// An event of the store may be sent; false: the limit is reached.
    func admit(_ seq: Int64, limit: Int) -> Bool {
        if stage == .missed {
            if count >= limit { return false }
            count += 1
        }
        lastSent = seq
        return true
    }

    func noteGap() { hasGap = true }

    /// Starts the stage that reads what was dropped, up to `position`.
    func beginPassed(through position: Int64) {
        stage = .passed
        after = through
        through = position
        hasDropped = false
    }

    /// Keeps something that was walked for later.
    func hold(_ item: Held, _ rules: ShardRules) {
        if !item.isAnswer {
            if hasDropped { return }
            let size = item.frame.payload.count
            if held.count - heldAnswers >= rules.replayHeldMax || heldBytes + size > rules.replayHeldBytesMax {
                held.removeAll { !$0.isAnswer }
                heldBytes = 0
                hasDropped = true
                return
            }
            heldBytes += size
        } else {
            heldAnswers += 1
        }
        held.append(item)
    }

    /// The answers whose place is before `position`, in order.
    func takeAnswers(before position: Int64) -> [Held] {
        // What is not an answer was walked after all that is read now, and so were the answers behind it.
        var due: [Held] = []
        while let first = held.first, first.isAnswer, first.position < position {
            due.append(held.removeFirst())
            heldAnswers -= 1
        }
        return due
    }
}
