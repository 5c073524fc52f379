public import ChatModel
internal import WireProtocol

/// The shard's side of the outbound queues.
extension ShardCore {
    /// Replaces the contents of `connections` by those that have something new queued.
    public func takeTouched(into connections: inout [ConnectionReference]) {
        connections.removeAll(keepingCapacity: true)
        tables.takeTouched(into: &connections)
    }

    /// Moves queued frames into the buffer as wire bytes, as many as fit.
    public func drain(_ connection: ConnectionReference, into buffer: inout MutableSpan<UInt8>) -> DrainResult {
        guard let slot = tables.find(connection) else { return DrainResult() }
        let (result, mayContinue) = tables.drain(slot, into: &buffer)
        if mayContinue {
            pumpReplay(slot)
            if tables.takesPresence(slot) { tables.flushPresence(slot, budget: 0) }
        }
        return result
    }

    /// The socket takes nothing for the moment; the next drain that empties the queue takes this back.
    public func blocked(_ connection: ConnectionReference) {
        guard let slot = tables.find(connection) else { return }
        tables.sessions[slot].flags.insert(.isBlocked)
    }

    /// Whether anything waits for the connection.
    public func hasOutput(_ connection: ConnectionReference) -> Bool {
        guard let slot = tables.find(connection) else { return false }
        return !tables.queues.isEmpty(tables.sessions[slot].queue)
    }

    /// Bytes waiting for the connection, replay included.
    public func outputBytes(_ connection: ConnectionReference) -> Int {
        guard let slot = tables.find(connection) else { return 0 }
        return tables.queues.allBytes(tables.sessions[slot].queue)
    }

    /// Everything touched has been given its chance to leave: who is still over the hard limit is slow. May touch.
    ///
    /// Not judged earlier, so that one large batch cuts nobody who keeps up.
    public func flushed() {
        if tables.overflowed.isEmpty { return }
        let overflowed = tables.overflowed
        tables.overflowed.removeAll(keepingCapacity: true)
        for slot in overflowed.lazy.map(Int.init) where tables.sessions[slot].phase != .closing {
            if tables.queues.bytes(tables.sessions[slot].queue) > tables.rules.outboundHardBytes {
                close(slot, .slowConsumer)
            }
        }
    }
}
