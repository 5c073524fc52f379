internal import WireProtocol

/// One method and path with what it takes to call it. Immutable.
struct Route: Sendable {
    /// Who may call.
    enum Access: Sendable {
        /// Anyone who names an app.
        case app
        /// A signed-in user, the backend on behalf of one, or the backend itself.
        case user
        /// The app's auth key, or the backend.
        case authKey
        /// The backend only.
        case backend
    }

    enum Segment: Sendable, Equatable {
        case literal(String)
        case parameter
    }

    enum Action: Sendable {
        /// Called with the whole body.
        case call(@Sendable (RouteCall) throws(APIFailure) -> RouteResult)
        /// The same; a `multipart/form-data` body goes to the consumer as it arrives.
        case callOrForm(
            @Sendable (RouteCall) throws(APIFailure) -> RouteResult,
            form: @Sendable (RouteCall) throws(APIFailure) -> any BodyConsumer)
        /// Body and answer both stream.
        case stream(@Sendable (RouteCall) -> any RequestStream)
    }

    let method: String
    /// Segments by `/`, a parameter as `{name}`, as `openapi.yaml` writes it, without the first `/`.
    let pattern: String
    let access: Access
    /// Served on the Unix socket only; elsewhere it does not exist.
    let onBackendOnly: Bool
    let action: Action

    /// What only the backend may call is only on its socket.
    init(
        _ method: String, _ pattern: String, _ access: Access,
        _ handler: @escaping @Sendable (RouteCall) throws(APIFailure) -> RouteResult
    ) {
        self.init(method, pattern, access, action: .call(handler))
    }

    init(_ method: String, _ pattern: String, _ access: Access, action: Action) {
        self.method = method
        self.pattern = pattern
        self.access = access
        self.onBackendOnly = access == .backend
        self.action = action
    }

    func isServed(on listener: ListenerKind) -> Bool {
        !onBackendOnly || listener == .backend
    }
}
