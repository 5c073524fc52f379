internal import ArgumentParser
internal import Foundation
internal import HTTPCodec

/// Follows the log: prints each message as it is committed, one JSON object a line, until it is interrupted.
struct Tail: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Prints messages as they come, one JSON object a line.")
    private static let pauseSeconds = 0.25
    private static let pageSize = 100

    @OptionGroup var backend: BackendOptions
    @Option(help: "Only what this user sent or received.") var user: String?

    func run() throws {
        let client = try backend.client()
        var last = try page(client, query: "per_page=1").last.flatMap(Self.id) ?? "0"
        while true {
            let messages = try page(client, query: "affix=append&id=\(last)&per_page=\(Self.pageSize)")
            for message in messages {
                let line = try JSONSerialization.data(
                    withJSONObject: message, options: [.sortedKeys, .withoutEscapingSlashes])
                // Not `print`: a pipe would get whole blocks only.
                FileHandle.standardOutput.write(line + Data("\n".utf8))
            }
            last = messages.last.flatMap(Self.id) ?? last
            if messages.count < Self.pageSize { Thread.sleep(forTimeInterval: Self.pauseSeconds) }
        }
    }

    private func page(_ client: BackendClient, query: String) throws -> [[String: Any]] {
        try client.call(.get, "/messages?\(query)", onBehalfOf: user) as? [[String: Any]] ?? []
    }

    private static func id(_ message: [String: Any]) -> String? { message["id"] as? String }
}
