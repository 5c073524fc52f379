internal import Foundation
internal import TLSEngine

/// The key that signs the gateway's own JWTs: made once, kept in the state directory, mode 0600.
enum GatewaySecret {
    private static let byteCount = 32
    private static let name = "jwt.secret"

    /// - Throws: `StartFailure` naming the file.
    static func load(stateDirectory: String) throws(StartFailure) -> [UInt8] {
        let path = "\(stateDirectory)/\(name)"
        if let data = FileManager.default.contents(atPath: path) {
            guard data.count == byteCount else {
                throw StartFailure("\(path): holds \(data.count) bytes instead of \(byteCount)")
            }
            return Array(data)
        }
        let secret = SecureRandom.bytes(byteCount)
        // Made with its final mode: at no moment can another user read it.
        guard
            FileManager.default.createFile(
                atPath: path, contents: Data(secret), attributes: [.posixPermissions: 0o600])
        else { throw StartFailure("\(path): cannot be written") }
        return secret
    }
}
