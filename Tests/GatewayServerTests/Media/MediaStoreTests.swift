import Foundation
import Reactor
import Testing
import WireProtocol

@testable import GatewayServer

@Suite struct MediaStoreTests {
    private let scratch = ScratchDirectory()

    private func open(quota: Int = 0) throws -> MediaStore {
        try MediaStore(
            MediaStore.Options(directory: scratch.path, quotaBytes: quota), pool: try BlockingPool(threads: 1))
    }

    @discardableResult private func put(_ text: String, _ name: String = "a.txt", in store: MediaStore) throws
        -> StoredMedia
    {
        let bytes = Array(text.utf8)
        try #require(store.reserve(bytes.count))
        let file = try store.create()
        try store.write(bytes.span, to: file, written: bytes.count)
        return try store.store(file, name: name, byteCount: bytes.count)
    }

    @Test func aStoredFileIsFoundByItsAddressAlone() throws {
        let store = try open()
        let media = try put("hello", in: store)
        let (file, figures) = try #require(try store.open(key: media.key, name: "a.txt"))
        #expect(figures.byteCount == 5)
        #expect(try file.read(at: 1, count: 3) == Array("ell".utf8))
        #expect(try file.read(at: 3, count: 9) == Array("lo".utf8))
        #expect(try store.open(key: media.key, name: "b.txt") == nil)
        #expect(try store.open(key: MediaName.makeKey(), name: "a.txt") == nil)
        #expect(media.path == "/media/\(media.key)/a.txt")
        #expect(scratch.files == ["\(media.key.prefix(2))/\(media.key).a.txt"])
    }

    @Test func whatIsNoAddressIsNotLookedFor() throws {
        let store = try open()
        let media = try put("hello", in: store)
        for key in ["", "..", "../\(media.key)", media.key + "x", String(media.key.dropLast())] {
            #expect(try store.open(key: key, name: "a.txt") == nil)
        }
        for name in ["", "..", "../a.txt", "a.txt/", "a.txt\u{0}"] {
            #expect(try store.open(key: media.key, name: name) == nil)
        }
    }

    @Test func aSymbolicLinkIsNotFollowed() throws {
        let store = try open()
        let key = MediaName.makeKey()
        let shelf = "\(scratch.path)/\(key.prefix(2))"
        try FileManager.default.createDirectory(atPath: shelf, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: "\(shelf)/\(key).a.txt", withDestinationPath: "/etc/passwd")
        #expect(throws: SystemError.self) { try store.open(key: key, name: "a.txt") }
    }

    @Test func theQuotaCountsWhatIsReservedAndGivesBackWhatIsRemoved() async throws {
        let store = try open(quota: 10)
        let media = try put("123456", in: store)
        #expect(!store.reserve(5))
        #expect(store.reserve(4))
        #expect(store.counts.quotaRefusals == 1)
        store.discard([media])
        try await until { store.counts.bytes == 4 }
        #expect(scratch.files.isEmpty)
        #expect(store.reserve(6))
    }

    @Test func aStartCountsWhatIsThereAndRemovesWhatWasNotFinished() throws {
        let first = try open(quota: 100)
        try put("12345", in: first)
        _ = try first.create()
        #expect(scratch.files.count == 2)
        let second = try open(quota: 100)
        #expect(second.counts.bytes == 5)
        #expect(scratch.files.count == 1)
    }

    @Test func aDirectoryThatCannotBeMadeIsNamed() throws {
        #expect(throws: SystemError.self) {
            try MediaStore(MediaStore.Options(directory: "/proc/nothing"), pool: try BlockingPool(threads: 1))
        }
    }

    @Test func uploadsAtOnceAreBoundedPerUserAndInAll() throws {
        let store = try open()
        var slots = try (0..<MediaStore.uploadsPerUserMax).map { _ in try store.enter(user: "a") }
        #expect(throws: APIFailure.self) { try store.enter(user: "a") }
        slots.removeLast()
        slots.append(try store.enter(user: "a"))
        while slots.count < MediaStore.uploadsMax { slots.append(try store.enter(user: nil)) }
        do {
            _ = try store.enter(user: "b")
            Issue.record("there was room")
        } catch {
            #expect(error.httpStatus == 503)
        }
        slots = []
        #expect(store.counts.uploads == 0)
        _ = try store.enter(user: "a")
    }
}

/// Polls until it is true; fails past ten seconds.
func until(_ condition: () throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while try !condition() {
        try #require(ContinuousClock.now < deadline, "it did not come true")
        await Task.yield()
    }
}
