/// One of the kinds of state that the core caches.
enum CachedEntity {
    case user(AppContext, UserState)
    case group(AppContext, GroupState)
    case pair(AppContext, PairState)
    case token(AppContext, TokenState)
    case message(AppContext, MessageState)
    case engagement(AppContext, EngagementState)
}
