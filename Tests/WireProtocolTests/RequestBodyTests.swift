import ChatModel
import Testing
import WireProtocol

@Suite("REST bodies")
struct RequestBodyTests {
    private let limits = Limits()

    private func failure<Body>(_ read: () throws(APIFailure) -> Body) -> APIFailure? {
        do throws(APIFailure) {
            _ = try read()
            return nil
        } catch { return error }
    }

    @Test func aUserIsReadWhole() throws {
        let body = try UserBody.decodeCreate(
            Fixture.bytes(
                #"{"uid":"Alice","name":"Alice","avatar":"https://a","link":"https://l","role":"vip","metadata":{ "a":1 },"statusMessage":"hi","tags":["t"],"email":"a@b","credits":5,"withAuthToken":true,"unknown":[],"deactivated":false}"#
            ), limits: limits)
        var fields = UserFields()
        fields.name = "Alice"
        fields.avatar = "https://a"
        fields.link = "https://l"
        fields.role = "vip"
        fields.metadata = Fixture.json("{ \"a\":1 }")
        fields.statusMessage = "hi"
        fields.tags = ["t"]
        fields.email = "a@b"
        fields.credits = 5
        fields.deactivated = false
        #expect(body.uid == UserID(trusted: "alice") && body.fields == fields && body.withAuthToken)
    }

    @Test(arguments: [
        (#"{"name":"x"}"#, "uid"), (#"{"uid":"a"}"#, "name"), (#"{"uid":"a b","name":"x"}"#, "uid"),
        (#"{"uid":5,"name":"x"}"#, "uid"),
        (#"{"uid":"a","name":""}"#, "name"), (#"{"uid":"a","name":7}"#, "name"),
        (#"{"uid":"a","name":"x","tags":{}}"#, "tags"),
        (#"{"uid":"a","name":"x","metadata":[]}"#, "metadata"), (#"{"uid":"a","name":"x","credits":1.5}"#, "credits"),
        (#"{"uid":"a","name":"x","deactivated":"no"}"#, "deactivated"), (#"{"uid":"a","name":"x","role":""}"#, "role"),
        (#"{"uid":"a","name":"x","withAuthToken":1}"#, "withAuthToken"), ("[]", "object"), ("", "JSON"),
        ("{}{}", "JSON"),
    ])
    func aBadUserFieldIsNamed(_ body: String, _ field: String) {
        let failure = failure { () throws(APIFailure) in
            try UserBody.decodeCreate(Fixture.bytes(body), limits: limits)
        }
        #expect(failure?.message.contains(field) == true, "\(String(describing: failure))")
        #expect(failure?.httpStatus == 400)
    }

    @Test(arguments: [("name", 100), ("avatar", 3_000), ("link", 3_000), ("role", 100), ("statusMessage", 255)])
    func userFieldsAreBounded(_ field: String, _ bound: Int) {
        for (count, isRefused) in [(bound, false), (bound + 1, true)] {
            let body = #"{"\#(field)":"\#(String(repeating: "é", count: count))"}"#
            let failure = failure { () throws(APIFailure) in
                try UserBody.decodeUpdate(Fixture.bytes(body), limits: limits)
            }
            #expect((failure != nil) == isRefused)
            #expect(failure == nil || failure?.message.contains(field) == true)
        }
    }

    @Test func metadataIsBoundedInBytes() {
        // {"k":"…"} is 8 bytes around the text.
        for (count, isRefused) in [(5_120 - 8, false), (5_120 - 7, true)] {
            let body = #"{"metadata":{"k":"\#(String(repeating: "x", count: count))"}}"#
            let failure = failure { () throws(APIFailure) in
                try UserBody.decodeUpdate(Fixture.bytes(body), limits: limits)
            }
            #expect((failure?.code == .invalidMetadata) == isRefused)
            #expect(failure == nil || failure?.httpStatus == 400)
        }
    }

    @Test func anUpdateLeavesAbsentFieldsAlone() throws {
        let body = try UserBody.decodeUpdate(Fixture.bytes(#"{"link":null,"name":"x"}"#), limits: limits)
        var fields = UserFields()
        fields.name = "x"
        #expect(body.fields == fields && body.uid == nil)
    }

    @Test(arguments: [
        ("", true), ("{}", true), (#"{"permanent":true}"#, true), (#"{"permanent":false}"#, false),
    ])
    func deletionIsPermanentUnlessToldOtherwise(_ body: String, _ permanent: Bool) throws {
        #expect(try UserDeletion.decode(Fixture.bytes(body)).permanent == permanent)
    }

    @Test func aGroupIsReadWhole() throws {
        let body = try GroupBody.decodeCreate(
            Fixture.bytes(
                #"{"guid":"Lobby","name":"L","type":"password","password":"p","icon":"i","description":"d","metadata":{},"tags":[],"owner":"ALICE","members":{"admins":["a"],"participants":["B","a"],"usersToBan":["c"]}}"#
            ), limits: limits)
        #expect(body.guid == GroupID(trusted: "lobby") && body.fields.type == .password && body.password == "p")
        #expect(body.owner == UserID(trusted: "alice"))
        #expect(
            body.members.drafts == [
                MemberDraft(uid: UserID(trusted: "a"), scope: .admin),
                MemberDraft(uid: UserID(trusted: "b"), scope: .participant),
            ])
        #expect(body.members.usersToBan == [UserID(trusted: "c")])
        #expect(
            try GroupBody.decodeCreate(Fixture.bytes(#"{"guid":"g","name":"n"}"#), limits: limits).fields.type == .open)
    }

    @Test(
        arguments: [
            (#"{"name":"n"}"#, .badRequest, "guid"), (#"{"guid":"g"}"#, .badRequest, "name"),
            (#"{"guid":"g","name":"n","type":"secret"}"#, .badRequest, "type"),
            (#"{"guid":"g","name":"n","type":"password"}"#, .emptyGroupPass, "password"),
            (#"{"guid":"g","name":"n","type":"password","password":""}"#, .emptyGroupPass, "password"),
            (#"{"guid":"g","name":"n","owner":"a b"}"#, .badRequest, "owner"),
            (#"{"guid":"g","name":"n","members":[]}"#, .badRequest, "members"),
            (#"{"guid":"g","name":"n","members":{"admins":[1]}}"#, .badRequest, "members.admins"),
        ] as [(String, ErrorCode, String)])
    func aBadGroupFieldIsNamed(_ body: String, _ code: ErrorCode, _ field: String) {
        let failure = failure { () throws(APIFailure) in
            try GroupBody.decodeCreate(Fixture.bytes(body), limits: limits)
        }
        #expect(failure?.code == code && failure?.message.contains(field) == true, "\(String(describing: failure))")
    }

    @Test func membersOfOneCallAreBounded() throws {
        func uids(_ count: Int) -> String { (0..<count).map { #""u\#($0)""# }.joined(separator: ",") }
        let full = #"{"admins":[\#(uids(12))],"participants":[\#(uids(13))]}"#
        #expect(try MembersBody.decode(Fixture.bytes(full), limits: limits).admins.count == 12)
        for body in [
            #"{"admins":[\#(uids(13))],"participants":[\#(uids(13))]}"#, #"{"admins":[\#(uids(26))]}"#, "{}",
            #"{"admins":[]}"#,
        ] {
            #expect(throws: APIFailure.self) { try MembersBody.decode(Fixture.bytes(body), limits: limits) }
        }
    }

    @Test func friendsHaveAnAlias() throws {
        let uids = [UserID(trusted: "a"), UserID(trusted: "b")]
        #expect(try FriendsBody.decode(Fixture.bytes(#"{"friends":["A","b","a"]}"#), limits: limits).friends == uids)
        #expect(try FriendsBody.decode(Fixture.bytes(#"{"accepted":["a","b"]}"#), limits: limits).friends == uids)
        for body in ["{}", #"{"friends":[]}"#, #"{"friends":"a"}"#, #"{"friends":["a b"]}"#, #"{"friends":[null]}"#] {
            #expect(throws: APIFailure.self) { try FriendsBody.decode(Fixture.bytes(body), limits: limits) }
        }
    }

    @Test func ephemeralPublishesAreRead() throws {
        let typing = try PublishBody.decodeTyping(
            Fixture.bytes(#"{"receiver":"g","receiverType":"group","action":"started","metadata":{"x": 1}}"#),
            limits: limits)
        #expect(typing.receiver == .group(GroupID(trusted: "g")) && typing.started)
        #expect(typing.metadata == Fixture.json(#"{"x": 1}"#))
        let transient = try PublishBody.decodeTransient(
            Fixture.bytes(#"{"receiver":"b","receiverType":"user","data":[ 1 ]}"#), limits: limits)
        #expect(transient.receiver == .user(UserID(trusted: "b")) && transient.data == Fixture.json("[ 1 ]"))
        for body in ["{}", #"{"receiver":"b","receiverType":"user"}"#] {
            #expect(throws: APIFailure.self) { try PublishBody.decodeTyping(Fixture.bytes(body), limits: limits) }
            #expect(throws: APIFailure.self) { try PublishBody.decodeTransient(Fixture.bytes(body), limits: limits) }
        }
    }

    @Test func smallBodiesMayBeEmpty() throws {
        let all = try DisconnectBody.decode([], limits: limits)
        #expect(all.token == nil && all.rate == 0)
        let some = try DisconnectBody.decode(Fixture.bytes(#"{"token":"t","rate":50}"#), limits: limits)
        #expect(some.token == "t" && some.rate == 50)
        #expect(throws: APIFailure.self) { try DisconnectBody.decode(Fixture.bytes(#"{"rate":-1}"#), limits: limits) }
        #expect(try JoinBody.decode([], limits: limits).password == nil)
        #expect(
            try JoinBody.decode(Fixture.bytes(#"{"guid":"g","type":"password","password":"p"}"#), limits: limits)
                .password == "p")
    }

    @Test func aLoginMayBringChangesOfOnesOwnRecord() throws {
        let empty = try LoginBody.decode([], limits: limits)
        #expect(empty.deviceID == nil && empty.changes == nil)
        let device = Fixture.bytes(#"{"platform":"ios","deviceId":"d","appInfo":{}}"#)
        let login = try LoginBody.decode(device, limits: limits)
        #expect((login.platform, login.deviceID) == ("ios", "d"))
        #expect(login.changes == nil)
        let named = try LoginBody.decode(Fixture.bytes(#"{"uid":"a","name":"N","tags":["x"]}"#), limits: limits)
        #expect(named.changes?.name == "N")
        #expect(named.changes?.tags == ["x"])
        for bad in [#"{"name":""}"#, #"{"metadata":"x"}"#, #"{"platform":7}"#, "[]", "{"] {
            #expect(throws: APIFailure.self) { try LoginBody.decode(Fixture.bytes(bad), limits: limits) }
        }
    }

    @Test func blocksNameEachUserOnce() throws {
        let body = try BlocksBody.decode(Fixture.bytes(#"{"blockedUids":["Bob","carol","bob"],"x":1}"#), limits: limits)
        #expect(body.uids == [UserID(trusted: "bob"), UserID(trusted: "carol")])
    }

    @Test(arguments: [
        "{}", #"{"blockedUids":[]}"#, #"{"blockedUids":null}"#, #"{"blockedUids":"bob"}"#, #"{"blockedUids":[1]}"#,
        #"{"blockedUids":["a b"]}"#,
    ])
    func whoIsBlockedIsAListOfUids(_ body: String) {
        let failure = failure { () throws(APIFailure) in
            try BlocksBody.decode(Fixture.bytes(body), limits: limits)
        }
        #expect(failure?.message.hasPrefix("blockedUids") == true && failure?.httpStatus == 400)
    }

    @Test func aListOfBlocksIsBounded() {
        var limits = Limits()
        limits.blockedPerUser = 2
        for (count, isRefused) in [(2, false), (3, true)] {
            let uids = (0..<count).map { #""u\#($0)""# }.joined(separator: ",")
            let failure = failure { () throws(APIFailure) in
                try BlocksBody.decode(Fixture.bytes(#"{"blockedUids":[\#(uids)]}"#), limits: limits)
            }
            #expect((failure != nil) == isRefused)
        }
    }

    @Test(
        arguments: [
            ("", nil), ("{}", nil), (#"{"groups":null}"#, nil), (#"{"groups":[]}"#, []),
            (#"{"groups":["G","h","g"]}"#, ["g", "h"]),
        ] as [(String, [String]?)])
    func onlineMembersAreAskedByGroupOrNot(_ body: String, _ groups: [String]?) throws {
        let decoded = try OnlineMembersBody.decode(Fixture.bytes(body))
        #expect(decoded.groups == groups?.map { GroupID(trusted: $0) })
    }

    @Test func onlineMembersOfTooManyGroupsAreRefused() {
        for (body, isRefused) in [
            (#"{"groups":{}}"#, true), (#"{"groups":["a b"]}"#, true), ("[]", true),
            (list(OnlineMembersBody.groupsMax), false), (list(OnlineMembersBody.groupsMax + 1), true),
        ] {
            let failure = failure { () throws(APIFailure) in try OnlineMembersBody.decode(Fixture.bytes(body)) }
            #expect((failure?.httpStatus == 400) == isRefused, "\(body)")
        }
    }

    private func list(_ count: Int) -> String {
        #"{"groups":[\#((0..<count).map { #""g\#($0)""# }.joined(separator: ","))]}"#
    }
}
