import ChatModel
import WireProtocol

@testable import GatewayCore

extension World {
    /// What the shards do for groups, in order: `added by alice on bob also bob`, `+bob`, `-bob`, `deleted`.
    var groupSteps: [String] {
        decisions.flatMap(\.projections).compactMap { projection in
            switch projection {
            case .message(let event):
                guard case .group(let action)? = event.view.message.subject else { return nil }
                let on = action.on.map { " on \($0.text)" } ?? ""
                let scopes = action.scopes.map { " \($0.old.rawValue)>\($0.new.rawValue)" } ?? ""
                let also = event.alsoTo.map { " also \($0.text)" } ?? ""
                return "\(action.kind.rawValue) by \(action.by.text)\(on)\(scopes)\(also)"
            case .memberAdded(_, let uid): return "+\(uid.text)"
            case .memberRemoved(_, let uid): return "-\(uid.text)"
            case .groupDeleted: return "deleted"
            default: return nil
            }
        }
    }

    /// In the user's name, through the backend.
    @discardableResult
    func act(_ operation: Operation, _ uid: String) -> ReplyBody? {
        ask(operation, as: .backend(onBehalfOf: u(uid)))
    }

    func refusal(_ operation: Operation, _ uid: String? = nil) -> APIFailure? {
        let reply = uid.map { act(operation, $0) } ?? ask(operation)
        if case .failed(let failure)? = reply { return failure }
        return nil
    }

    func scope(_ uid: String, in guid: String) -> MemberScope? { store.members[g(guid)]?[u(uid)]?.scope }
}

extension Caller {
    static var system: Caller { .backend(onBehalfOf: nil) }
}
