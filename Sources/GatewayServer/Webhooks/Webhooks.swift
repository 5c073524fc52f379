internal import EventLog
internal import GatewayCore
internal import Logging
internal import Reactor

/// The webhooks of all apps: their thread, and how others reach it. Main thread, but for `inbox` and `figures`.
final class Webhooks {
    let inbox = WebhookInbox()
    let figures = WebhookFigures()
    private var thread: SystemThread?

    func start(
        store: any Store, presence: PresenceTable, log: Mailbox<LogMessage>, logger: Logger
    ) throws(SystemError) {
        let (inbox, figures) = (inbox, figures)
        thread = try SystemThread(name: "webhooks") {
            WebhookThread(
                inbox: inbox, store: store, presence: presence, log: log, figures: figures, logger: logger
            ).run()
        }
    }

    /// From a start or a reload.
    func configure(_ apps: [AppEntry], _ configuration: Configuration) {
        let hooks = apps.flatMap { app in
            app.webhooks.map { WebhookInbox.Hook(app: app.number, appID: app.id, definition: $0) }
        }
        inbox.configure(hooks, apps: apps.map(\.number), rules: WebhookRules(configuration))
    }

    /// Lets what is under way end, and hands the last positions to the log: call it while the log still runs.
    func stop() {
        inbox.stop()
        thread?.join()
        thread = nil
    }
}
