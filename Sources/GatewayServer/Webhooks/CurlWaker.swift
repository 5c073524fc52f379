internal import CCurl
internal import Synchronization

/// Wakes the thread that waits for its transfers. Any thread.
final class CurlWaker: Sendable {
    /// nil: the transfers are no more.
    private let handle: Mutex<Handle?>

    // SAFETY: only used under the lock, and for the one call that libcurl allows from any thread.
    @safe private struct Handle: @unchecked Sendable {
        let transfers: UnsafeMutableRawPointer
    }

    init(_ transfers: UnsafeMutableRawPointer) {
        handle = unsafe Mutex(Handle(transfers: transfers))
    }

    func wake() {
        handle.withLock { handle in
            if let handle { unsafe _ = curl_multi_wakeup(handle.transfers) }
        }
    }

    func close() {
        handle.withLock { $0 = nil }
    }
}
