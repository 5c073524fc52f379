import Reactor
import Testing

@testable import halley_load

@Suite struct EndpointTests {
    @Test func addressesWithAnIPAddressOrLocalhostAreTaken() throws {
        let endpoint = try #require(Endpoint("wss://localhost:8443/ws?a=1"))
        #expect(endpoint.isTLS)
        #expect(endpoint.address == .loopback(port: 8443))
        #expect(endpoint.host == "localhost")
        #expect(endpoint.target == "/ws?a=1")
        #expect(Endpoint("ws://[::1]:80")?.authority == "[::1]:80")
        #expect(Endpoint("ws://127.0.0.1:80?x")?.target == "/?x")
    }

    @Test(arguments: ["https://127.0.0.1:1/", "wss://example.org:443/", "wss://127.0.0.1/", "ws://127.0.0.1:80/a b"])
    func otherAddressesAreRefused(_ url: String) {
        #expect(Endpoint(url) == nil)
    }
}
