public import ChatModel
internal import JSONCodec

/// The body of `PATCH messages/{id}/interacted`, and what the message itself says of it.
public enum InteractedBody {
    /// Ids of elements, at least one.
    public static func decode(_ body: [UInt8], limits: Limits) throws(APIFailure) -> [String] {
        var interactions: Field?
        return try BodyReader.read(body) { (reader, key, member) throws(APIFailure) in
            if reader.matches(key, "interactions") { interactions = member }
        } finish: { (reader) throws(APIFailure) in
            let ids = try reader.elementIDs(interactions, "interactions", limits) ?? []
            guard !ids.isEmpty else { throw APIFailure(.badRequest, "interactions must not be empty") }
            return ids
        }
    }

    /// From the `data` of an interactive message.
    public static func terms(of data: JSONBytes) throws(APIFailure) -> InteractionTerms {
        try JSONReader.read(data.bytes) { (reader: inout JSONReader) throws(APIFailure) in
            let root: Field
            do throws(JSONError) { root = try reader.field() } catch { throw JSONReader.malformed(error) }
            var members = InteractiveMembers()
            try reader.eachMember(of: root) { (reader, key, member) throws(APIFailure) in
                members.take(key, member, from: reader)
            }
            // It was judged when it was sent, by the limits of that time.
            var limits = Limits()
            (limits.interactionElements, limits.elementIDLength) = (0, 0)
            return try members.terms(&reader, "", limits)
        }
    }
}
