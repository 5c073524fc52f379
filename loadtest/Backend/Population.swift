internal import HTTPCodec
internal import JSONCodec

/// Makes the users, tokens, groups and members of a run over the backend socket. What exists already is fine: it was made
/// by an earlier run with the same seed. Confined to the loop's thread.
struct Population {
    /// protocol.md section 9: members per add call.
    private static let membersPerCall = 25

    let backend: Backend
    let seed: UInt64

    func uid(_ index: Int) -> String { "load-\(seed)-\(index)" }

    /// `count` users, each with a fresh token.
    func signUp(_ count: Int) throws -> [Credential] {
        var tokens = [String?](repeating: nil, count: count)
        var known: [Int] = []
        try backend.perform(
            "making users", count: count,
            { index in
                BackendRequest(
                    method: .post, target: "/users",
                    body: Self.object { writer in
                        writer.key("uid")
                        writer.string(uid(index))
                        writer.key("name")
                        writer.string("Load \(index)")
                        writer.key("withAuthToken")
                        writer.bool(true)
                    })
            },
            { index, answer in
                switch answer.status {
                case 200, 201: tokens[index] = try Self.token(in: answer)
                case 409: known.append(index)
                default: throw LoadFailure("making user \(uid(index)): \(answer.status) \(answer.text)")
                }
            })
        try backend.perform(
            "making tokens", count: known.count,
            { BackendRequest(method: .post, target: "/users/\(uid(known[$0]))/auth_tokens") },
            { tokens[known[$0]] = try Self.token(in: $1) })
        return tokens.enumerated().map { Credential(uid: uid($0), token: $1 ?? "") }
    }

    /// A group with these members (user numbers); the first of them owns it.
    func makeGroups(_ groups: [(guid: String, members: [Int])]) throws {
        try backend.perform(
            "making groups", count: groups.count,
            { index in
                BackendRequest(
                    method: .post, target: "/groups", onBehalfOf: uid(groups[index].members[0]),
                    body: Self.object { writer in
                        writer.key("guid")
                        writer.string(groups[index].guid)
                        writer.key("name")
                        writer.string("Load \(groups[index].members.count)")
                        writer.key("type")
                        writer.literal("public")
                    })
            },
            { index, answer in
                guard answer.status == 200 || answer.status == 409 else {
                    throw LoadFailure("making group \(groups[index].guid): \(answer.status) \(answer.text)")
                }
            })
        var calls: [(group: Int, members: ArraySlice<Int>)] = []
        for (number, group) in groups.enumerated() {
            var rest = group.members.dropFirst()
            while !rest.isEmpty {
                calls.append((number, rest.prefix(Self.membersPerCall)))
                rest = rest.dropFirst(Self.membersPerCall)
            }
        }
        try backend.perform(
            "adding members", count: calls.count,
            { index in
                BackendRequest(
                    method: .put, target: "/groups/\(groups[calls[index].group].guid)/members",
                    body: Self.object { writer in
                        writer.key("participants")
                        writer.beginArray()
                        for member in calls[index].members { writer.string(uid(member)) }
                        writer.endArray()
                    })
            },
            { index, answer in
                guard answer.status == 200 else { throw LoadFailure("adding members: \(answer.status) \(answer.text)") }
            })
    }

    private static func object(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        members(&writer)
        writer.endObject()
        return writer.take()
    }

    /// `data.authToken` of an answer.
    private static func token(in answer: BackendAnswer) throws -> String {
        var token: String?
        do throws(JSONError) {
            try JSONReader.read(answer.body) { (reader: inout JSONReader) throws(JSONError) in
                try reader.enterObject()
                while let key = try reader.nextKey() {
                    guard reader.matches(key, "data") else {
                        _ = try reader.skip()
                        continue
                    }
                    try reader.enterObject()
                    while let key = try reader.nextKey() {
                        if reader.matches(key, "authToken") {
                            token = try reader.string()
                        } else {
                            _ = try reader.skip()
                        }
                    }
                }
            }
        } catch {
            throw LoadFailure("an answer of the backend socket is no JSON: \(answer.text)")
        }
        guard let token else { throw LoadFailure("no token: \(answer.status) \(answer.text)") }
        return token
    }
}
