/// Any value of the model as text, so that two stores' answers can be compared whatever their identity.
func canonical(_ value: Any) -> String {
    if let bytes = value as? [UInt8] { return String(decoding: bytes, as: UTF8.self) }
    let mirror = Mirror(reflecting: value)
    let children = mirror.children.map { (label: $0.label, text: canonical($0.value)) }
    switch mirror.displayStyle {
    case .optional: return children.first?.text ?? "nil"
    case .collection: return "[" + children.map(\.text).joined(separator: ", ") + "]"
    case .set, .dictionary: return "{" + children.map(\.text).sorted().joined(separator: ", ") + "}"
    case .enum: return children.isEmpty ? "\(value)" : children.map { "\($0.label ?? "")(\($0.text))" }.joined()
    case .struct, .class, .tuple:
        return "(" + children.map { "\($0.label ?? ""): \($0.text)" }.joined(separator: ", ") + ")"
    default: return "\(value)"
    }
}
