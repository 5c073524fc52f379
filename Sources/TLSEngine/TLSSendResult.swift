/// What came of one `TLSSession.send`.
public enum TLSSendResult: Sendable, Equatable {
    /// All of the plaintext is sealed at the end of the loop's output.
    case ok
    /// Nothing can be sent on this session any more.
    case failed(TLSFailure)
}
