internal import ChatModel
internal import Synchronization

/// What other threads tell the webhooks' thread. Any thread posts; bounded, as news of a kind replace each other.
final class WebhookInbox: Sendable {
    /// A webhook and the app it is of.
    struct Hook: Sendable {
        let app: AppNumber
        let appID: String
        let definition: WebhookDefinition
    }

    struct News: Sendable {
        var hooks: [Hook]?
        /// Apps that are served; hooks of others keep their place.
        var apps: [AppNumber] = []
        var rules = WebhookRules()
        var grown: Set<AppNumber> = []
        var isStopping = false
    }

    private struct State: Sendable {
        var news = News()
        /// Apps with a webhook: of others nothing needs to be told.
        var watched: Set<AppNumber> = []
        var waker: CurlWaker?
    }

    private let state = Mutex(State())

    /// From a start or a reload.
    func configure(_ hooks: [Hook], apps: [AppNumber], rules: WebhookRules) {
        post { state in
            state.news.hooks = hooks
            state.news.apps = apps
            state.news.rules = rules
            state.watched = Set(hooks.map(\.app))
            return true
        }
    }

    /// Whether anybody needs to be told that feeds have grown.
    var isWatching: Bool { state.withLock { !$0.watched.isEmpty } }

    /// The feeds of these apps have grown.
    func grown(_ apps: Set<AppNumber>) {
        post { state in
            let before = state.news.grown.count
            state.news.grown.formUnion(apps.intersection(state.watched))
            return state.news.grown.count > before
        }
    }

    func stop() {
        post { state in
            state.news.isStopping = true
            return true
        }
    }

    /// The consumer waits on this.
    func setWaker(_ waker: CurlWaker) {
        state.withLock { $0.waker = waker }
    }

    /// Consumer: what has come since the last call.
    func take() -> News {
        state.withLock { state in
            defer {
                state.news.hooks = nil
                state.news.grown = []
            }
            return state.news
        }
    }

    /// `change` returns whether the consumer must know.
    private func post(_ change: (inout State) -> Bool) {
        let waker = state.withLock { state in change(&state) ? state.waker : nil }
        waker?.wake()
    }
}
