/// How much of a user an object shows.
public enum UserDetail: Sendable {
    /// Inside frames and messages: what a client draws a user with.
    case event
    /// In lists and as one user's record: with its times.
    case record
    /// For the user themself and the backend: with `email` and `credits`.
    case own
}
