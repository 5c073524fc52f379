internal import GatewayCore

extension RouteResult {
    /// The same steps, with `change` applied to whatever answer they end in.
    func mapping(_ change: @escaping @Sendable (Response) -> Response) -> RouteResult {
        switch self {
        case .answer(let response): .answer(change(response))
        case .command(let command, let bytes, let then):
            .command(command, bytes: bytes) { then($0).mapping(change) }
        case .job(let job): .job { job().mapping(change) }
        case .task(let task): .task { await task().mapping(change) }
        case .file(let answer): .file(answer.mapping(change))
        // Only the backend's socket has it, and its head is its own.
        case .follow: self
        }
    }
}
