/// The error codes of protocol.md §9.
public enum ErrorCode: String, Sendable, CaseIterable {
    // The key, the app, the token.
    case emptyAppID = "AUTH_ERR_EMPTY_APPID"
    case invalidAppID = "AUTH_ERR_INVALID_APPID"
    case emptyAPIKey = "AUTH_ERR_EMPTY_APIKEY"
    case apiKeyNotFound = "AUTH_ERR_APIKEY_NOT_FOUND"
    case noAccess = "AUTH_ERR_NO_ACCESS"
    case emptyAuthToken = "AUTH_ERR_EMPTY_AUTH_TOKEN"
    case authTokenNotFound = "AUTH_ERR_AUTH_TOKEN_NOT_FOUND"

    // Users and groups.
    case uidNotFound = "ERR_UID_NOT_FOUND"
    case uidAlreadyExists = "ERR_UID_ALREADY_EXISTS"
    case guidNotFound = "ERR_GUID_NOT_FOUND"
    case guidAlreadyExists = "ERR_GUID_ALREADY_EXISTS"
    case notAMember = "ERR_NOT_A_MEMBER"
    case alreadyJoined = "ERR_ALREADY_JOINED"
    case groupJoinNotAllowed = "ERR_GROUP_JOIN_NOT_ALLOWED"
    case wrongGroupPass = "ERR_WRONG_GROUP_PASS"
    case emptyGroupPass = "ERR_EMPTY_GROUP_PASS"
    case sameScope = "ERR_SAME_SCOPE"
    case bannedGroupMember = "ERR_BANNED_GROUPMEMBER"
    case alreadyBanned = "ERR_ALREADY_BANNED"
    case notABannedUser = "ERR_NOT_A_BANNED_USER"
    case groupNoClearance = "ERR_GROUP_NO_CLEARANCE"
    case groupNoAdminScope = "ERR_GROUP_NO_ADMIN_SCOPE"
    case groupNoModeratorScope = "ERR_GROUP_NO_MODERATOR_SCOPE"
    case groupNoScopeClearance = "ERR_GROUP_NO_SCOPE_CLEARANCE"
    case groupNoSelfAction = "ERR_GROUP_NO_SELF_ACTION"
    case ownerCannotLeave = "ERR_OWNER_CANNOT_LEAVE"
    case cannotBlockSelf = "ERR_CANNOT_BLOCK_SELF"
    case blockedReceiver = "ERR_BLOCKED_RECEIVER"
    case blockedSender = "ERR_BLOCKED_SENDER"

    // Messages.
    case emptyReceiver = "ERR_EMPTY_RECEIVER"
    case invalidReceiverType = "ERR_INVALID_RECEIVER_TYPE"
    case messageIDNotFound = "ERR_MESSAGE_ID_NOT_FOUND"
    case invalidMessageData = "ERR_INVALID_MESSAGE_DATA"
    case emptyMessageText = "ERR_EMPTY_MESSAGE_TEXT"
    case invalidMessageCategory = "ERR_INVALID_MESSAGE_CATEGORY"
    case invalidMessageType = "ERR_INVALID_MESSAGE_TYPE"
    case messageNotASender = "ERR_MESSAGE_NOT_A_SENDER"
    case messageNoAccess = "ERR_MESSAGE_NO_ACCESS"
    case messageThreadNesting = "ERR_MESSAGE_THREAD_NESTING"
    case invalidCustomData = "ERR_INVALID_CUSTOM_DATA"
    case invalidMetadata = "ERR_INVALID_METADATA"

    // Calls.
    case callingSelf = "ERR_CALLING_SELF"
    case callBusySelf = "ERR_CALL_BUSY_SELF"
    case callBusyUser = "ERR_CALL_BUSY_USER"
    case callSessionNotFound = "ERR_CALL_SESSION_NOT_FOUND"
    case callTerminated = "ERR_CALL_TERMINATED"
    case callNotAPart = "ERR_CALL_NOT_A_PART"

    // Everything else.
    case badRequest = "ERR_BAD_REQUEST"
    case apiNotFound = "ERR_API_NOT_FOUND"
    case tooManyRequests = "ERR_TOO_MANY_REQUESTS"
    case appInBackground = "ERR_APP_IN_BACKGROUND"
    case unavailable = "ERR_UNAVAILABLE"
    case missionFailed = "ERR_MISSION_FAILED"

    /// The status of a REST answer with this code, unless the failure says otherwise: a target who is no member is 400,
    /// a whole body or `data` past its bound 413.
    public var httpStatus: Int {
        switch self {
        case .wrongGroupPass, .emptyGroupPass, .notABannedUser, .cannotBlockSelf, .callingSelf, .emptyReceiver,
            .invalidReceiverType, .invalidMessageData, .emptyMessageText, .invalidMessageCategory, .invalidMessageType,
            .messageThreadNesting, .invalidCustomData, .invalidMetadata, .badRequest:
            400
        case .emptyAppID, .emptyAPIKey, .apiKeyNotFound, .emptyAuthToken, .authTokenNotFound: 401
        case .invalidAppID, .noAccess, .notAMember, .groupJoinNotAllowed, .bannedGroupMember, .groupNoClearance,
            .groupNoAdminScope, .groupNoModeratorScope, .groupNoScopeClearance, .groupNoSelfAction, .blockedReceiver,
            .blockedSender, .messageNotASender, .messageNoAccess, .callNotAPart, .appInBackground:
            403
        case .uidNotFound, .guidNotFound, .messageIDNotFound, .callSessionNotFound, .apiNotFound: 404
        case .uidAlreadyExists, .guidAlreadyExists, .alreadyJoined, .sameScope, .alreadyBanned, .ownerCannotLeave,
            .callBusySelf, .callBusyUser, .callTerminated:
            409
        case .tooManyRequests: 429
        case .missionFailed: 500
        case .unavailable: 503
        }
    }

    /// Whether the same request may succeed later without being changed.
    public var isRetryable: Bool {
        self == .tooManyRequests || self == .unavailable
    }
}
