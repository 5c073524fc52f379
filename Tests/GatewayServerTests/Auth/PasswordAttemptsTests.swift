import ChatModel
import Testing

@testable import GatewayServer

@Suite struct PasswordAttemptsTests {
    private let app = AppNumber(1)
    private let alice = UserID("alice")!
    private let attempts = PasswordAttempts()

    private func take(_ uid: UserID, perMinute: Int = 3, at nowMs: Int64 = 0) -> Int? {
        attempts.take(app, uid, perMinute: perMinute, nowMs: nowMs)
    }

    @Test func soManyInAMinuteAndThenOneByOne() {
        for _ in 0..<3 { #expect(take(alice) == nil) }
        #expect(take(alice) == 20_000, "a third of a minute each")
        #expect(take(alice, at: 19_000) == 1_000)
        #expect(take(alice, at: 20_000) == nil)
        #expect(take(alice, at: 20_000) == 20_000)
        #expect(take(UserID("bob")!) == nil, "everyone has their own")
        #expect(attempts.take(AppNumber(2), alice, perMinute: 3, nowMs: 20_000) == nil)
    }

    @Test func aRightOneIsGivenBack() {
        for _ in 0..<10 {
            #expect(take(alice, perMinute: 1) == nil)
            attempts.giveBack(app, alice)
        }
        #expect(attempts.count == 0)
        attempts.giveBack(app, alice)
        #expect(take(alice, perMinute: 1) == nil)
        #expect(take(alice, perMinute: 1) != nil)
    }

    @Test func aRateOfZeroIsNoLimit() {
        for _ in 0..<100 { #expect(take(alice, perMinute: 0) == nil) }
        #expect(attempts.count == 0)
    }

    @Test func theTableIsBoundedAndWhoFindsNoPlaceWaits() {
        for number in 0..<PasswordAttempts.usersMax { #expect(take(UserID("u\(number)")!) == nil) }
        #expect(take(alice) == 20_000)
        #expect(attempts.count == PasswordAttempts.usersMax)
        #expect(take(UserID("u7")!) == nil, "who is in the table is judged by what they spent")
        #expect(take(alice, at: 60_000) == nil, "who has all back makes room")
        #expect(attempts.count == 1)
    }
}
