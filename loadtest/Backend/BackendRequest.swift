internal import HTTPCodec

/// One request of an app's backend.
struct BackendRequest {
    let method: HTTPMethod
    /// Path and query, encoded.
    let target: String
    var onBehalfOf: String?
    var body: [UInt8] = []
}

/// Its answer.
struct BackendAnswer {
    let status: Int
    let body: [UInt8]

    var text: String { String(decoding: body.prefix(500), as: UTF8.self) }
}
