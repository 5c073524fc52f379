internal import Synchronization

/// Carries a value that is not Sendable to the one thread that will own it. Taken once.
final class Handover<Value>: @unchecked Sendable {
    // SAFETY: the lock orders giving and taking; after `take` only the taker has the value.
    private let value: Mutex<Value?>

    init(_ value: sending Value) {
        self.value = Mutex(value)
    }

    func take() -> Value {
        value.withLock { value in
            defer { value = nil }
            guard let value else { preconditionFailure("handed over once") }
            return value
        }
    }
}
