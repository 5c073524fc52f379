import EventLog
import Foundation
import GRDB
import Testing

@Suite struct OpeningTests {
    private let file = TemporaryFile()

    private func reasonOfOpening() throws -> String {
        let failure = try #require(throws: LogFailure.self) { _ = try SQLiteStore(path: file.path) }
        return failure.reason
    }

    @Test func theStoresFilesAreTheirOwnersAlone() throws {
        try Data().write(to: URL(fileURLWithPath: file.path))
        let store = try SQLiteStore(path: file.path)
        _ = try store.number(ofApp: "app1")
        for suffix in ["", "-wal", "-shm", "-lock"] {
            let mode = try FileManager.default.attributesOfItem(atPath: file.path + suffix)[.posixPermissions]
            #expect(mode as? Int == 0o600, "\(suffix)")
        }
    }

    @Test func aSecondOpenOfTheSameFileIsRefused() throws {
        let first = try SQLiteStore(path: file.path)
        #expect(try reasonOfOpening().contains("another process"))
        withExtendedLifetime(first) {}
    }

    @Test func aClosedStoreOpensAgain() throws {
        for _ in 0..<3 { _ = try SQLiteStore(path: file.path).number(ofApp: "app1") }
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        try Data(repeating: 7, count: 5_000).write(to: URL(fileURLWithPath: file.path))
        #expect(try reasonOfOpening() == "\(file.path) is not a database")
    }

    @Test func anotherProgramsDatabaseIsRefusedAndLeftAsItIs() throws {
        let other = try DatabaseQueue(path: file.path)
        try other.write { try $0.execute(sql: "CREATE TABLE theirs (id INTEGER)") }
        try other.close()
        #expect(try reasonOfOpening() == "\(file.path) is a database of another program")
        let again = try DatabaseQueue(path: file.path)
        #expect(try again.read { try String.fetchAll($0, sql: "SELECT name FROM sqlite_schema") } == ["theirs"])
    }

    @Test func aNewerVersionsFileIsRefused() throws {
        _ = try SQLiteStore(path: file.path)
        let raw = try DatabaseQueue(path: file.path)
        try raw.write { try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99 the future')") }
        try raw.close()
        #expect(try reasonOfOpening() == "\(file.path) was written by a newer version of this program")
    }

    @Test func aMissingDirectoryIsNamed() throws {
        try FileManager.default.removeItem(atPath: file.directory)
        #expect(try reasonOfOpening().contains("cannot write \(file.path)"))
    }

    @Test func aDirectoryInPlaceOfTheFileIsNamed() throws {
        try FileManager.default.createDirectory(atPath: file.path, withIntermediateDirectories: false)
        #expect(try reasonOfOpening().contains("cannot write \(file.path)"))
    }
}
