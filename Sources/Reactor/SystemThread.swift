internal import CLinux
internal import Glibc
internal import Synchronization

/// A kernel thread with a name. Any thread may hold it; one joins it.
///
/// What a thread owns is made inside its body: the body is `@Sendable`, so only configuration and mailboxes get in.
public final class SystemThread: Sendable {
    /// What travels to the new thread.
    private final class Start: Sendable {
        let name: String
        let cpu: Int?
        let body: @Sendable () -> Void

        init(name: String, cpu: Int?, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.cpu = cpu
            self.body = body
        }
    }

    public let name: String
    private let handle: Mutex<pthread_t?>

    /// Starts a thread. `name`: the kernel keeps the first 15 bytes. `stackBytes`: a multiple of the page size. `cpu`:
    /// pins it, as far as the machine lets us.
    public init(
        name: String, stackBytes: Int = 1 << 20, cpu: Int? = nil, body: @escaping @Sendable () -> Void
    ) throws(SystemError) {
        self.name = name
        let start = unsafe Unmanaged.passRetained(Start(name: name, cpu: cpu, body: body))
        var attributes = pthread_attr_t()
        var thread = pthread_t()
        // SAFETY: attributes are initialised, used and destroyed here. The thread takes the reference over from `start`;
        // if it never begins, we take it back.
        unsafe pthread_attr_init(&attributes)
        unsafe pthread_attr_setstacksize(&attributes, stackBytes)
        let code = unsafe pthread_create(
            &thread, &attributes,
            { argument in
                let start = unsafe Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                let name = String(decoding: start.name.utf8.prefix(15), as: UTF8.self)
                _ = unsafe halley_name_thread(name)
                if let cpu = start.cpu { _ = halley_pin_thread(Int32(cpu)) }
                start.body()
                return nil
            }, start.toOpaque())
        unsafe pthread_attr_destroy(&attributes)
        if code != 0 {
            unsafe start.release()
            throw SystemError(code: code, call: "pthread_create", object: name)
        }
        handle = Mutex(thread)
    }

    /// Waits for the body to return. A second call returns at once.
    public func join() {
        let taken = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        // a handle is joined once, by whoever took it.
        if let taken { _ = pthread_join(taken, nil) }
    }

    /// Sleeps. For programs that pace themselves and tests that poll; a loop never does.
    public static func pause(ms: Int64) {
        var time = timespec(tv_sec: Int(ms / 1000), tv_nsec: Int(ms % 1000) * 1_000_000)
        // SAFETY: nanosleep reads the struct it is given; cut short by a signal, it is a shorter pause.
        _ = unsafe nanosleep(&time, nil)
    }

    deinit {
        // Never joined: let the kernel free it when it ends.
        handle.withLock { handle in
            if let handle { _ = pthread_detach(handle) }
        }
    }
}
