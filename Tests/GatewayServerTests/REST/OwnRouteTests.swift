import ChatModel
import GatewayCore
import TLSEngine
import Testing

@testable import GatewayServer

@Suite struct OwnRouteTests {
    @Test func aLoginAnswersWhatTheDeviceNeedsToConnect() async throws {
        let world = try await RESTWorld()
        let token = try await world.user("alice", #","email":"a@e""#)
        let body = #"{"platform":"javascript","deviceId":"d","appInfo":{"version":"4"}}"#
        let me = try await world.call("PUT", "/me", body, as: RESTWorld.user(token))
        #expect(me.data["authToken"]?.string == token)
        #expect(me.data["email"]?.string == "a@e")
        #expect(me.data["wsChannel"]?["identity"]?.string == "[dev]alice")
        #expect(me.data["settings"]?["CHAT_WSS_PORT"] == .int(8443))
        let jwt = try #require(me.data["jwt"]?.string)
        let app = try #require(world.services.apps.app(id: "dev"))
        let verified = await world.services.verifier.verify(jwt, app: app, nowSeconds: 0)
        guard case .success(.token(let hash)) = verified else {
            Issue.record("the jwt is not bound to the token")
            return
        }
        #expect(hash == TokenHash(Digest.sha256(token)))
        let fresh = try await world.call("POST", "/me/jwt", as: RESTWorld.user(token))
        #expect(fresh.data["jwt"]?.string != nil)
        #expect(try await world.call("GET", "/me", as: RESTWorld.user(token)).data["jwt"]?.string != nil)
    }

    @Test func aLoginWithFieldsChangesTheOwnRecordFirst() async throws {
        let world = try await RESTWorld()
        let token = try await world.user("alice")
        let body = #"{"uid":"alice","name":"Alice II","role":"admin","metadata":{"a":1}}"#
        let me = try await world.call("PUT", "/me", body, as: RESTWorld.user(token))
        #expect((me.data["name"]?.string, me.data["role"]?.string) == ("Alice II", "default"))
        #expect(me.data["authToken"]?.string == token)
        #expect(me.data["metadata"]?["a"] == .int(1))
        let refused = try await world.call("PUT", "/me", #"{"name":""}"#, as: RESTWorld.user(token))
        #expect(refused.status == 400)
        #expect(refused.message.contains("name"))
        let unknown = try await world.call("PUT", "/me", body, as: RESTWorld.user("wrong"))
        #expect(unknown.code == "AUTH_ERR_AUTH_TOKEN_NOT_FOUND")
        #expect(try await world.call("PUT", "/me", body, as: RESTWorld.acting("alice")).status == 403)
    }

    @Test func theBackendSeesARecordButHasNoCredentialToShow() async throws {
        let world = try await RESTWorld()
        try await world.user("alice")
        let me = try await world.call("GET", "/me", as: RESTWorld.acting("alice"))
        #expect(me.data["uid"]?.string == "alice")
        #expect(me.data["jwt"] == nil)
        #expect(try await world.call("PUT", "/me", as: RESTWorld.acting("alice")).status == 403)
        #expect(try await world.call("GET", "/me", as: RESTWorld.backend).status == 400)
    }

    @Test func logoutVoidsTheToken() async throws {
        let world = try await RESTWorld()
        let token = try await world.user("alice")
        #expect(try await world.call("DELETE", "/me", as: RESTWorld.user(token)).status == 200)
        #expect(try await world.call("GET", "/me", as: RESTWorld.user(token)).status == 401)
        #expect(try await world.call("POST", "/user_sessions", "{}", as: RESTWorld.user(token)).status == 401)
    }

    @Test func settingsNameTheAdvertisedHostOrTheOneThatWasAsked() async throws {
        let world = try await RESTWorld()
        var headers = ["appid": "dev", "host": "chat.example:8443"]
        let asked = try await world.call("GET", "/settings", as: headers)
        #expect(asked.data["CHAT_HOST"]?.string == "chat.example")
        #expect(asked.data["CLIENT_API_HOST"]?.string == "chat.example:8443")
        headers["host"] = "[2001:db8::1]:8443"
        let address = try await world.call("GET", "/settings", as: headers)
        #expect(address.data["CHAT_HOST"]?.string == "[2001:db8::1]")
        world.services.settings.advertiseHost = "public.example"
        world.services.settings.advertisePort = 443
        let advertised = try await world.call("GET", "/settings", as: headers)
        #expect(advertised.data["CHAT_HOST"]?.string == "public.example")
        #expect(advertised.data["ADMIN_API_HOST"]?.string == "public.example", "443 needs no saying")
        #expect(advertised.data["settingsHash"] != asked.data["settingsHash"])
    }
}
