/// Who listens to what: named audiences of numbered members, both ways. O(1) to join and to leave, 16 bytes a pair.
///
/// Each side knows its place in the other's list, so a removal is a swap with the last on both sides. Audiences exist
/// while they have members.
struct AudienceTable<Key: Hashable> {
    struct Member {
        let number: UInt32
        /// Where the member's own list names this audience.
        var place: UInt32
    }

    struct Audience {
        var key: Key
        var members: ContiguousArray<Member> = []
    }

    private struct Seat {
        var audience: UInt32
        var place: UInt32
    }

    private(set) var audiences: ContiguousArray<Audience> = []
    private var free: [UInt32] = []
    private var byKey: [Key: UInt32] = [:]
    /// By member number.
    private var seats: ContiguousArray<ContiguousArray<Seat>> = []

    /// Audiences that have members.
    var count: Int { byKey.count }

    /// The audience's number while it has members.
    func find(_ key: Key) -> Int? {
        byKey[key].map(Int.init)
    }

    /// In how many audiences the member is.
    func seatCount(_ member: UInt32) -> Int {
        Int(member) < seats.count ? seats[Int(member)].count : 0
    }

    /// O(audiences of the member).
    func contains(_ key: Key, _ member: UInt32) -> Bool {
        guard let audience = byKey[key] else { return false }
        return seat(of: member, in: audience) != nil
    }

    /// The same of an audience that was found before.
    func contains(_ audience: Int, _ member: UInt32) -> Bool {
        seat(of: member, in: UInt32(audience)) != nil
    }

    /// Makes room for so many audiences of the member.
    mutating func reserve(_ member: UInt32, _ count: Int) {
        growSeats(for: member)
        seats[Int(member)].reserveCapacity(count)
    }

    /// False when the member was there already.
    @discardableResult
    mutating func join(_ key: Key, _ member: UInt32) -> Bool {
        growSeats(for: member)
        let audience = byKey[key] ?? make(key)
        if seat(of: member, in: audience) != nil { return false }
        let place = UInt32(audiences[Int(audience)].members.count)
        audiences[Int(audience)].members.append(Member(number: member, place: UInt32(seats[Int(member)].count)))
        seats[Int(member)].append(Seat(audience: audience, place: place))
        return true
    }

    /// False when the member was not there.
    @discardableResult
    mutating func leave(_ key: Key, _ member: UInt32) -> Bool {
        guard let audience = byKey[key], let seat = seat(of: member, in: audience) else { return false }
        vacate(member, seat)
        return true
    }

    /// The member leaves all its audiences; its own list is freed.
    mutating func leaveAll(_ member: UInt32) {
        guard Int(member) < seats.count else { return }
        while let last = seats[Int(member)].indices.last { vacate(member, last) }
        seats[Int(member)] = []
    }

    /// All its members leave the audience.
    mutating func dissolve(_ key: Key) {
        guard let audience = byKey[key] else { return }
        while let last = audiences[Int(audience)].members.last { vacate(last.number, Int(last.place)) }
    }

    private func seat(of member: UInt32, in audience: UInt32) -> Int? {
        guard Int(member) < seats.count else { return nil }
        let members = audiences[Int(audience)].members
        // The shorter list is searched.
        if members.count < seats[Int(member)].count {
            return members.first { $0.number == member }.map { Int($0.place) }
        }
        return seats[Int(member)].firstIndex { $0.audience == audience }
    }

    private mutating func vacate(_ member: UInt32, _ index: Int) {
        let seat = seats[Int(member)][index]
        let audience = Int(seat.audience)

        let lastMember = audiences[audience].members.count - 1
        if Int(seat.place) != lastMember {
            let moved = audiences[audience].members[lastMember]
            audiences[audience].members[Int(seat.place)] = moved
            seats[Int(moved.number)][Int(moved.place)].place = seat.place
        }
        audiences[audience].members.removeLast()

        let lastSeat = seats[Int(member)].count - 1
        if index != lastSeat {
            let moved = seats[Int(member)][lastSeat]
            seats[Int(member)][index] = moved
            audiences[Int(moved.audience)].members[Int(moved.place)].place = UInt32(index)
        }
        seats[Int(member)].removeLast()

        if audiences[audience].members.isEmpty {
            byKey[audiences[audience].key] = nil
            audiences[audience].members = []
            free.append(seat.audience)
        }
    }

    private mutating func make(_ key: Key) -> UInt32 {
        let audience: UInt32
        if let reused = free.popLast() {
            audience = reused
            audiences[Int(audience)].key = key
        } else {
            audience = UInt32(audiences.count)
            audiences.append(Audience(key: key))
        }
        byKey[key] = audience
        return audience
    }

    private mutating func growSeats(for member: UInt32) {
        while seats.count <= Int(member) { seats.append([]) }
    }

    /// Checks that both sides agree; for tests. The broken rule, or nil.
    func selfCheck() -> String? {
        var pairs = 0
        for (number, audience) in audiences.enumerated() {
            for (place, member) in audience.members.enumerated() {
                let seat = seats[Int(member.number)][Int(member.place)]
                if Int(seat.audience) != number || Int(seat.place) != place {
                    return "\(audience.key): places disagree"
                }
                pairs += 1
            }
            if audience.members.isEmpty == (byKey[audience.key].map(Int.init) == number) {
                return "\(audience.key): exists without members"
            }
        }
        return pairs == seats.reduce(0) { $0 + $1.count } ? nil : "seats without members"
    }
}
