import COpenSSL

/// Passwords as what can be kept of them: scrypt (RFC 7914), as text `$scrypt$ln=14,r=8,p=1$<salt>$<key>` with its cost in
/// it and salt and key in base64url. Any thread that may block: one derivation takes some 50 ms and 16 MiB.
public enum PasswordHash {
    /// What a derivation costs. The memory is 128 · r · 2^ln bytes.
    struct Cost: Equatable {
        /// Binary logarithm of N.
        var logN: Int
        var r: Int
        var p: Int

        static let normal = Cost(logN: 14, r: 8, p: 1)

        /// What a stored hash may ask for: four times the memory of the normal one, sixteen times the work.
        var isBounded: Bool {
            (1...16).contains(logN) && (1...16).contains(r) && (1...4).contains(p) && r << logN <= 8 << 16
        }
    }

    private static let saltBytes = 16
    private static let keyBytes = 32
    private static let memoryMax: UInt64 = 80 << 20

    /// A hash of the password's UTF-8 with a salt of its own.
    public static func make(_ password: String) -> String {
        let salt = SecureRandom.bytes(saltBytes)
        guard let key = key(password, salt, .normal) else { preconditionFailure("OpenSSL cannot compute scrypt") }
        return text(.normal, salt, key)
    }

    /// Whether `hash` was made of this password. How long it takes tells nothing of where they differ. A text that is no
    /// hash, or one of a cost past all bounds, matches nothing.
    public static func matches(_ password: String, _ hash: String) -> Bool {
        guard let (cost, salt, expected) = parse(hash), let key = key(password, salt, cost) else { return false }
        return ConstantTime.equal(key, expected)
    }

    static func key(_ password: String, _ salt: [UInt8], _ cost: Cost) -> [UInt8]? {
        let password = [UInt8](password.utf8)
        var isDone = false
        let key = unsafe [UInt8](unsafeUninitializedCapacity: keyBytes) { key, count in
            // SAFETY: the arrays' own bounds; `key` has room for all that is written. An empty password has no address,
            // which OpenSSL takes for no password at all: then it gets one.
            isDone = unsafe password.withUnsafeBytes { password in
                unsafe salt.withUnsafeBytes { salt in
                    var none: CChar = 0
                    return unsafe withUnsafePointer(to: &none) { none in
                        unsafe EVP_PBE_scrypt(
                            password.baseAddress?.assumingMemoryBound(to: CChar.self) ?? none, password.count,
                            salt.baseAddress?.assumingMemoryBound(to: UInt8.self), salt.count, 1 << UInt64(cost.logN),
                            UInt64(cost.r), UInt64(cost.p), memoryMax, key.baseAddress, keyBytes) == 1
                    }
                }
            }
            count = isDone ? keyBytes : 0
        }
        return isDone ? key : nil
    }

    private static func text(_ cost: Cost, _ salt: [UInt8], _ key: [UInt8]) -> String {
        "$scrypt$ln=\(cost.logN),r=\(cost.r),p=\(cost.p)$\(Base64URL.encode(salt))$\(Base64URL.encode(key))"
    }

    static func parse(_ hash: String) -> (cost: Cost, salt: [UInt8], key: [UInt8])? {
        let parts = hash.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0].isEmpty, parts[1] == "scrypt" else { return nil }
        let numbers = parts[2].split(separator: ",", omittingEmptySubsequences: false)
        guard numbers.count == 3, let logN = number(numbers[0], "ln="), let r = number(numbers[1], "r="),
            let p = number(numbers[2], "p="), let salt = Base64URL.decode(String(parts[3])),
            let key = Base64URL.decode(String(parts[4])), !salt.isEmpty, key.count == keyBytes
        else { return nil }
        let cost = Cost(logN: logN, r: r, p: p)
        return cost.isBounded ? (cost, salt, key) : nil
    }

    private static func number(_ text: Substring, _ name: String) -> Int? {
        text.hasPrefix(name) ? Int(text.dropFirst(name.count)) : nil
    }
}
