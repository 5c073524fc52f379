import Foundation
import Testing

@testable import GatewayServer

@Suite struct PasswordDeskTests {
    @Test func whatItDerivesItMatches() async throws {
        let desk = try PasswordDesk()
        let hash = try #require(await desk.derive("secret"))
        #expect(await desk.matches("secret", hash) == true)
        #expect(await desk.matches("Secret", hash) == false)
        #expect(await desk.matches("secret", "no hash") == false)
        desk.close()
    }

    /// One is derived, one waits; of the others of a crowd all that find the queue full are told so at once.
    @Test func aFullDeskTakesNoMore() async throws {
        let desk = try PasswordDesk(waitingMax: 1)
        let hash = try #require(await desk.derive("secret"))
        let answers = await withTaskGroup(of: Bool?.self) { group in
            for _ in 0..<200 { group.addTask { await desk.matches("secret", hash) } }
            return await group.reduce(into: [Bool?]()) { $0.append($1) }
        }
        #expect(answers.count == 200)
        #expect(answers.contains(true))
        #expect(answers.contains(nil))
        #expect(!answers.contains(false))
        #expect(await desk.matches("secret", hash) == true, "when it is over there is room again")
        desk.close()
        #expect(await desk.derive("late") == nil)
    }
}
