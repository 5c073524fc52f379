internal import WireProtocol

/// The outbound queues of all of a shard's connections, in one arena.
///
/// A connection has a queue only while something waits in it; queues and nodes come from free lists, so a frame on its
/// way to a connection that keeps up allocates nothing. Frames are shared references.
///
/// A queue has lanes, emptied in this order: control, durable (messages, acks and receipts in walk order), presence,
/// fleeting, and last the ending: the `error` frame and the close frame, after which nothing is taken. A frame that was
/// begun is finished first: WebSocket frames do not interleave.
struct OutboundQueues: ~Copyable {
    /// What a node is on the wire (RFC 6455 §5.2).
    enum Opcode: UInt8 {
        case text = 0x1
        case close = 0x8
        case pong = 0xA
    }

    struct Node {
        var frame: SharedFrame?
        var next: UInt32
        var opcode: Opcode
        var kind: OutboundKind
        /// Not counted against the limits.
        var isReplay: Bool
    }

    struct Lane {
        var head = noSlot
        var tail = noSlot
    }

    struct Queue {
        var lanes = InlineArray<5, Lane>(repeating: Lane())
        /// The node that is partly written, unlinked from its lane, and how many of its bytes are out.
        var current = noSlot
        var written = 0
        var frames = 0
        /// With headers, the partly written one in full.
        var bytes = 0
        var replayBytes = 0
    }

    static let endingLane = 4

    var nodes: ContiguousArray<Node> = []
    private var freeNode = noSlot
    var queues: ContiguousArray<Queue> = []
    private var freeQueues: [UInt32] = []

    /// Nodes in use, and the most there were since the last `trim`.
    private(set) var framesWaiting = 0
    private var framesPeak = 0
    /// What an arena may keep whatever its use.
    private static let nodesKept = 1_024

    /// Bytes waiting that count against the limits.
    func bytes(_ queue: UInt32) -> Int {
        queue == noSlot ? 0 : queues[Int(queue)].bytes
    }

    /// All bytes waiting, replay included.
    func allBytes(_ queue: UInt32) -> Int {
        queue == noSlot ? 0 : queues[Int(queue)].bytes + queues[Int(queue)].replayBytes
    }

    func isEmpty(_ queue: UInt32) -> Bool {
        queue == noSlot || queues[Int(queue)].frames == 0
    }

    /// Adds a frame at the end of its lane; makes the queue when there is none.
    mutating func append(
        _ frame: SharedFrame, to queue: inout UInt32, kind: OutboundKind, opcode: Opcode = .text, lane: Int? = nil,
        isReplay: Bool = false
    ) {
        if queue == noSlot { queue = makeQueue() }
        let node = makeNode(
            Node(frame: frame, next: noSlot, opcode: opcode, kind: kind, isReplay: isReplay))
        let size = Self.wireBytes(frame.payload.count)
        let lane = lane ?? kind.lane
        let index = Int(queue)
        if queues[index].lanes[lane].head == noSlot {
            queues[index].lanes[lane].head = node
        } else {
            nodes[Int(queues[index].lanes[lane].tail)].next = node
        }
        queues[index].lanes[lane].tail = node
        queues[index].frames += 1
        if isReplay {
            queues[index].replayBytes += size
        } else {
            queues[index].bytes += size
        }
    }

    /// Drops the lanes; a frame that was begun stays.
    mutating func drop(lanes: some Sequence<Int>, of queue: UInt32) {
        if queue == noSlot { return }
        for lane in lanes {
            while let node = popFirst(lane, of: Int(queue)) { release(node, of: Int(queue)) }
        }
    }

    /// Drops everything, and the queue.
    mutating func removeAll(_ queue: inout UInt32) {
        if queue == noSlot { return }
        let index = Int(queue)
        if queues[index].current != noSlot { release(queues[index].current, of: index) }
        drop(lanes: 0...Self.endingLane, of: queue)
        freeQueue(&queue)
    }

    /// The node to write next, or nil; it is unlinked and becomes the current one.
    mutating func takeNext(_ index: Int) -> UInt32? {
        if queues[index].frames == 0 { return nil }
        for lane in 0...Self.endingLane {
            if let node = popFirst(lane, of: index) { return node }
        }
        return nil
    }

    mutating func release(_ node: UInt32, of index: Int) {
        let size = Self.wireBytes(nodes[Int(node)].frame!.payload.count)
        queues[index].frames -= 1
        if nodes[Int(node)].isReplay {
            queues[index].replayBytes -= size
        } else {
            queues[index].bytes -= size
        }
        nodes[Int(node)].frame = nil
        nodes[Int(node)].next = freeNode
        freeNode = node
        framesWaiting -= 1
    }

    /// Gives back a queue without frames: its lanes are as new.
    mutating func freeQueue(_ queue: inout UInt32) {
        precondition(queues[Int(queue)].frames == 0, "a queue with frames is kept")
        queues[Int(queue)].current = noSlot
        freeQueues.append(queue)
        queue = noSlot
    }

    /// Gives back the memory of a burst, once nothing waits and the time since the last call has needed little of it.
    mutating func trim() {
        if freeQueues.count == queues.count, nodes.count > Self.nodesKept, framesPeak < nodes.count / 4 {
            nodes = []
            queues = []
            freeNode = noSlot
            freeQueues = []
        }
        framesPeak = framesWaiting
    }

    private mutating func popFirst(_ lane: Int, of index: Int) -> UInt32? {
        let node = queues[index].lanes[lane].head
        if node == noSlot { return nil }
        queues[index].lanes[lane].head = nodes[Int(node)].next
        if queues[index].lanes[lane].head == noSlot { queues[index].lanes[lane].tail = noSlot }
        return node
    }

    private mutating func makeQueue() -> UInt32 {
        if let reused = freeQueues.popLast() { return reused }
        queues.append(Queue())
        return UInt32(queues.count - 1)
    }

    private mutating func makeNode(_ node: Node) -> UInt32 {
        framesWaiting += 1
        framesPeak = max(framesPeak, framesWaiting)
        if freeNode == noSlot {
            nodes.append(node)
            return UInt32(nodes.count - 1)
        }
        let reused = freeNode
        freeNode = nodes[Int(reused)].next
        nodes[Int(reused)] = node
        return reused
    }

    /// A payload with its header as a server sends it: unmasked (RFC 6455 §5.2).
    static func wireBytes(_ payload: Int) -> Int {
        payload + headerBytes(payload)
    }

    static func headerBytes(_ payload: Int) -> Int {
        payload < 126 ? 2 : payload < 65_536 ? 4 : 10
    }
}
