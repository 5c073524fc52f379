/// The right to one upload at a time, given back when this goes. Any thread.
final class UploadSlot: Sendable {
    private let store: MediaStore
    private let caller: String

    /// Made by `MediaStore.enter` alone, which has counted it.
    init(_ store: MediaStore, _ caller: String) {
        self.store = store
        self.caller = caller
    }

    deinit {
        store.leave(caller)
    }
}
