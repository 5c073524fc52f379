import ChatModel
import Testing
import WireProtocol

enum Fixture {
    static let limits = Limits()

    static func user(_ uid: String, _ name: String, online: Bool = true, lastActiveAt: Int64? = 1_795_219_853)
        -> UserView
    {
        UserView(
            record: UserRecord(uid: UserID(trusted: uid), name: name, createdAt: 1_700_000_000), online: online,
            lastActiveAt: lastActiveAt)
    }

    static let alice = user("alice", "Alice")
    static let bob = user("bob", "Bob", lastActiveAt: nil)

    static let lobby = GroupView(
        record: GroupRecord(
            guid: GroupID(trusted: "lobby"), name: "Lobby", type: .open, owner: UserID(trusted: "alice"),
            createdAt: 1_700_000_000),
        membersCount: 3)

    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
    static func json(_ text: String) -> JSONBytes { JSONBytes(validated: Array(text.utf8)) }
    static func session(_ text: String) -> SessionID { SessionID(text)! }
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
func text(_ frame: SharedFrame) -> String { text(frame.payload) }

func decode(_ frame: String, limits: Limits = Limits()) throws(FrameRefusal) -> ClientFrame {
    try ClientFrame.decode(Array(frame.utf8), limits: limits)
}

/// The refusal of a frame that must be refused.
func refusal(_ frame: String, limits: Limits = Limits()) -> FrameRefusal? {
    do throws(FrameRefusal) {
        let decoded = try decode(frame, limits: limits)
        Issue.record("accepted: \(decoded)")
        return nil
    } catch {
        return error
    }
}

/// A small generator whose runs can be repeated by their seed.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
