import Testing
import WireProtocol

@Suite("codes")
struct CodeTests {
    @Test func everyDocumentedErrorCodeIsThere() {
        let documented = """
            AUTH_ERR_EMPTY_APPID, AUTH_ERR_INVALID_APPID, AUTH_ERR_EMPTY_APIKEY, AUTH_ERR_APIKEY_NOT_FOUND, AUTH_ERR_NO_ACCESS, \
            AUTH_ERR_EMPTY_AUTH_TOKEN, AUTH_ERR_AUTH_TOKEN_NOT_FOUND, ERR_UID_NOT_FOUND, ERR_UID_ALREADY_EXISTS, ERR_GUID_NOT_FOUND, \
            ERR_GUID_ALREADY_EXISTS, ERR_NOT_A_MEMBER, ERR_ALREADY_JOINED, ERR_GROUP_JOIN_NOT_ALLOWED, ERR_WRONG_GROUP_PASS, \
            ERR_EMPTY_GROUP_PASS, ERR_SAME_SCOPE, ERR_BANNED_GROUPMEMBER, ERR_ALREADY_BANNED, ERR_NOT_A_BANNED_USER, \
            ERR_GROUP_NO_CLEARANCE, ERR_GROUP_NO_ADMIN_SCOPE, ERR_GROUP_NO_MODERATOR_SCOPE, ERR_GROUP_NO_SCOPE_CLEARANCE, \
            ERR_GROUP_NO_SELF_ACTION, ERR_OWNER_CANNOT_LEAVE, ERR_EMPTY_RECEIVER, ERR_INVALID_RECEIVER_TYPE, \
            ERR_MESSAGE_ID_NOT_FOUND, ERR_INVALID_MESSAGE_DATA, ERR_EMPTY_MESSAGE_TEXT, ERR_INVALID_MESSAGE_CATEGORY, \
            ERR_INVALID_MESSAGE_TYPE, ERR_MESSAGE_NOT_A_SENDER, ERR_MESSAGE_NO_ACCESS, ERR_MESSAGE_THREAD_NESTING, \
            ERR_INVALID_CUSTOM_DATA, ERR_INVALID_METADATA, ERR_CALLING_SELF, ERR_CALL_BUSY_SELF, ERR_CALL_BUSY_USER, \
            ERR_CALL_SESSION_NOT_FOUND, ERR_CALL_TERMINATED, ERR_CALL_NOT_A_PART, ERR_CANNOT_BLOCK_SELF, ERR_BLOCKED_RECEIVER, \
            ERR_BLOCKED_SENDER, ERR_BAD_REQUEST, ERR_API_NOT_FOUND, ERR_TOO_MANY_REQUESTS, ERR_APP_IN_BACKGROUND, ERR_UNAVAILABLE, \
            ERR_MISSION_FAILED
            """
        let names = documented.split { $0 == "," || $0 == " " }.map(String.init)
        #expect(Set(names) == Set(ErrorCode.allCases.map(\.rawValue)))
        #expect(names.count == ErrorCode.allCases.count)
    }

    @Test(
        arguments: [
            (.emptyAppID, 401), (.apiKeyNotFound, 401), (.authTokenNotFound, 401), (.invalidAppID, 403),
            (.noAccess, 403),
            (.messageNoAccess, 403), (.notAMember, 403), (.uidNotFound, 404), (.guidNotFound, 404),
            (.messageIDNotFound, 404),
            (.uidAlreadyExists, 409), (.alreadyJoined, 409), (.alreadyBanned, 409), (.sameScope, 409),
            (.callBusyUser, 409),
            (.callTerminated, 409), (.ownerCannotLeave, 409), (.wrongGroupPass, 400), (.emptyGroupPass, 400),
            (.notABannedUser, 400), (.callingSelf, 400), (.invalidMessageCategory, 400), (.tooManyRequests, 429),
            (.unavailable, 503), (.missionFailed, 500), (.blockedReceiver, 403),
        ] as [(ErrorCode, Int)])
    func codesHaveTheirStatus(_ code: ErrorCode, _ status: Int) {
        #expect(APIFailure(code, "").httpStatus == status)
        #expect(APIFailure(code, "", status: 413).httpStatus == 413)
    }

    @Test func onlyPassingTroubleIsRetryable() {
        #expect(ErrorCode.allCases.filter(\.isRetryable) == [.tooManyRequests, .unavailable])
    }

    @Test func everyCloseOfOursIsSaidBefore() {
        for reason in CloseReason.allCases {
            #expect((reason.failure != nil) == (reason.code >= 4_000))
            #expect(reason.isResumable == (4_100..<4_300).contains(reason.code))
            #expect(reason.metricLabel.allSatisfy { $0.isLowercase || $0 == "_" })
        }
        #expect(Set(CloseReason.allCases.map(\.metricLabel)).count == CloseReason.allCases.count)
        #expect(CloseReason.userGone.advice == .never && CloseReason.rateLimited.advice == .backOffThenReconnect)
        #expect(CloseReason.noPing.advice == .reconnectNowAndResume && CloseReason.tooManyErrors.advice == .policy)
        #expect(CloseReason.frameTooBig.advice == .none)
    }

    @Test func limitsHaveTheDocumentedDefaults() {
        let limits = Limits()
        #expect(limits.nameLength == 100 && limits.urlLength == 3_000 && limits.metadataBytes == 5_120)
        #expect(limits.tags == 25 && limits.tagLength == 100 && limits.descriptionLength == 255)
        #expect(limits.messageBytes == 65_536 && limits.dataBytes == 10_240 && limits.uploadBytes == 104_857_600)
        #expect(limits.groupsPerUser == 2_000 && limits.friendsPerUser == 1_000 && limits.membersPerGroup == 100_000)
        #expect(limits.membersPerAdd == 25 && limits.connectionsPerUser == 50 && limits.sendsPerMinute == 30)
        #expect(limits.authPerMinute == 60 && limits.typingPerSecond == 10 && limits.framesPerMinute == 600)
        #expect(!Limits.exceeds(1_000_000, 0) && !Limits.exceeds(5, 5) && Limits.exceeds(6, 5))
    }
}
