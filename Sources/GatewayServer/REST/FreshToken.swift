internal import ChatModel
internal import TLSEngine

/// A new auth token: its text goes to whoever asked for it, and only its hash goes further. Value.
struct FreshToken: Sendable {
    let text: String
    let hash: TokenHash

    init() {
        text = SecureRandom.token()
        hash = TokenHash(Digest.sha256(text))
    }
}
