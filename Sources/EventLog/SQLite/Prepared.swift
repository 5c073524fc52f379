internal import GRDB
internal import GRDBSQLite

/// One prepared statement, bound and stepped straight through SQLite's C interface: GRDB's own arguments box every
/// value. Confined to its connection.
///
/// Parameters and columns are counted as SQLite does: parameters from 1, columns from 0. All parameters are bound before
/// each use; a statement is always left reset, so that none holds a snapshot open.
// SAFETY: for the whole file: the handle lives as long as `statement`, which this value keeps; columns are read only
// inside `body`, between a step that gave a row and the next one, and are copied out.
struct Prepared {
    private let statement: Statement

    init(_ database: Database, _ sql: String) throws {
        statement = try database.makeStatement(sql: sql)
    }

    /// The connection's own cached statement for `sql`. Not for use inside another use of the same text.
    init(cached database: Database, _ sql: String) throws {
        statement = try database.cachedStatement(sql: sql)
    }

    private var handle: OpaquePointer { unsafe statement.sqliteStatement }

    func bind(_ index: Int32, _ value: Int64) {
        check(unsafe sqlite3_bind_int64(handle, index, value))
    }

    func bind(_ index: Int32, _ value: Int64?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    func bind(_ index: Int32, _ value: String) {
        var value = value
        value.withUTF8 { bytes in
            let start = unsafe UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
            unsafe check(sqlite3_bind_text(handle, index, start ?? emptyText, Int32(bytes.count), transient))
        }
    }

    func bind(_ index: Int32, _ value: String?) {
        if let value { bind(index, value) } else { bindNull(index) }
    }

    /// `bytes` is UTF-8.
    func bind(_ index: Int32, utf8 bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { bytes in
            let start = unsafe bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
            unsafe check(sqlite3_bind_text(handle, index, start ?? emptyText, Int32(bytes.count), transient))
        }
    }

    func bind(_ index: Int32, blob bytes: [UInt8]) {
        unsafe bytes.withUnsafeBytes { bytes in
            unsafe check(sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), transient))
        }
    }

    func bindNull(_ index: Int32) {
        check(unsafe sqlite3_bind_null(handle, index))
    }

    /// For a statement that gives no rows.
    func run() throws {
        defer { reset() }
        while try step() {}
    }

    /// The first row, or nil without one.
    func first<T>(_ body: (borrowing PreparedRow) throws -> T) throws -> T? {
        defer { reset() }
        return try step() ? body(unsafe PreparedRow(handle: handle)) : nil
    }

    func forEach(_ body: (borrowing PreparedRow) throws -> Void) throws {
        defer { reset() }
        while try step() { try body(unsafe PreparedRow(handle: handle)) }
    }

    func map<T>(_ body: (borrowing PreparedRow) throws -> T) throws -> [T] {
        var result: [T] = []
        try forEach { result.append(try body($0)) }
        return result
    }

    private func step() throws -> Bool {
        let code = unsafe sqlite3_step(handle)
        switch code {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default:
            let message = unsafe sqlite3_errmsg(sqlite3_db_handle(handle)).map { unsafe String(cString: $0) }
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: message)
        }
    }

    private func reset() {
        // The code repeats what the last step already said.
        _ = unsafe sqlite3_reset(handle)
    }

    private func check(_ code: Int32) {
        precondition(code == SQLITE_OK, "a statement's parameters exist and are bound while it is at rest")
    }

    /// Makes SQLite copy what is bound.
    private var transient: sqlite3_destructor_type {
        unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }
}

/// Where the empty text points: a null pointer would bind NULL.
// SAFETY: never written, never freed; SQLite copies zero bytes from it.
private nonisolated(unsafe) let emptyText: UnsafePointer<CChar> = {
    let byte = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    unsafe byte.initialize(to: 0)
    return unsafe UnsafePointer(byte)
}()

/// The row a statement stands on. Not to be kept.
// SAFETY: see `Prepared`.
@safe
struct PreparedRow: ~Copyable {
    private let handle: OpaquePointer

    fileprivate init(handle: OpaquePointer) {
        unsafe self.handle = handle
    }

    func int(_ column: Int32) -> Int64 {
        unsafe sqlite3_column_int64(handle, column)
    }

    func optionalInt(_ column: Int32) -> Int64? {
        isNull(column) ? nil : int(column)
    }

    func isNull(_ column: Int32) -> Bool {
        unsafe sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    func text(_ column: Int32) -> String {
        // The text is asked for before its size: asking may convert it.
        let start = unsafe sqlite3_column_text(handle, column)
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe String(
            decoding: UnsafeBufferPointer(start: start, count: start == nil ? 0 : count), as: UTF8.self)
    }

    func optionalText(_ column: Int32) -> String? {
        isNull(column) ? nil : text(column)
    }

    /// The bytes of a text or blob.
    func bytes(_ column: Int32) -> [UInt8] {
        let start = unsafe sqlite3_column_blob(handle, column)
        let count = Int(unsafe sqlite3_column_bytes(handle, column))
        return unsafe Array(UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    func optionalBytes(_ column: Int32) -> [UInt8]? {
        isNull(column) ? nil : bytes(column)
    }
}
