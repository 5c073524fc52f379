import ChatModel
import JSONCodec
import Testing
import WireProtocol

@Suite("REST answers")
struct ResponseBodyTests {
    private let full = UserView(
        record: UserRecord(
            uid: UserID(trusted: "u"), name: "N", avatar: "a", link: "l", role: "vip", metadata: Fixture.json("{ }"),
            statusMessage: "s", tags: ["t"], email: "e", credits: 3, createdAt: 1, updatedAt: 2, deactivatedAt: 4),
        online: false, lastActiveAt: 9)

    @Test func usersShowAsMuchAsTheViewerMaySee() {
        let shown =
            #""uid":"u","name":"N","avatar":"a","link":"l","role":"vip","metadata":{ },"status":"offline","statusMessage":"s","lastActiveAt":9,"tags":["t"]"#
        #expect(text(ResponseBody.data { $0.user(full, .event) }) == #"{"data":{\#(shown)}}"#)
        #expect(
            text(ResponseBody.data { $0.user(full, .record) })
                == #"{"data":{\#(shown),"createdAt":1,"updatedAt":2,"deactivatedAt":4}}"#)
        #expect(
            text(ResponseBody.data { $0.user(full, .own) })
                == #"{"data":{\#(shown),"email":"e","credits":3,"createdAt":1,"updatedAt":2,"deactivatedAt":4}}"#)
    }

    @Test func aViewerSeesTheBlocksBetweenThemAndTheUser() {
        let plain = text(ResponseBody.data { $0.user(full, .record) }).dropLast(2)
        let standing = BlockStanding(blockedByMe: true, hasBlockedMe: false)
        let flags = #","blockedByMe":true,"hasBlockedMe":false}}"#
        #expect(text(ResponseBody.data { $0.user(full, .record, standing) }) == plain + flags)
        #expect(text(ResponseBody.data { $0.user(full, .record, nil) }) == plain + "}}")
    }

    @Test func groupsShowHowManyAreOnlineWhereThatWasCounted() {
        let shown = text(ResponseBody.data { $0.group(Fixture.lobby, online: 2) })
        #expect(shown.contains(#""membersCount":3,"onlineMembersCount":2,"createdAt""#))
        #expect(!text(ResponseBody.data { $0.group(Fixture.lobby) }).contains("onlineMembersCount"))
    }

    @Test func groupsShowTheViewerOnlyWhenAsked() {
        let group =
            #""guid":"lobby","name":"Lobby","type":"public","owner":"alice","membersCount":3,"createdAt":1700000000"#
        #expect(text(ResponseBody.data { $0.group(Fixture.lobby) }) == #"{"data":{\#(group)}}"#)
        #expect(
            text(ResponseBody.data { $0.group(Fixture.lobby, showsViewer: true) })
                == #"{"data":{\#(group),"hasJoined":false,"isBanned":false}}"#)
        let membership = Membership(
            guid: GroupID(trusted: "lobby"), uid: UserID(trusted: "bob"), scope: .moderator, joinedAt: 8, joinedSeq: 2)
        let joined = GroupView(record: Fixture.lobby.record, membersCount: 3, viewer: membership)
        #expect(
            text(ResponseBody.data { $0.group(joined, showsViewer: true) })
                == #"{"data":{\#(group),"hasJoined":true,"scope":"moderator","joinedAt":8,"isBanned":false}}"#)
        #expect(
            text(ResponseBody.data { $0.groupMember(membership, Fixture.bob) })
                == #"{"data":{"uid":"bob","name":"Bob","role":"default","status":"online","createdAt":1700000000,"guid":"lobby","scope":"moderator","joinedAt":8}}"#
        )
    }

    @Test func listsHavePaginationAndCursor() {
        let list = ResponseBody.list(
            [1, 2], pagination: Pagination(total: 7, count: 2, perPage: 2, currentPage: 3),
            cursor: PageCursor(id: 12, affix: .append)
        ) { $0.int($1) }
        #expect(
            text(list)
                == #"{"data":[1,2],"meta":{"pagination":{"total":7,"count":2,"per_page":2,"current_page":3,"total_pages":4},"cursor":{"id":"12","affix":"append"}}}"#
        )
        #expect(text(ResponseBody.list([Int64]()) { $0.int($1) }) == #"{"data":[],"meta":{}}"#)
    }

    @Test func errorsAreEnveloped() {
        #expect(
            text(ResponseBody.error(APIFailure(.tooManyRequests, "slow \"down\"", retryAfterMs: 900)))
                == #"{"error":{"code":"ERR_TOO_MANY_REQUESTS","message":"slow \"down\"","details":{"retryable":true,"retryAfterMs":900}}}"#
        )
        #expect(text(ResponseBody.done) == #"{"data":{"success":true}}"#)
    }

    @Test func aRepeatedSendSaysSo() {
        let view = MessageView(
            message: MessageRecord(
                id: 3, sender: UserID(trusted: "alice"), receiver: .user(UserID(trusted: "bob")), category: .message,
                type: "text", data: Fixture.json(#"{"text":"x"}"#), sentAt: 1),
            sender: Fixture.alice, receiver: .user(Fixture.bob))
        #expect(
            text(ResponseBody.data { $0.message(view, duplicate: true) }).hasSuffix(#""sentAt":1,"duplicate":true}}"#))
        #expect(!text(ResponseBody.data { $0.message(view) }).contains("duplicate"))
    }

    @Test func loginTellsWhereToConnect() {
        let settings = ClientSettings(appID: "app1", host: "chat.example", port: 8_443)
        let answer = text(ResponseBody.me(Fixture.bob, authToken: "tok", jwt: "j.w.t", settings: settings))
        let shown = text(ResponseBody.settings(settings)).dropFirst(8).dropLast()
        #expect(
            answer
                == #"{"data":{"uid":"bob","name":"Bob","role":"default","status":"online","createdAt":1700000000,"authToken":"tok","jwt":"j.w.t","wsChannel":{"identity":"[app1]bob","secret":"","service":"websocket"},"settings":\#(shown)}}"#
        )
        #expect(
            shown
                == #"{"CHAT_HOST":"chat.example","CHAT_WSS_PORT":8443,"CHAT_API_VERSION":"v3.0","ADMIN_API_HOST":"chat.example:8443","CLIENT_API_HOST":"chat.example:8443","WS_API_VERSION":"v3.0","REGION":"eu","MODE":"DEFAULT","ANALYTICS_PING_DISABLED":true,"APP_VERSION":4,"extensions":[],"parameters":{},"settingsHash":"\#(settings.hash)"}"#
        )
        #expect(ClientSettings(appID: "app1", host: "h", port: 443).restHost == "h")
        #expect(ClientSettings(appID: "app2", host: "chat.example", port: 8_443).hash != settings.hash)
        #expect(
            text(ResponseBody.authToken("tok", of: Fixture.bob))
                == #"{"data":{"uid":"bob","name":"Bob","authToken":"tok"}}"#)
    }
}
