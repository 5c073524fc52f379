import ChatModel

/// A command with what was known of its caller when it arrived.
struct ParkedCommand {
    let command: Command
    let credit: Credit
    /// Who acts, where that is known without the store: the connection's user, or the one the backend acts for. A token's
    /// user is known when the token is loaded.
    let uid: UserID?
}
