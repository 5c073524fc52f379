internal import ArgumentParser
internal import Foundation
internal import HTTPCodec

/// Follows the event feed: prints each line as it comes, until it is interrupted or the gateway stops.
struct Tail: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the app's events as they come, one JSON object a line.")

    @OptionGroup var backend: BackendOptions
    @Option(help: "Only what this user does, and one-to-one messages and receipts of theirs.") var user: String?
    @Option(help: "Begin behind this line; 0: with the oldest that is kept. Default: with what comes next.")
    var after: Int64?

    func validate() throws {
        if let after, after < 0 { throw ValidationError("--after is the number of a line, 0 or more") }
    }

    func run() throws {
        let wanted = user?.lowercased()
        try backend.client().stream("/events" + (after.map { "?after=\($0)" } ?? "")) { line in
            if let wanted, !Self.concerns(wanted, line) { return }
            // Not `print`: a pipe would get whole blocks only.
            FileHandle.standardOutput.write(Data(line) + Data("\n".utf8))
        }
    }

    /// Whether a line is about the user: whose connection, mark or message it is, or who receives it.
    private static func concerns(_ uid: String, _ line: [UInt8]) -> Bool {
        guard let line = try? JSONSerialization.jsonObject(with: Data(line)) as? [String: Any] else { return false }
        if line["uid"] as? String == uid || line["owner"] as? String == uid { return true }
        if let conversation = line["conversationId"] as? String {
            return conversation.hasPrefix("\(uid)_user_") || conversation.hasSuffix("_user_\(uid)")
        }
        guard let message = line["message"] as? [String: Any] else { return false }
        if message["sender"] as? String == uid { return true }
        return message["receiverType"] as? String == "user" && message["receiver"] as? String == uid
    }
}
