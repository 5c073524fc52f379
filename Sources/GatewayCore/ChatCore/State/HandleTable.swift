/// Ids interned as small numbers, counted by reference, each with the entity cached for it (nil: known, not cached).
///
/// Groups hold their members, and users their groups, as these 4-byte handles. Whoever stores a handle retains it; a
/// handle whose last holder lets go may be given to another id.
struct HandleTable<ID: Hashable, Entity: AnyObject> {
    private struct Entry {
        var id: ID?
        var holders: Int32
        var entity: Entity?
    }

    private var entries: [Entry] = []
    private var handles: [ID: Int32] = [:]
    private var free: [Int32] = []

    /// Ids interned now.
    var count: Int { handles.count }

    func handle(of id: ID) -> Int32? { handles[id] }

    func id(of handle: Int32) -> ID {
        guard let id = entries[Int(handle)].id else { preconditionFailure("a handle outlived its holders") }
        return id
    }

    func entity(of handle: Int32) -> Entity? { entries[Int(handle)].entity }

    func entity(of id: ID) -> Entity? {
        handles[id].flatMap { entries[Int($0)].entity }
    }

    /// The handle of `id`, with one more holder.
    mutating func acquire(_ id: ID) -> Int32 {
        if let handle = handles[id] {
            entries[Int(handle)].holders += 1
            return handle
        }
        let handle: Int32
        if let reused = free.popLast() {
            handle = reused
            entries[Int(handle)] = Entry(id: id, holders: 1, entity: nil)
        } else {
            handle = Int32(entries.count)
            entries.append(Entry(id: id, holders: 1, entity: nil))
        }
        handles[id] = handle
        return handle
    }

    mutating func retain(_ handle: Int32) {
        precondition(entries[Int(handle)].holders > 0, "only a held handle can be retained")
        entries[Int(handle)].holders += 1
    }

    mutating func release(_ handle: Int32) {
        let index = Int(handle)
        precondition(entries[index].holders > 0, "released more often than retained")
        entries[index].holders -= 1
        guard entries[index].holders == 0, let id = entries[index].id else { return }
        precondition(entries[index].entity == nil, "a cached entity holds its handle")
        handles[id] = nil
        entries[index].id = nil
        free.append(handle)
    }

    /// Stores or drops the entity of a held handle; the caller accounts for the holder.
    mutating func setEntity(_ entity: Entity?, of handle: Int32) {
        entries[Int(handle)].entity = entity
    }

    /// Calls `body` for every cached entity.
    func forEachEntity(_ body: (Entity) -> Void) {
        for entry in entries {
            if let entity = entry.entity { body(entity) }
        }
    }
}
