internal import CCurl
internal import Glibc

/// HTTPS requests under way, on libcurl: nothing blocks but `wait`. Confined to the webhooks' thread.
///
/// Redirects are not followed, no proxy is used, and every address is judged when it is connected to. What is answered
/// is counted and dropped; an answer that is too long is cut off, its status counts.
// SAFETY: for the whole file: `transfers` lives from init to deinit; an easy handle from `start` to `finish`, together
// with its `Transfer`, which libcurl gets as the context of its callbacks and `active` keeps alive.
@safe final class CurlTransfers {
    struct Request {
        let url: String
        let isPlain: Bool
        /// `Name: value`, without control bytes.
        let headers: [String]
        let body: [UInt8]
        let caFile: String?
        let timeoutMs: Int
        let policy: TargetPolicy
    }

    struct Completion {
        let tag: UInt64
        /// 0: there was no answer.
        let status: Int
        /// For the operator; nil: a whole answer came.
        let failure: String?

        var isSuccess: Bool { failure == nil && (200..<300).contains(status) }
    }

    /// Bytes of an answer, head included, that are read at most.
    static let answerBytesMax = 64 * 1024
    private static let connectionsKeptMax = 64

    private let transfers: UnsafeMutableRawPointer
    private var active: [UnsafeMutableRawPointer: Transfer] = unsafe [:]
    let waker: CurlWaker

    init() {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let made = unsafe curl_multi_init() else { preconditionFailure("libcurl has no memory") }
        unsafe transfers = made
        unsafe halley_curl_set_multi(made, CURLMOPT_MAXCONNECTS, Self.connectionsKeptMax)
        unsafe waker = CurlWaker(made)
    }

    deinit {
        for unsafe(handle, transfer) in unsafe active { unsafe release(handle, transfer) }
        waker.close()
        unsafe curl_multi_cleanup(transfers)
    }

    var count: Int { unsafe active.count }

    /// Begins a request. `tag` comes back with its end.
    func start(_ request: Request, tag: UInt64) {
        guard let handle = unsafe curl_easy_init() else { preconditionFailure("libcurl has no memory") }
        let transfer = Transfer(tag: tag, policy: request.policy, isPlain: request.isPlain)
        unsafe active[handle] = transfer
        var isSet = unsafe halley_curl_set_text(handle, CURLOPT_URL, request.url)
        isSet = unsafe isSet && halley_curl_set_text(handle, CURLOPT_PROTOCOLS_STR, request.isPlain ? "http" : "https")
        isSet = unsafe isSet && halley_curl_set_text(handle, CURLOPT_PROXY, "")
        if let file = request.caFile { isSet = unsafe isSet && halley_curl_set_text(handle, CURLOPT_CAINFO, file) }
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_POST, 1), (CURLOPT_FOLLOWLOCATION, 0), (CURLOPT_NOSIGNAL, 1),
            (CURLOPT_TIMEOUT_MS, request.timeoutMs), (CURLOPT_CONNECTTIMEOUT_MS, request.timeoutMs),
            (CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_1_1)),
            // A name server that does not answer would hold up the end of the transfer.
            (CURLOPT_QUICK_EXIT, 1),
        ]
        for (option, value) in numbers { isSet = unsafe isSet && halley_curl_set_long(handle, option, value) }
        unsafe request.body.withUnsafeBytes { bytes in
            isSet = unsafe isSet && halley_curl_set_body(handle, bytes.baseAddress, bytes.count)
        }
        // libcurl would ask for a 100 first.
        for header in request.headers + ["Expect:"] {
            unsafe transfer.headers = curl_slist_append(transfer.headers, header)
        }
        isSet = unsafe isSet && halley_curl_set_headers(handle, transfer.headers)
        let context = unsafe Unmanaged.passUnretained(transfer).toOpaque()
        isSet = unsafe isSet && halley_curl_set_callbacks(handle, receive, openSocket, context)
        precondition(isSet, "libcurl knows the options, and the request was checked")
        unsafe curl_multi_add_handle(transfers, handle)
    }

    /// Goes on with all of them, then sleeps until something happens, `waker` is used, or the time has passed.
    func wait(timeoutMs: Int32) {
        var running: Int32 = 0
        unsafe curl_multi_perform(transfers, &running)
        unsafe curl_multi_poll(transfers, nil, 0, timeoutMs, nil)
        unsafe curl_multi_perform(transfers, &running)
    }

    /// Those that have ended since the last call.
    func finished() -> [Completion] {
        var completions: [Completion] = []
        var result = CURLE_OK
        while let handle = unsafe halley_curl_next_done(transfers, &result) {
            guard let transfer = unsafe active.removeValue(forKey: handle) else { continue }
            let status = unsafe Int(halley_curl_status(handle))
            completions.append(
                Completion(
                    tag: transfer.tag, status: status, failure: transfer.failure(result, status: status)))
            unsafe release(handle, transfer)
        }
        return completions
    }

    private func release(_ handle: UnsafeMutableRawPointer, _ transfer: Transfer) {
        unsafe curl_multi_remove_handle(transfers, handle)
        unsafe curl_easy_cleanup(handle)
        unsafe curl_slist_free_all(transfer.headers)
    }

    /// One request's state, as the callbacks see it.
    @safe private final class Transfer {
        let tag: UInt64
        let policy: TargetPolicy
        let isPlain: Bool
        var headers: UnsafeMutablePointer<curl_slist>?
        var received = 0
        var isRefused = false

        init(tag: UInt64, policy: TargetPolicy, isPlain: Bool) {
            self.tag = tag
            self.policy = policy
            self.isPlain = isPlain
        }

        func failure(_ result: CURLcode, status: Int) -> String? {
            if result == CURLE_OK { return nil }
            if isRefused { return "the target's address is not allowed" }
            // Cut off by us, after its status: the answer counts as come.
            if result == CURLE_WRITE_ERROR, received > CurlTransfers.answerBytesMax, status >= 200 { return nil }
            return unsafe String(cString: curl_easy_strerror(result))
        }
    }

    private let receive: curl_write_callback = { _, size, count, context in
        guard let context = unsafe context else { return 0 }
        let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        let bytes = size * count
        transfer.received += bytes
        return transfer.received > CurlTransfers.answerBytesMax ? 0 : bytes
    }

    private let openSocket: curl_opensocket_callback = { context, _, address in
        guard let context = unsafe context, let address = unsafe address else { return -1 }
        let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        guard unsafe transfer.policy.allows(CurlTransfers.reach(of: address), isPlain: transfer.isPlain) else {
            transfer.isRefused = true
            return -1
        }
        return unsafe socket(
            address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue),
            address.pointee.`protocol`)
    }

    private static func reach(of address: UnsafeMutablePointer<curl_sockaddr>) -> TargetPolicy.Reach {
        guard let start = MemoryLayout<curl_sockaddr>.offset(of: \.addr) else { return .none }
        // SAFETY: libcurl gives as many bytes behind `addr` as the family has, whatever the declared type says.
        let bytes = unsafe UnsafeRawPointer(address) + start
        switch unsafe address.pointee.family {
        case AF_INET:
            return unsafe TargetPolicy.reach(
                ofIPv4: UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self)))
        case AF_INET6:
            return unsafe TargetPolicy.reach(
                ofIPv6: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)))
        default: return .none
        }
    }
}
