import COpenSSL

/// OpenSSL's error queue, which is per thread: every call whose failure is looked at clears it first, or it would be
/// blamed for the failure of a neighbour.
enum OpenSSLErrors {
    /// Takes the oldest error, which is the cause (later ones are its echo up the call stack), and empties the queue.
    static func take() -> UInt {
        let code = ERR_get_error()
        ERR_clear_error()
        return code
    }

    /// As `take`, but the oldest error of the TLS layer if there is one: below it, a cipher that refuses a forged record
    /// complains first, and only TLS knows what that means.
    static func takeTLS() -> UInt {
        let first = ERR_get_error()
        var code = first
        while code != 0 && ERR_GET_LIB(code) != ERR_LIB_SSL { code = ERR_get_error() }
        ERR_clear_error()
        return code == 0 ? first : code
    }

    /// OpenSSL's words for an error code, without the code's numbers.
    static func text(_ code: UInt) -> String {
        // SAFETY: the function returns nil or a static, terminated string.
        guard let reason = unsafe ERR_reason_error_string(code) else { return "OpenSSL error \(code)" }
        return unsafe String(cString: reason)
    }
}
