internal import CLinux
internal import Glibc

/// What a read of a stream gave.
public enum ReceiveResult: Equatable, Sendable {
    /// So many bytes, at least one.
    case received(Int)
    /// Nothing there now.
    case wouldBlock
    /// The peer will send nothing more.
    case endOfStream
    /// The connection is broken: errno.
    case failed(Int32)
}

/// What a write to a stream gave.
public enum SendResult: Equatable, Sendable {
    /// So many bytes were taken; fewer than offered means the socket is full.
    case sent(Int)
    /// None was taken.
    case wouldBlock
    /// The connection is broken: errno.
    case failed(Int32)
}

extension Syscall {
    /// Reads from a socket into `bytes`, which must not be empty.
    public static func receive(_ socket: borrowing Descriptor, into bytes: inout MutableSpan<UInt8>) -> ReceiveResult {
        let raw = socket.raw
        // SAFETY: recv writes at most `count` bytes at the span's start.
        let answer = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
            assert(buffer.count > 0, "an empty read looks like the end of the stream")
            return call("recv") { unsafe recv(raw, buffer.baseAddress, buffer.count, 0) }
        }
        switch answer {
        case .value(0): return .endOfStream
        case .value(let count): return .received(count)
        case .failed(EAGAIN): return .wouldBlock
        case .failed(let code): return .failed(code)
        }
    }

    /// Writes to a socket; never raises SIGPIPE.
    public static func send(_ socket: borrowing Descriptor, _ bytes: Span<UInt8>) -> SendResult {
        let raw = socket.raw
        // SAFETY: send reads at most `count` bytes from the span's start.
        let answer = unsafe bytes.withUnsafeBufferPointer { buffer in
            call("send") { unsafe Glibc.send(raw, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL)) }
        }
        switch answer {
        case .value(let count): return .sent(count)
        case .failed(EAGAIN): return .wouldBlock
        case .failed(let code): return .failed(code)
        }
    }

    /// Says that we shall send nothing more; the peer reads the end of the stream. A connection that is gone already is
    /// no error here.
    public static func shutdownWriting(_ socket: borrowing Descriptor) {
        let raw = socket.raw
        _ = call("shutdown") { shutdown(raw, Int32(SHUT_WR)) }
    }

    /// Makes the coming close a reset: what is unsent is dropped at once, and the port leaves no TIME_WAIT behind.
    public static func resetOnClose(_ socket: borrowing Descriptor) {
        var setting = linger(l_onoff: 1, l_linger: 0)
        let raw = socket.raw
        // SAFETY: setsockopt reads the struct it is given.
        _ = call("setsockopt") {
            unsafe setsockopt(raw, SOL_SOCKET, SO_LINGER, &setting, socklen_t(MemoryLayout<linger>.size))
        }
    }
}
