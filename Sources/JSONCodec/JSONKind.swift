/// What the next value is, as far as its first byte tells.
public enum JSONKind: Sendable, Equatable {
    case object, array, string, number, boolean, null
}
