import ChatModel
import WireProtocol

@testable import GatewayCore

extension World {
    /// `from`: a connection of the caller, whose session is named as `resource`.
    @discardableResult
    func call(
        _ session: String, _ caller: String, _ receiver: Receiver, from connection: UInt64? = nil, muid: String? = nil
    ) -> ReplyBody? {
        ask(
            .startCall(
                CallDraft(session: CallSessionID(trusted: session), receiver: receiver, type: .video, muid: muid)),
            as: .backend(onBehalfOf: u(caller)), from: connection.map { .session(SessionID("s\($0)")!) })
    }

    @discardableResult
    func update(
        _ session: String, _ input: CallInput, by uid: String, from connection: UInt64? = nil
    ) -> ReplyBody? {
        ask(
            .updateCall(CallSessionID(trusted: session), input), as: .backend(onBehalfOf: u(uid)),
            from: connection.map { .session(SessionID("s\($0)")!) })
    }

    func status(_ session: String) -> CallStatus? { store.calls[CallSessionID(trusted: session)]?.status }

    /// `initiated s by alice to bob (receiver) from s1`, … in order: the call messages that shards were told of.
    var calls: [String] {
        decisions.flatMap(\.projections).compactMap { projection in
            guard case .message(let event) = projection, case .call(let action)? = event.view.message.subject else {
                return nil
            }
            let message = event.view.message
            let audience = message.audience == .everyone ? "" : " (\(message.audience))"
            let origin = message.originSession.map { " from \($0.text)" } ?? ""
            let receiver =
                switch message.receiver {
                case .user(let uid): uid.text
                case .group(let guid): guid.text
                }
            return "\(action.event) \(action.call.session) by \(message.sender) to \(receiver)\(audience)\(origin)"
        }
    }
}
