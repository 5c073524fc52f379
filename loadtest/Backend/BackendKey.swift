internal import HTTPCodec

/// How a backend shows who it is.
struct BackendKey {
    let socketPath: String
    let app: String
    let key: String

    func appendFields(to out: inout [UInt8]) {
        HTTPFieldWriter.append("appid", text: app, to: &out)
        HTTPFieldWriter.append("apikey", text: key, to: &out)
    }
}
