/// A file in the media store. Value.
struct StoredMedia: Sendable, Equatable {
    let key: String
    /// Sanitised; the last part of its address.
    let name: String
    let byteCount: Int

    /// Without the host.
    var path: String { "\(MediaStore.pathPrefix)\(key)/\(name)" }
}
