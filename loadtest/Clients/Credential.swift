/// Whom a client signs in as.
struct Credential {
    let uid: String
    let token: String
}
