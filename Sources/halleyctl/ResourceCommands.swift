internal import ArgumentParser
internal import Foundation
internal import HTTPCodec

struct User: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Users.", subcommands: [Create.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Creates a user.")
        @OptionGroup var backend: BackendOptions
        @Argument(help: "1 to 100 characters of [A-Za-z0-9_-].") var uid: String
        @Option(help: "Shown to others.") var name: String
        @Option(help: "The user's role.") var role: String?

        func run() throws {
            var body: [String: Any] = ["uid": uid, "name": name]
            if let role { body["role"] = role }
            printJSON(try backend.client().call(.post, "/users", body: body))
        }
    }
}

struct Token: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Auth tokens.", subcommands: [Create.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Makes an auth token for a user and prints it.")
        @OptionGroup var backend: BackendOptions
        @Argument(help: "The user.") var uid: String

        func run() throws {
            let data = try backend.client().call(.post, "/users/\(pathPart(uid))/auth_tokens", body: [:])
            guard let token = (data as? [String: Any])?["authToken"] as? String else {
                throw CommandFailure(message: "the answer holds no authToken")
            }
            print(token)
        }
    }
}

struct Group: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Groups.", subcommands: [Create.self, Add.self, Kick.self, Ban.self, Unban.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Creates a group.")
        @OptionGroup var backend: BackendOptions
        @Argument(help: "1 to 100 characters of [A-Za-z0-9_-].") var guid: String
        @Option(help: "Shown to others; default: the guid.") var name: String?
        @Option(help: "public or private.") var type = "public"
        @Option(help: "The user who owns it.") var owner: String
        @Option(parsing: .upToNextOption, help: "Users who join as participants.") var members: [String] = []

        func run() throws {
            var body: [String: Any] = ["guid": guid, "name": name ?? guid, "type": type]
            if !members.isEmpty { body["members"] = ["participants": members] }
            printJSON(try backend.client().call(.post, "/groups", body: body, onBehalfOf: owner))
        }
    }
}

extension Group {
    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Adds users to a group, in its owner's name.")
        @OptionGroup var backend: BackendOptions
        @Argument(help: "The group.") var guid: String
        @Argument(help: "The users.") var uids: [String]
        @Option(help: "participant, moderator or admin.") var scope = "participant"

        func validate() throws {
            guard ["participant", "moderator", "admin"].contains(scope) else {
                throw ValidationError("--scope is participant, moderator or admin")
            }
        }

        func run() throws {
            let path = "/groups/\(pathPart(guid))/members"
            printJSON(try backend.client().call(.put, path, body: ["\(scope)s": uids]))
        }
    }

    /// What is done to one user of a group, in its owner's name.
    struct Target: ParsableArguments {
        @OptionGroup var backend: BackendOptions
        @Argument(help: "The group.") var guid: String
        @Argument(help: "The user.") var uid: String

        func call(_ method: HTTPMethod, _ resource: String) throws {
            let path = "/groups/\(pathPart(guid))/\(resource)/\(pathPart(uid))"
            printJSON(try backend.client().call(method, path))
        }
    }

    struct Kick: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a user out of a group.")
        @OptionGroup var target: Target
        func run() throws { try target.call(.delete, "members") }
    }

    struct Ban: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a user out of a group for good.")
        @OptionGroup var target: Target
        func run() throws { try target.call(.post, "bannedusers") }
    }

    struct Unban: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Takes a ban back.")
        @OptionGroup var target: Target
        func run() throws { try target.call(.delete, "bannedusers") }
    }
}

struct Send: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Sends a text message as a user.")
    @OptionGroup var backend: BackendOptions
    @Option(help: "The user who sends.") var from: String
    @Option(help: "The user who receives.") var to: String?
    @Option(help: "The group that receives.") var group: String?
    @Argument(help: "The text.") var text: String

    func validate() throws {
        if (to == nil) == (group == nil) { throw ValidationError("say either --to UID or --group GUID") }
    }

    func run() throws {
        let body: [String: Any] = [
            "category": "message", "type": "text", "receiver": to ?? group ?? "",
            "receiverType": to == nil ? "group" : "user", "data": ["text": text],
        ]
        printJSON(try backend.client().call(.post, "/messages", body: body, onBehalfOf: from))
    }
}

/// Percent-encodes one segment of a path.
func pathPart(_ text: String) -> String {
    text.addingPercentEncoding(withAllowedCharacters: .alphanumerics.union(CharacterSet(charactersIn: "-_"))) ?? ""
}

func printJSON(_ value: Any) {
    let data = try? JSONSerialization.data(
        withJSONObject: value, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes, .fragmentsAllowed])
    print(String(decoding: data ?? Data(), as: UTF8.self))
}
