import COpenSSL
import Synchronization

/// The keys that protect session tickets: random at start, held in memory only, shared by all contexts and shards of a
/// process, so that a ticket given by one shard resumes on another and survives a certificate reload. Any thread.
///
/// A ticket lives two hours. Rotate every few hours and no oftener than that: the key before the current one still
/// opens tickets (and the client is given a new one), older ones are wiped, which ends what a stolen key can open.
public final class TLSTicketKeys: Sendable {
    /// Seconds a ticket may be used for resumption.
    public static let ticketLifetimeSeconds = 2 * 60 * 60

    private struct Ring {
        var current = TicketKey()
        var previous: TicketKey?
    }

    private let ring = Mutex(Ring())

    public init() {}

    /// Starts to seal with a new random key; tickets under the one before stay good until the next rotation.
    public func rotate() {
        let fresh = TicketKey()
        ring.withLock { ring in
            ring.previous = ring.current
            ring.current = fresh
        }
    }

    /// The key to seal new tickets with.
    var current: TicketKey { ring.withLock { $0.current } }

    /// The key a ticket names, and whether it is the current one; nil when it is unknown or retired.
    ///
    /// `name` points to 16 bytes.
    func find(_ name: UnsafePointer<UInt8>) -> (key: TicketKey, isCurrent: Bool)? {
        let (current, previous) = ring.withLock { ($0.current, $0.previous) }
        if unsafe current.isNamed(name) { return (current, true) }
        if let previous, unsafe previous.isNamed(name) { return (previous, false) }
        return nil
    }
}

/// One ticket key: 16 bytes of name, 32 of AES key, 32 of MAC key. Immutable; wiped when the last user lets go.
// SAFETY: written in init only, read-only afterwards, so it may be read from any thread.
@safe final class TicketKey: @unchecked Sendable {
    static let nameBytes = 16
    private static let secretBytes = 32
    private static let bytes = nameBytes + 2 * secretBytes

    private let material: UnsafeMutablePointer<UInt8>

    init() {
        unsafe material = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.bytes)
        unsafe material.initialize(repeating: 0, count: Self.bytes)
        unsafe SecureRandom.fill(UnsafeMutableRawBufferPointer(start: material, count: Self.bytes))
    }

    deinit {
        unsafe OPENSSL_cleanse(material, Self.bytes)
        unsafe material.deallocate()
    }

    func isNamed(_ name: UnsafePointer<UInt8>) -> Bool {
        // SAFETY: both sides hold `nameBytes` bytes.
        unsafe CRYPTO_memcmp(material, name, Self.nameBytes) == 0
    }

    /// Prepares OpenSSL's cipher and MAC objects; for sealing, fills in `name` and a fresh `iv` as well.
    func arm(
        cipher: OpaquePointer, mac: OpaquePointer, name: UnsafeMutablePointer<UInt8>, iv: UnsafeMutablePointer<UInt8>,
        sealing: Bool
    ) -> Bool {
        // SAFETY: OpenSSL's contract for the ticket callback: `name` has 16 bytes, `iv` EVP_MAX_IV_LENGTH.
        if sealing {
            unsafe name.update(from: material, count: Self.nameBytes)
            unsafe SecureRandom.fill(UnsafeMutableRawBufferPointer(start: iv, count: Int(EVP_MAX_IV_LENGTH)))
        }
        let aesKey = unsafe material + Self.nameBytes
        let macKey = unsafe aesKey + Self.secretBytes
        return unsafe copenssl_ticket_arm(cipher, mac, aesKey, macKey, iv, sealing ? 1 : 0) == 1
    }
}
