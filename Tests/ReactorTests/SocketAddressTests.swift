import Testing

@testable import Reactor

@Suite struct SocketAddressTests {
    @Test(arguments: ["0.0.0.0:8443", "127.0.0.1:0", "[::]:8443", "[::1]:65535", "[2001:db8::5]:1"])
    func addressReadsAndPrintsAlike(text: String) {
        #expect(SocketAddress(text)?.description == text)
    }

    @Test(arguments: [
        "", ":80", "1.2.3.4", "1.2.3:80", "1.2.3.4:65536", "1.2.3.4:-1", "::1:80", "[::1]", "[::g]:80", "localhost:80",
    ])
    func anythingElseIsRefused(text: String) {
        #expect(SocketAddress(text) == nil)
    }

    @Test func sameAddressIsEqualAndHashesAlike() {
        #expect(
            Set([SocketAddress("10.0.0.1:5"), SocketAddress("10.0.0.1:5"), SocketAddress("10.0.0.1:6")]).count == 2)
        #expect(SocketAddress("10.0.0.1:5")?.with(port: 6) == SocketAddress("10.0.0.1:6"))
    }
}
