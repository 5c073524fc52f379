public import ChatModel

/// How far a webhook has come in the feed of its app.
public struct HookPosition: Sendable, Equatable {
    public let app: AppNumber
    /// The hook's name in the app's file.
    public let name: String
    /// Every line up to here was delivered or given up; nil: the hook is no more, and is forgotten.
    public let through: Int64?

    public init(app: AppNumber, name: String, through: Int64?) {
        self.app = app
        self.name = name
        self.through = through
    }
}
