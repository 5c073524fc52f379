internal import ChatModel

/// Who is in a made history: the same for the same numbers. Value.
///
/// Users talk with their neighbours and in groups of 40; the first user, the busy one, has a conversation with as many
/// users and groups as limits allow. Words are drawn so that few are common and most are rare, as people write.
struct StorePlan {
    static let app = "load"
    static let groupSize = 40
    static let wordCount = 20_000

    let messages: Int
    let users: Int
    let batch: Int
    let seed: UInt64

    var groups: Int { max(users / 10, 20) }
    var busyPairs: Int { min(users - 1, 5_000) }
    var busyGroups: Int { min(groups, 2_000) }
    /// One to make the groups, one per message.
    var positions: Int64 { Int64(messages) + 1 }

    func uid(_ index: Int) -> UserID { UserID(trusted: "user-\(index)") }
    func guid(_ index: Int) -> GroupID { GroupID(trusted: "group-\(index)") }

    /// Of a group; the busy user is in the first ones.
    func members(of group: Int) -> [Int] {
        let first = group * 37 % users
        var members = (0..<Self.groupSize).map { (first + $0 * 7) % users }
        if group < busyGroups, !members.contains(0) { members.append(0) }
        return members
    }

    /// A user whom this one talks with; near ones, so that conversations grow long.
    func neighbour(of user: Int, _ random: inout SeededRandom) -> Int {
        let distance = 1 + Int.random(in: 0..<20, using: &random)
        return (user + distance) % users
    }

    /// Word `rank` of a vocabulary in which the first ones are the common ones.
    static func word(_ rank: Int) -> String {
        var text = ""
        var rest = rank
        repeat {
            text +=
                ["ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "ri", "so", "tu"][rest % 15]
            rest /= 15
        } while rest > 0
        return text
    }

    /// A rank by a rule of thumb of languages: the n-th word is about 1/n as frequent as the first.
    static func rank(_ random: inout SeededRandom) -> Int {
        let uniform = Double.random(in: 0..<1, using: &random)
        var rank = 1.0
        var power = uniform
        // wordCount to the power of a uniform number, without a library: by repeated square roots.
        var root = Double(wordCount)
        for _ in 0..<24 {
            root = root.squareRoot()
            power *= 2
            if power >= 1 {
                rank *= root
                power -= 1
            }
        }
        return min(Int(rank), wordCount) - 1
    }
}
