import Yams

@testable import GatewayServer

/// `openapi.yaml` as it is embedded, and its judgement of an answer.
struct APIDescription {
    let root: JSONValue

    init() throws {
        let text = String(decoding: PackageResources.openapi_yaml, as: UTF8.self)
        root = JSONValue(try Yams.compose(yaml: text) ?? Node(""))
    }

    private static let methods: Set<String> = ["get", "put", "post", "delete", "patch"]

    /// `GET users/{uid}` and so on.
    var operations: Set<String> {
        var found: Set<String> = []
        for (path, item) in root["paths"]?.members ?? [:] {
            for method in item.members.keys where Self.methods.contains(method) {
                found.insert("\(method.uppercased()) \(path.dropFirst())")
            }
        }
        return found
    }

    /// What an answer has that the description does not allow; empty: it is as described.
    func faults(_ method: String, _ pattern: String, status: Int, body: JSONValue) -> [String] {
        guard let responses = root["paths"]?["/" + pattern]?[method.lowercased()]?["responses"] else {
            return ["\(method) \(pattern) is not described"]
        }
        guard let response = responses[String(status)] ?? responses["default"],
            let schema = resolved(response)["content"]?["application/json"]?["schema"]
        else { return ["\(status) of \(method) \(pattern) is not described"] }
        return judge(body, by: schema, at: "$")
    }

    /// What a value has that the named schema does not allow.
    func faults(of value: JSONValue, schema name: String) -> [String] {
        guard let schema = root["components"]?["schemas"]?[name] else { return ["\(name) is not described"] }
        return judge(value, by: schema, at: "$")
    }

    private func resolved(_ value: JSONValue) -> JSONValue {
        guard let path = value["$ref"]?.string else { return value }
        var target = root
        for part in path.dropFirst(2).split(separator: "/") { target = target[String(part)] ?? .null }
        return resolved(target)
    }

    private func judge(_ value: JSONValue, by schema: JSONValue, at place: String) -> [String] {
        let schema = resolved(schema)
        if let choices = schema["oneOf"]?.items {
            let fitting = choices.count { judge(value, by: $0, at: place).isEmpty }
            return fitting == 1 ? [] : ["\(place): fits \(fitting) of \(choices.count) choices"]
        }
        if let words = schema["enum"]?.items, !words.contains(value) { return ["\(place): is none of the words"] }
        switch schema["type"]?.string {
        case "object": return judge(members: value, by: schema, at: place)
        case "array":
            guard case .array(let items) = value else { return ["\(place): is no array"] }
            if let least = schema["minItems"]?.int, items.count < least { return ["\(place): is too short"] }
            guard let inner = schema["items"] else { return [] }
            return items.enumerated().flatMap { judge($1, by: inner, at: "\(place)[\($0)]") }
        case "string": return value.string == nil ? ["\(place): is no string"] : []
        case "boolean": return value.bool == nil ? ["\(place): is no boolean"] : []
        case "integer":
            guard let number = value.int else { return ["\(place): is no integer"] }
            return number < schema["minimum"]?.int ?? Int64.min ? ["\(place): is too small"] : []
        default: return []
        }
    }

    private func judge(members value: JSONValue, by schema: JSONValue, at place: String) -> [String] {
        guard case .object(let members) = value else { return ["\(place): is no object"] }
        var faults: [String] = []
        for name in schema["required"]?.items.compactMap(\.string) ?? [] where members[name] == nil {
            faults.append("\(place).\(name): is missing")
        }
        for (name, member) in members {
            if let known = schema["properties"]?[name] {
                faults += judge(member, by: known, at: "\(place).\(name)")
            } else if let others = schema["additionalProperties"] {
                faults +=
                    others == .bool(false)
                    ? ["\(place).\(name): is not described"] : judge(member, by: others, at: "\(place).\(name)")
            }
        }
        return faults
    }
}
