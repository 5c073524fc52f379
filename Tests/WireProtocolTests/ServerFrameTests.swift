import ChatModel
import Testing
import WireProtocol

/// The frames of protocol.md §3 as they leave, byte for byte.
@Suite("server frames")
struct ServerFrameTests {
    @Test func pongIsTheDocumentedText() {
        #expect(text(ServerFrame.pong) == #"{"action":"pong"}"#)
    }

    @Test func acceptedAuthCarriesSeqAndPingTimes() {
        let frame = ServerFrame.authenticated(
            app: "app1", session: Fixture.session("s1"), sender: UserID(trusted: "bob"), seq: 1_310,
            pingIntervalMs: 15_000,
            pingTimeoutMs: 30_000)
        #expect(
            text(frame)
                == #"{"type":"auth","appId":"app1","deviceId":"s1","sender":"bob","body":{"code":"200","status":"OK","seq":1310,"pingInterval":15,"pingTimeout":30}}"#
        )
    }

    @Test(arguments: [(500, "0.500"), (1_250, "1.250"), (2_000, "2"), (1_005, "1.005")])
    func partsOfASecondAreSentAsFractions(_ milliseconds: Int, _ expected: String) {
        let frame = ServerFrame.authenticated(
            app: "a", session: Fixture.session("s"), sender: UserID(trusted: "b"), seq: 0, pingIntervalMs: 1_000,
            pingTimeoutMs: milliseconds)
        #expect(text(frame).hasSuffix(#""pingTimeout":\#(expected)}}"#))
    }

    @Test func refusedAuthNamesCodeAndStatus() {
        #expect(
            text(
                ServerFrame.authRefused(
                    app: "app1", session: "s1", sender: "bob", status: 401, code: .authTokenNotFound))
                == #"{"type":"auth","appId":"app1","deviceId":"s1","sender":"bob","body":{"code":"401","status":"AUTH_ERR_AUTH_TOKEN_NOT_FOUND"}}"#
        )
        #expect(
            text(ServerFrame.authRefused(app: "app1", session: "", sender: "", status: 400, code: .badRequest))
                == #"{"type":"auth","appId":"app1","body":{"code":"400","status":"ERR_BAD_REQUEST"}}"#)
    }

    @Test func presenceShowsTheChange() {
        let frame = ServerFrame.presence(
            app: "app1", user: Fixture.alice, online: true, atSeconds: 1_795_219_853, origin: Fixture.session("s2"))
        #expect(
            text(frame)
                == #"{"type":"presence","appId":"app1","deviceId":"s2","sender":"alice","body":{"action":"online","timestamp":1795219853,"user":{"uid":"alice","name":"Alice","role":"default","status":"online","lastActiveAt":1795219853}}}"#
        )
        let gone = text(
            ServerFrame.presence(app: "app1", user: Fixture.alice, online: false, atSeconds: 5, origin: nil))
        #expect(gone.contains(#""action":"offline""#) && gone.contains(#""status":"offline""#))
        #expect(!gone.contains("deviceId"))
    }

    @Test func typingShowsTheGatewaysOwnRecord() {
        let frame = ServerFrame.typing(
            app: "app1", user: Fixture.bob, receiver: .group(GroupID(trusted: "lobby")), started: true,
            metadata: Fixture.json("{ \"x\":1.0 }"), origin: Fixture.session("s3"))
        #expect(
            text(frame)
                == #"{"type":"typing_indicator","appId":"app1","receiver":"lobby","receiverType":"group","deviceId":"s3","sender":"bob","body":{"action":"started","user":{"uid":"bob","name":"Bob","role":"default","status":"online"},"metadata":{ "x":1.0 }}}"#
        )
        let ended = text(
            ServerFrame.typing(
                app: "app1", user: Fixture.bob, receiver: .user(UserID(trusted: "alice")), started: false,
                metadata: nil,
                origin: nil))
        #expect(ended.contains(#""action":"ended""#) && !ended.contains("metadata") && !ended.contains("deviceId"))
    }

    @Test func transientDataIsPassedOnByteForByte() {
        let frame = ServerFrame.transient(
            app: "app1", user: Fixture.bob, receiver: .user(UserID(trusted: "alice")),
            data: Fixture.json("{\"LIVE_REACTION\" :\t\"\\u2764\"}"), origin: Fixture.session("s3"))
        #expect(
            text(frame)
                == "{\"type\":\"transient_message\",\"appId\":\"app1\",\"receiver\":\"alice\",\"receiverType\":\"user\",\"deviceId\":\"s3\",\"sender\":\"bob\",\"body\":{\"user\":{\"uid\":\"bob\",\"name\":\"Bob\",\"role\":\"default\",\"status\":\"online\"},\"data\":{\"LIVE_REACTION\" :\t\"\\u2764\"}}}"
        )
    }

    @Test func receiptGoesToTheAuthor() {
        let event = ReceiptEvent(
            action: .delivered,
            conversation: .pair(first: UserID(trusted: "alice"), second: UserID(trusted: "bob")), reader: Fixture.bob,
            author: UserID(trusted: "alice"), messageID: 101, at: 1_795_219_900, seq: 1_320)
        #expect(
            text(ServerFrame.receipt(app: "app1", event, origin: Fixture.session("s3")))
                == #"{"type":"receipts","appId":"app1","receiver":"alice","receiverType":"user","deviceId":"s3","sender":"bob","messageSender":"alice","seq":1320,"body":{"action":"delivered","messageId":"101","user":{"uid":"bob","name":"Bob","role":"default","status":"online"},"timestamp":1795219900}}"#
        )
    }

    @Test func receiptOfAllComesFromTheSystemWithoutASession() {
        let event = ReceiptEvent(
            action: .readByAll, conversation: .group(GroupID(trusted: "lobby")), reader: nil,
            author: UserID(trusted: "alice"), messageID: 101, at: 7, seq: 1_321)
        #expect(
            text(ServerFrame.receipt(app: "app1", event, origin: nil))
                == #"{"type":"receipts","appId":"app1","receiver":"lobby","receiverType":"group","sender":"app_system","messageSender":"alice","seq":1321,"body":{"action":"readByAll","messageId":"101","user":{"uid":"app_system","name":"System","role":"default","status":"online"},"timestamp":7}}"#
        )
    }

    private func message(data: String, tags: [String] = []) -> MessageView {
        MessageView(
            message: MessageRecord(
                id: 1_311, muid: "m1", sender: UserID(trusted: "alice"), receiver: .user(UserID(trusted: "bob")),
                category: .message, type: "text", data: Fixture.json(data), tags: tags, parentID: 1_300,
                sentAt: 1_795_219_860, originSession: Fixture.session("s2")),
            sender: Fixture.alice, receiver: .user(Fixture.bob), deliveredAt: 9)
    }

    @Test func messageCarriesItsDataUntouchedAndTheEntities() {
        let data = "{ \"text\" : \"h\\u00e9\" ,\n\"metadata\":{\"n\":1.50E+2,\"big\":12345678901234567890123} }"
        let user = #"{"uid":"alice","name":"Alice","role":"default","status":"online","lastActiveAt":1795219853}"#
        let receiver = #"{"uid":"bob","name":"Bob","role":"default","status":"online"}"#
        let expected =
            #"{"type":"message","appId":"app1","receiver":"bob","receiverType":"user","deviceId":"s2","sender":"alice","seq":1311,"body":"#
            + #"{"id":"1311","muid":"m1","conversationId":"alice_user_bob","sender":"alice","receiver":"bob","receiverType":"user","category":"message","type":"text","data":"#
            + data.dropLast() + #","entities":{"sender":{"entity":"# + user
            + #","entityType":"user"},"receiver":{"entity":"# + receiver
            + #","entityType":"user"}}},"sentAt":1795219860,"deliveredAt":9,"parentId":"1300","tags":["a\"b"]}}"#
        #expect(text(ServerFrame.message(app: "app1", message(data: data, tags: ["a\"b"]))) == expected)
    }

    @Test func emptyDataStillGetsEntities() {
        #expect(text(ServerFrame.message(app: "app1", message(data: "{}"))).contains(#""data":{"entities":{"#))
    }

    @Test func actionMessageHasItsTextAndParties() {
        func frame(_ kind: GroupAction.Kind, on: UserView?) -> String {
            let action = GroupAction(kind: kind, by: uid("alice"), on: on?.record.uid)
            return actionFrame(.group(action), on: on.map { .user($0) })
        }
        let alice =
            #"{"entity":{"uid":"alice","name":"Alice","role":"default","status":"online","lastActiveAt":1795219853},"entityType":"user"}"#
        let bob = #"{"entity":{"uid":"bob","name":"Bob","role":"default","status":"online"},"entityType":"user"}"#
        let lobby =
            #"{"entity":{"guid":"lobby","name":"Lobby","type":"public","owner":"alice","membersCount":3,"createdAt":1700000000},"entityType":"group"}"#
        #expect(
            frame(.added, on: Fixture.bob)
                == #"{"type":"message","appId":"app1","receiver":"lobby","receiverType":"group","sender":"alice","seq":5,"body":{"id":"5","conversationId":"group_lobby","sender":"alice","receiver":"lobby","receiverType":"group","category":"action","type":"groupMember","data":{"action":"added","entities":{"by":"#
                + alice + #","on":"# + bob + #","for":"# + lobby + #"}},"sentAt":9,"message":"Alice added Bob"}}"#)
        #expect(frame(.joined, on: nil).contains(#""message":"Alice joined""#))
        #expect(frame(.left, on: nil).contains(#""message":"Alice left""#))
        #expect(!frame(.left, on: nil).contains(#""on":"#))
    }

    @Test func everyGroupActionHasItsDefaultText() {
        let texts: [(GroupAction.Kind, String)] = [
            (.joined, "Alice joined"), (.left, "Alice left"), (.kicked, "Alice kicked Bob"),
            (.banned, "Alice banned Bob"), (.unbanned, "Alice unbanned Bob"), (.added, "Alice added Bob"),
            (.scopeChanged, "Alice made Bob moderator"),
        ]
        #expect(texts.map(\.0) == GroupAction.Kind.allCases)
        for (kind, expected) in texts {
            let scopes = kind == .scopeChanged ? ScopeChange(old: .participant, new: .moderator) : nil
            let subject = GroupAction(kind: kind, by: uid("alice"), on: uid("bob"), scopes: scopes)
            let frame = actionFrame(.group(subject), on: .user(Fixture.bob))
            #expect(frame.contains(#""message":"\#(expected)""#))
            #expect(
                frame.contains(#""extras":{"scope":{"old":"participant","new":"moderator"}}"#) == (scopes != nil))
        }
    }

    @Test func messageActionCarriesTheMessageAsItStands() {
        let changed = MessageRecord(
            id: 3, sender: uid("alice"), receiver: .group(GroupID(trusted: "lobby")), category: .message, type: "text",
            data: Fixture.json(#"{"text":"new"}"#), sentAt: 9, edit: MessageStamp(by: uid("bob"), at: 11),
            deletion: MessageStamp(by: uid("alice"), at: 12))
        let target = MessageView(message: changed, sender: Fixture.alice, receiver: .group(Fixture.lobby))
        let frame = actionFrame(
            .message(MessageAction(kind: .edited, by: uid("alice"), on: 3)), on: .message(target))
        #expect(frame.contains(#""data":{"action":"edited","entities":{"by":{"#))
        #expect(frame.contains(#""on":{"entity":{"id":"3","conversationId":"group_lobby""#))
        #expect(frame.contains(#""editedAt":11,"editedBy":"bob","deletedAt":12,"deletedBy":"alice"}"#))
        #expect(frame.contains(#""entityType":"message"},"for":{"#))
    }

    private func uid(_ text: String) -> UserID { UserID(trusted: text) }

    private func actionFrame(_ subject: MessageSubject, on: MessageView.Entity?) -> String {
        let record = MessageRecord(
            id: 5, sender: uid("alice"), receiver: .group(GroupID(trusted: "lobby")), category: .action,
            type: "groupMember", data: Fixture.json("{}"), sentAt: 9, subject: subject)
        return text(
            ServerFrame.message(
                app: "app1",
                MessageView(message: record, sender: Fixture.alice, receiver: .group(Fixture.lobby), on: on)))
    }

    @Test func callMessageShowsTheCallAsItStood() {
        let facts = CallFacts(
            session: CallSessionID(trusted: "S.1"), initiator: uid("alice"), receiver: .user(uid("bob")), type: .video,
            initiatedAt: 5, metadata: Fixture.json(#"{ "k":1.0 }"#))
        let action = CallAction(event: .ongoing, by: uid("bob"), call: facts, joinedAt: 8)
        let record = MessageRecord(
            id: 7, sender: uid("bob"), receiver: .user(uid("alice")), category: .call, type: "video",
            data: Fixture.json(#"{"metadata":{ "k":1.0 }}"#), sentAt: 8, subject: .call(action))
        let call = CallView(action: action, initiator: Fixture.alice, receiver: .user(Fixture.bob))
        let frame = text(
            ServerFrame.message(
                app: "app1",
                MessageView(message: record, sender: Fixture.bob, receiver: .user(Fixture.alice), on: .call(call))))
        let alice = #"{"uid":"alice","name":"Alice","role":"default","status":"online","lastActiveAt":1795219853}"#
        let bob = #"{"uid":"bob","name":"Bob","role":"default","status":"online"}"#
        let expected =
            #"{"type":"message","appId":"app1","receiver":"alice","receiverType":"user","sender":"bob","seq":7,"body":"#
            + #"{"id":"7","conversationId":"alice_user_bob","sender":"bob","receiver":"alice","receiverType":"user","#
            + #""category":"call","type":"video","data":{"action":"ongoing","metadata":{ "k":1.0 },"entities":{"#
            + #""by":{"entity":\#(bob),"entityType":"user"},"on":{"entity":{"sessionid":"S.1","#
            + #""conversationId":"alice_user_bob","sender":"alice","receiver":"bob","receiverType":"user","#
            + #""status":"ongoing","type":"video","initiatedAt":5,"joinedAt":8,"data":{"entities":{"#
            + #""sender":{"entity":\#(alice),"entityType":"user"},"receiver":{"entity":\#(bob),"entityType":"user"}},"#
            + #""metadata":{ "k":1.0 }}},"entityType":"call"},"for":{"entity":\#(alice),"entityType":"user"}}},"sentAt":8}}"#
        #expect(frame == expected)
    }

    @Test func aCallMessageSaysWhenTheCallWasOverForWhom() {
        for event in CallEvent.allCases {
            for receiver in [Receiver.user(uid("bob")), .group(GroupID(trusted: "lobby"))] {
                let facts = CallFacts(
                    session: CallSessionID(trusted: "s"), initiator: uid("alice"), receiver: receiver, type: .audio,
                    initiatedAt: 5)
                let action = CallAction(event: event, by: uid("alice"), call: facts)
                let isGroup = facts.isGroupCall
                let party: MessageView.Party = isGroup ? .group(Fixture.lobby) : .user(Fixture.bob)
                let record = MessageRecord(
                    id: 7, sender: uid("alice"), receiver: receiver, category: .call, type: "audio",
                    data: Fixture.json("{}"), sentAt: 8, subject: .call(action))
                let call = CallView(action: action, initiator: Fixture.alice, receiver: party)
                let frame = text(
                    ServerFrame.message(
                        app: "app1",
                        MessageView(message: record, sender: Fixture.alice, receiver: party, on: .call(call))))
                let status = event == .left ? "ended" : "\(event)"
                #expect(frame.contains(#""data":{"action":"\#(status)","#))
                #expect(frame.contains(#""status":"\#(status)","type":"audio""#))
                #expect(frame.contains(#""leftAt":8"#) == (event == .left))
                let goesOn: [CallEvent] =
                    isGroup ? [.initiated, .ongoing, .left, .rejected, .busy] : [.initiated, .ongoing, .left]
                #expect(frame.contains(#""endedAt":8"#) == !goesOn.contains(event), "\(event)")
            }
        }
    }

    @Test func ackNamesTheMessage() {
        let record = message(data: "{}").message
        #expect(
            text(ServerFrame.ack(ref: "c1", message: record, duplicate: false))
                == #"{"type":"ack","ref":"c1","seq":1311,"body":{"id":"1311","muid":"m1","sentAt":1795219860,"duplicate":false}}"#
        )
        #expect(!text(ServerFrame.ack(ref: nil, message: record, duplicate: true)).contains("ref"))
    }

    @Test func errorTellsWhatToDo() {
        #expect(
            text(ServerFrame.error(APIFailure(.notAMember, "no \"member\""), ref: "c1"))
                == #"{"type":"error","ref":"c1","body":{"code":"ERR_NOT_A_MEMBER","message":"no \"member\"","retryable":false,"retryAfterMs":0,"resumable":true}}"#
        )
        #expect(
            text(ServerFrame.error(APIFailure(.unavailable, "stop", retryAfterMs: 1_500), close: .draining))
                == #"{"type":"error","body":{"code":"ERR_UNAVAILABLE","message":"stop","retryable":true,"retryAfterMs":1500,"resumable":true,"closeCode":4200}}"#
        )
        #expect(
            text(ServerFrame.error(CloseReason.userGone.failure!, close: .userGone)).contains(#""resumable":false"#))
    }

    @Test func resumedAndThrottleAreAsDocumented() {
        #expect(
            text(ServerFrame.resumed(count: 12, complete: true, seq: 1_310))
                == #"{"type":"resumed","body":{"count":12,"complete":true,"seq":1310}}"#)
        #expect(
            text(ServerFrame.throttle(.limitedTransient)) == #"{"type":"throttle","body":{"mode":"LIMITED_TRANSIENT"}}"#
        )
    }
}
