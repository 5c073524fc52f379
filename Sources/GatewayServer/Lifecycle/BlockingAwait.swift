internal import Dispatch
internal import Synchronization

/// Waits for `async` work at start, when no loop runs yet.
func blockingAwait<Value: Sendable>(_ work: @escaping @Sendable () async throws -> Value) throws -> Value {
    let done = DispatchSemaphore(value: 0)
    let box = AwaitBox<Value>()
    Task {
        do { box.set(.success(try await work())) } catch { box.set(.failure(error)) }
        done.signal()
    }
    done.wait()
    return try box.get()
}

/// Where `blockingAwait` finds the result.
private final class AwaitBox<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    func set(_ value: Result<Value, any Error>) { result.withLock { $0 = value } }

    func get() throws -> Value {
        guard let result = result.withLock({ $0 }) else { preconditionFailure("signalled before it was set") }
        return try result.get()
    }
}
