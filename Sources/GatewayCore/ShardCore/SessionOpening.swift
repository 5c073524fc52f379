internal import ChatModel
internal import WireProtocol

/// What a connection asked for in its `auth` frame, until it is live or gone.
final class SessionOpening {
    let request: AuthFrame
    /// Frames that came after `auth` and before its answer, in order.
    var held: [[UInt8]] = []
    var heldBytes = 0

    init(_ request: AuthFrame) {
        self.request = request
    }
}
