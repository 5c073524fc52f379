import ChatModel
import Testing
import WireProtocol

@Suite("frame fuzz")
struct FrameFuzzTests {
    private static let frames = [
        #"{"action":"ping","ack":"true"}"#,
        #"{"appId":"app1","deviceId":"s1","type":"auth","sender":"bob","body":{"auth":"jwt","deviceId":"s1","presenceSubscription":"ROLES","roles":["vip"],"params":{"appInfo":{"version":"4"},"deviceId":"d","platform":"js"},"connectionMode":"manual","appState":"foreground","resume":{"lastSeq":1204}}}"#,
        #"{"receiver":"bob","receiverType":"user","type":"typing_indicator","body":{"action":"started","user":{"uid":"a"},"metadata":{"x":1}}}"#,
        #"{"receiver":"g","receiverType":"groupchat","type":"transient_message","body":{"user":{},"data":{"a":[1,2.5,"\u00e9"]}}}"#,
        #"{"receiver":"alice","receiverType":"user","type":"receipts","messageSender":"alice","body":{"action":"read","messageId":"101"}}"#,
        #"{"type":"message","ref":"c1","receiver":"bob","receiverType":"user","body":{"category":"message","type":"image","data":{"attachments":[{"url":"u"}],"entities":{},"metadata":{"a":1}},"metadata":{"k":[]},"muid":"m","tags":["a"],"parentId":7}}"#,
        #"{"type":"message","ref":5,"receiver":"bob","receiverType":"user","body":{"category":"custom","type":"x","data":{"customData":{"q":"\ud83d\ude00"}}}}"#,
        #"{"type":"app_state","body":{"state":"background"}}"#,
    ].map { Array($0.utf8) }

    /// Whatever comes, the decoder answers; and data it accepts is one JSON object again.
    private func check(_ bytes: [UInt8], _ seed: UInt64) {
        guard case .message(_, let draft)? = try? ClientFrame.decode(bytes, limits: Limits()) else { return }
        let members =
            #"{"receiver":"b","receiverType":"user","category":"\#(draft.category.rawValue)","type":"\#(draft.type)","data":"#
        let again = Array(members.utf8) + draft.data.bytes + [UInt8(ascii: "}")]
        let reread = try? MessageBody.decode(again, limits: Limits()).draft.data
        #expect(reread == draft.data, "seed \(seed): \(text(bytes))")
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func mutatedFramesNeverCrashTheDecoder(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5_000 {
            var bytes = Self.frames.randomElement(using: &generator)!
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let index = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<5, using: &generator) {
                case 0: bytes[index] = UInt8.random(in: 0...255, using: &generator)
                case 1 where bytes.count > 1: bytes.remove(at: index)
                case 2: bytes.insert(bytes.randomElement(using: &generator)!, at: index)
                case 3: bytes.swapAt(index, Int.random(in: 0..<bytes.count, using: &generator))
                default:
                    let other = Self.frames.randomElement(using: &generator)!
                    let from = Int.random(in: 0..<other.count, using: &generator)
                    bytes.replaceSubrange(
                        index..<min(index + 3, bytes.count), with: other[from..<min(from + 9, other.count)])
                }
            }
            check(bytes, seed)
        }
    }

    /// Values of every kind at every place: types are checked, never assumed.
    @Test(arguments: [5, 6] as [UInt64])
    func swappedValuesNeverCrashTheDecoder(_ seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let keys = [
            "type", "action", "ref", "appId", "sender", "receiver", "receiverType", "deviceId", "body", "auth",
            "resume", "lastSeq",
            "params", "roles", "category", "data", "text", "url", "attachments", "customData", "metadata", "entities",
            "tags",
            "muid", "parentId", "state", "messageId", "presenceSubscription",
        ]
        let words = [
            "auth", "message", "receipts", "typing_indicator", "transient_message", "app_state", "user", "group",
            "text", "custom",
            "read", "started", "ROLES", "", "1",
        ]
        func value(_ depth: Int) -> String {
            switch Int.random(in: 0..<(depth > 3 ? 5 : 8), using: &generator) {
            case 0: return "null"
            case 1: return "true"
            case 2: return ["0", "-1", "7", "1.5", "99999999999999999999"].randomElement(using: &generator)!
            case 3, 4: return "\"\(words.randomElement(using: &generator)!)\""
            case 5:
                return "["
                    + (0..<Int.random(in: 0...2, using: &generator)).map { _ in value(depth + 1) }.joined(
                        separator: ",") + "]"
            default:
                let members = (0..<Int.random(in: 0...8, using: &generator)).map { _ in
                    "\"\(keys.randomElement(using: &generator)!)\":\(value(depth + 1))"
                }
                return "{" + members.joined(separator: ",") + "}"
            }
        }
        for _ in 0..<5_000 {
            let type = words.prefix(6).randomElement(using: &generator)!
            let frame =
                #"{"type":"\#(type)","receiver":"b","receiverType":"user","appId":"a","sender":"s","deviceId":"d","body":\#(value(0))}"#
            check(Array(frame.utf8), seed)
            check(Array(value(0).utf8), seed)
        }
    }
}
