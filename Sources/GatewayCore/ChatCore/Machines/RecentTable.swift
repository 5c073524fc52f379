/// A bounded table that forgets what was not written for a while: values live in two generations, and the older one goes
/// as a whole when a period is over or the younger one is full. O(1) always, without a sweep.
///
/// A value is kept for at least a period after it was written last, unless `capacity / 2` other keys were written in the
/// meantime: then the longest unwritten go, so that whoever makes up keys cannot make it grow.
public struct RecentTable<Key: Hashable, Value> {
    @usableFromInline let generationMax: Int
    @usableFromInline var younger: [Key: Value] = [:]
    @usableFromInline var older: [Key: Value] = [:]
    @usableFromInline var youngerSinceMs: Int64 = .min

    @inlinable
    public init(capacity: Int) {
        precondition(capacity >= 2, "each generation holds a value")
        generationMax = capacity / 2
    }

    /// Values kept, counting twice what stands in both generations.
    @inlinable public var count: Int { younger.count + older.count }

    @inlinable
    public subscript(_ key: Key) -> Value? { younger[key] ?? older[key] }

    /// Writes a value. `nowMs` is monotonic; `periodMs`: how long a value matters after it was written.
    @inlinable
    public mutating func set(_ key: Key, _ value: Value, nowMs: Int64, periodMs: Int64) {
        if youngerSinceMs == .min { youngerSinceMs = nowMs }
        let isFull = younger.count >= generationMax && younger[key] == nil
        if isFull || nowMs - youngerSinceMs >= periodMs {
            older = younger
            younger = [:]
            youngerSinceMs = nowMs
        }
        younger[key] = value
    }
}

extension RecentTable: Sendable where Key: Sendable, Value: Sendable {}
