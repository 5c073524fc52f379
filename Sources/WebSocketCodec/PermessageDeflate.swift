/// What was agreed about compression (RFC 7692). Neither side ever takes context over: the server's choice, since kept
/// contexts cost tens of kilobytes for each connection, and because a frame compressed once then serves everyone.
public struct PermessageDeflate: Sendable, Equatable {
    /// The window the server compresses with, 9–15 bits; the key of the compressed variant of a shared frame.
    public let serverWindowBits: UInt8
    /// The window the client said it keeps to, nil when it did not say.
    public let clientWindowBits: UInt8?
    /// Whether the answer names `serverWindowBits`.
    private let namesServerWindow: Bool

    init(serverWindowBits: UInt8, clientWindowBits: UInt8?, namesServerWindow: Bool) {
        self.serverWindowBits = serverWindowBits
        self.clientWindowBits = clientWindowBits
        self.namesServerWindow = namesServerWindow
    }

    /// What a client of ours offers.
    static let offer: StaticString = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    /// The first offer that can be served, nil when there is none (then the connection goes uncompressed).
    static func choose(_ list: WebSocketExtensionList) -> PermessageDeflate? {
        for offer in list.extensions where offer.name == Array("permessage-deflate".utf8) {
            if let chosen = PermessageDeflate(offer: offer.parameters) { return chosen }
        }
        return nil
    }

    /// RFC 7692 §7.1: an offer with an unknown or repeated parameter or a value out of place is declined.
    private init?(offer parameters: [WebSocketExtensionList.Parameter]) {
        guard let terms = Terms(parameters, windowWithoutValue: true) else { return nil }
        // zlib has no raw window of 8 bits; a peer that insists is served uncompressed.
        if let bits = terms.serverWindow?.bits, bits == 8 { return nil }
        serverWindowBits = terms.serverWindow?.bits ?? 15
        clientWindowBits = terms.clientWindow?.bits
        namesServerWindow = terms.serverWindow != nil
    }

    /// A client's reading of the answer to `offer`; nil when it is not one.
    init?(answer list: WebSocketExtensionList) {
        guard list.extensions.count == 1, list.extensions[0].name == Array("permessage-deflate".utf8),
            let terms = Terms(list.extensions[0].parameters, windowWithoutValue: false),
            // Both were offered: the server must agree to its own, and a client window was not offered.
            terms.serverNoContext, terms.clientWindow == nil
        else { return nil }
        serverWindowBits = terms.serverWindow?.bits ?? 15
        clientWindowBits = nil
        namesServerWindow = terms.serverWindow != nil
    }

    /// Appends the value of the answer's Sec-WebSocket-Extensions header.
    public func appendAnswer(to out: inout [UInt8]) {
        Octets.append(Self.offer, to: &out)
        if namesServerWindow {
            Octets.append("; server_max_window_bits=", to: &out)
            out.append(contentsOf: String(serverWindowBits).utf8)
        }
        if let clientWindowBits {
            Octets.append("; client_max_window_bits=", to: &out)
            out.append(contentsOf: String(clientWindowBits).utf8)
        }
    }

    /// The parameters of one offer or answer.
    private struct Terms {
        var serverNoContext = false
        var clientNoContext = false
        var serverWindow: (bits: UInt8, Void)?
        var clientWindow: (bits: UInt8?, Void)?

        init?(_ parameters: [WebSocketExtensionList.Parameter], windowWithoutValue: Bool) {
            for parameter in parameters {
                switch (String(decoding: parameter.name, as: UTF8.self), parameter.value) {
                case ("server_no_context_takeover", nil) where !serverNoContext:
                    serverNoContext = true
                case ("client_no_context_takeover", nil) where !clientNoContext:
                    clientNoContext = true
                case ("server_max_window_bits", let value?) where serverWindow == nil:
                    guard let bits = Self.windowBits(value) else { return nil }
                    serverWindow = (bits, ())
                case ("client_max_window_bits", nil) where clientWindow == nil && windowWithoutValue:
                    clientWindow = (nil, ())
                case ("client_max_window_bits", let value?) where clientWindow == nil:
                    guard let bits = Self.windowBits(value) else { return nil }
                    clientWindow = (bits, ())
                default:
                    return nil
                }
            }
        }

        /// 8 to 15 without leading zeros.
        private static func windowBits(_ value: [UInt8]) -> UInt8? {
            switch value.count {
            case 1 where value[0] == UInt8(ascii: "8") || value[0] == UInt8(ascii: "9"):
                value[0] - UInt8(ascii: "0")
            case 2
            where value[0] == UInt8(ascii: "1") && value[1] >= UInt8(ascii: "0") && value[1] <= UInt8(ascii: "5"):
                10 + value[1] - UInt8(ascii: "0")
            default:
                nil
            }
        }
    }
}
