internal import Glibc

/// A failure of the environment: the kernel refused `call` on `object` with `code`.
public struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The errno value.
    public let code: Int32
    /// The system call's name.
    public let call: String
    /// What it was about: a path, an address, a thread's name.
    public let object: String

    public init(code: Int32, call: String, object: String) {
        self.code = code
        self.call = call
        self.object = object
    }

    /// For people: `bind 0.0.0.0:8443: Address already in use (98)`.
    public var description: String {
        "\(call) \(object): \(SystemError.text(of: code)) (\(code))"
    }

    /// The C library's sentence for an errno value.
    public static func text(of code: Int32) -> String {
        unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            // SAFETY: the XSI strerror_r writes at most `count` bytes into memory that lives through this closure,
            // zero-terminated; the last byte is set by hand in case it was cut off.
            unsafe buffer.initialize(repeating: 0)
            _ = unsafe strerror_r(code, buffer.baseAddress!, buffer.count - 1)
            return unsafe String(cString: buffer.baseAddress!)
        }
    }
}

extension SystemError {
    /// There is no such file.
    public var isMissing: Bool { code == ENOENT || code == ENOTDIR }

    /// The disk, or what of it may be used, is full.
    public var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT || code == EFBIG }
}
