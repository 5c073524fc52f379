/// Whether a client's app is on screen, as the client says.
public enum AppState: String, Sendable, CaseIterable {
    case foreground, background
}

/// What a connection does when its app goes to the background (protocol.md §4).
public enum ConnectionMode: String, Sendable, CaseIterable {
    case auto, manual
}
