internal import CLinux
internal import Glibc

/// Every system call of the gateway, in the files `Syscall*.swift`, with one set of manners:
///
/// - EINTR is retried here and nowhere else.
/// - EBADF and EFAULT crash: they mean that we passed a closed descriptor or a wild pointer.
/// - "Not now" is a value (`wouldBlock`), a peer's failure is a value (`failed(errno)`), a failure of the environment
///   at set-up is a thrown `SystemError`.
///
/// Any thread.
public enum Syscall {
    /// What the kernel answered: its result, or the errno value.
    enum Answer {
        case value(Int)
        case failed(Int32)
    }

    /// Makes one call until it is not interrupted.
    static func call(_ name: StaticString, _ body: () -> Int) -> Answer {
        while true {
            let result = body()
            if result != -1 { return .value(result) }
            let code = errno
            switch code {
            case EINTR: continue
            case EBADF, EFAULT: preconditionFailure("\(name): \(SystemError.text(of: code))")
            default: return .failed(code)
            }
        }
    }

    /// The same for 32-bit results.
    static func call(_ name: StaticString, _ body: () -> Int32) -> Answer {
        call(name) { Int(body()) }
    }

    /// The same where a failure is the environment's and ends the work.
    @discardableResult
    static func require(
        _ name: StaticString, on object: @autoclosure () -> String, _ body: () -> Int32
    ) throws(SystemError) -> Int32 {
        switch call(name, body) {
        case .value(let result): return Int32(truncatingIfNeeded: result)
        case .failed(let code): throw SystemError(code: code, call: "\(name)", object: object())
        }
    }

    /// Closes a descriptor. On Linux it is gone whatever the answer is, so EINTR must not be retried: the number may
    /// already be somebody else's.
    static func close(_ raw: Int32) {
        let result = Glibc.close(raw)
        precondition(result != -1 || errno != EBADF, "close: descriptor \(raw) was not open")
    }

    /// A descriptor made by somebody else (systemd, a parent), set to non-blocking and close-on-exec.
    public static func adopt(_ raw: Int32) throws(SystemError) -> Descriptor {
        // An adopted number comes from outside: not open is the environment's fault here, not ours, so no EBADF crash.
        guard halley_adopt_descriptor(raw) != -1 else {
            throw SystemError(code: errno, call: "fcntl", object: "descriptor \(raw)")
        }
        return Descriptor(owning: raw)
    }

    /// Another descriptor for the same open file.
    static func duplicate(_ descriptor: borrowing Descriptor) throws(SystemError) -> Descriptor {
        let raw = descriptor.raw
        return Descriptor(owning: try require("fcntl", on: "descriptor \(raw)") { fcntl(raw, F_DUPFD_CLOEXEC, 0) })
    }

    /// Gives the calling thread a descriptor table of its own, starting as a copy: what it opens afterwards exists for it
    /// alone, and the limit on open descriptors counts for it alone. For a load generator whose connections outnumber
    /// one table; such a thread must not share descriptors with others any more.
    public static func unshareDescriptors() throws(SystemError) {
        try require("unshare", on: "descriptors", halley_unshare_descriptors)
    }

    /// This process.
    public static var processID: Int32 { getpid() }

    /// The user it runs as.
    public static var userID: UInt32 { geteuid() }

    /// An open descriptor without use, kept to have one to give up when the table is full; nil if there is none left.
    static func reserve() -> Descriptor? {
        switch call("open", halley_open_null) {
        case .value(let raw): Descriptor(owning: Int32(raw))
        case .failed: nil
        }
    }

    /// The soft and hard limit on open descriptors of this process.
    public static func descriptorLimit() -> (soft: UInt64, hard: UInt64) {
        var limit = rlimit()
        // SAFETY: getrlimit fills the struct it is given.
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return (UInt64(limit.rlim_cur), UInt64(limit.rlim_max))
    }

    /// Raises (or lowers) the soft limit on open descriptors; never above the hard one.
    public static func setDescriptorLimit(soft: UInt64) throws(SystemError) {
        let hard = descriptorLimit().hard
        var limit = rlimit(rlim_cur: rlim_t(min(soft, hard)), rlim_max: rlim_t(hard))
        try require("setrlimit", on: "RLIMIT_NOFILE") {
            // SAFETY: setrlimit reads the struct it is given.
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
    }
}
