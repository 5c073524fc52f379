internal import ChatModel
internal import WireProtocol

/// The frames that a shard makes itself: answers to one connection. What goes to audiences comes encoded.
enum ShardFrames {
    static func authAccepted(_ request: AuthFrame, seq: Int64, pingTimeoutMs: Int64) -> SharedFrame {
        ServerFrame.authenticated(
            app: request.appID, session: request.session, sender: request.sender, seq: seq,
            pingIntervalMs: Int(pingTimeoutMs / 2), pingTimeoutMs: Int(pingTimeoutMs))
    }

    static func authRefused(_ request: AuthFrame, _ status: AuthStatus, _ failure: APIFailure) -> SharedFrame {
        ServerFrame.authRefused(
            app: request.appID, session: request.session.text, sender: request.sender.text, status: status.rawValue,
            code: failure.code)
    }

    static func authRefused(_ echo: FrameRefusal.AuthEcho, _ failure: APIFailure) -> SharedFrame {
        ServerFrame.authRefused(
            app: echo.appID, session: echo.session, sender: echo.sender, status: AuthStatus.malformed.rawValue,
            code: failure.code)
    }

    static func ack(_ ref: String?, _ view: MessageView, duplicate: Bool) -> SharedFrame {
        ServerFrame.ack(ref: ref, message: view.message, duplicate: duplicate)
    }

    /// RFC 6455 §5.5.1: the code in network order, then a reason in UTF-8.
    static func close(_ reason: CloseReason) -> SharedFrame {
        let text = reason.metricLabel.utf8
        return SharedFrame(payload: [UInt8(reason.code >> 8), UInt8(truncatingIfNeeded: reason.code)] + text)
    }
}
