internal import Foundation
internal import TLSEngine

/// Tells a JWT from an opaque auth token, and reads its header without believing it.
enum JWTShape {
    struct Header: Decodable {
        let alg: String
        let kid: String?
        /// Whether it names extensions that must be understood.
        let hasCritical: Bool

        private enum CodingKeys: String, CodingKey {
            case alg, kid, crit
        }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: CodingKeys.self)
            alg = try members.decode(String.self, forKey: .alg)
            kid = try members.decodeIfPresent(String.self, forKey: .kid)
            hasCritical = members.contains(.crit)
        }
    }

    /// nil for anything that is not three base64url parts with a JSON header: an auth token.
    static func header(of credential: String) -> Header? {
        let parts = credential.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let bytes = Base64URL.decode(String(parts[0])) else { return nil }
        return try? JSONDecoder().decode(Header.self, from: Data(bytes))
    }
}
