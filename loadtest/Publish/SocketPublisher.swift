internal import JSONCodec
internal import Reactor
internal import WebSocketCodec

/// A client of the crowd that sends: on Halley `message` frames (protocol.md 3.7), on the peer the very frames that its
/// subscribers are to receive.
final class SocketPublisher: Publisher {
    /// `PollToken`s of its own it has none: the crowd serves its socket.
    private let crowd: Crowd
    private let index: Int
    /// The group; nil for the peer.
    private let group: String?
    private var sent = 0

    init(crowd: Crowd, index: Int, group: String?) {
        self.crowd = crowd
        self.index = index
        self.group = group
    }

    var confirmed: Int? { group == nil ? nil : crowd.script.inbox.acks }
    var refused: Int { crowd.script.inbox.refusals }
    var refusal: String? { crowd.script.inbox.firstError }

    func publish(_ texts: [[UInt8]]) throws {
        var frames: [UInt8] = []
        for text in texts {
            sent += 1
            frames += crowd.script.frame(.text, group.map { message(text, to: $0) } ?? Self.verbatim(text))
        }
        guard crowd.send(frames, from: index) else { throw LoadFailure("the sender's connection is gone") }
    }

    private func message(_ text: [UInt8], to group: String) -> [UInt8] {
        var writer = JSONWriter(capacity: text.count + 256)
        writer.beginObject()
        writer.key("type")
        writer.literal("message")
        writer.key("ref")
        writer.string("\(sent)")
        writer.key("receiver")
        writer.string(group)
        writer.key("receiverType")
        writer.literal("group")
        writer.key("body")
        writer.beginObject()
        MessageMembers.append(text, to: &writer)
        writer.endObject()
        writer.endObject()
        return writer.take()
    }

    private static func verbatim(_ text: [UInt8]) -> [UInt8] {
        Array(#"{"type":"message","text":""#.utf8) + text + Array(#""}"#.utf8)
    }

    func ready(_ events: PollEvents) {}
}
