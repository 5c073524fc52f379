/// What the whole machine's kernel keeps for sockets, at one moment. Both ends of a local connection are in it.
struct KernelSample {
    /// Bytes of slab memory of the caches named `cache`, where this user may read them, else all slab memory.
    let slabBytes: Int
    let isByCache: Bool
    /// TCP sockets in use.
    let sockets: Int

    /// The caches that a connected socket takes from.
    private static let caches: Set<Substring> = [
        "TCP", "TCPv6", "sock_inode_cache", "dentry", "filp", "eventpoll_epi", "eventpoll_pwq", "ep_head",
        "tcp_bind_bucket", "tcp_bind2_bucket", "lsm_inode_cache", "kmalloc-64", "kmalloc-96", "kmalloc-192",
        "kmalloc-256", "kmalloc-512", "kmalloc-1k", "skbuff_head_cache", "skbuff_fclone_cache", "skbuff_small_head",
    ]

    static func read() -> KernelSample {
        let sockets = ProcText.read("/proc/net/sockstat").flatMap { Self.tcpInUse($0) } ?? 0
        if let slab = ProcText.read("/proc/slabinfo"), let bytes = Self.bytes(ofCaches: slab) {
            return KernelSample(slabBytes: bytes, isByCache: true, sockets: sockets)
        }
        let all = ProcText.read("/proc/meminfo").flatMap { ProcText.kilobytes("Slab", in: $0) } ?? 0
        return KernelSample(slabBytes: all, isByCache: false, sockets: sockets)
    }

    /// slabinfo(5): name, active objects, objects, size of an object.
    static func bytes(ofCaches text: String) -> Int? {
        var sum = 0
        var found = false
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: " ", omittingEmptySubsequences: true)
            guard fields.count > 3, caches.contains(fields[0]), let active = Int(fields[1]), let size = Int(fields[3])
            else { continue }
            found = true
            sum += active * size
        }
        return found ? sum : nil
    }

    private static func tcpInUse(_ text: String) -> Int? {
        for line in text.split(separator: "\n") where line.hasPrefix("TCP:") {
            return line.split(separator: " ").dropFirst(2).first.flatMap { Int($0) }
        }
        return nil
    }
}
