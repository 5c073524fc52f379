internal import JSONCodec

/// What an SDK is told about this gateway (`GET settings`, `settings` of `PUT me`). Value.
public struct ClientSettings: Sendable, Equatable {
    public var appID: String
    /// Without a port.
    public var host: String
    public var port: Int
    public var region: String
    public var mode: ServerFrame.ThrottleMode

    public init(
        appID: String, host: String, port: Int, region: String = "eu", mode: ServerFrame.ThrottleMode = .default
    ) {
        self.appID = appID
        self.host = host
        self.port = port
        self.region = region
        self.mode = mode
    }

    /// Where REST lives: the host, with its port where HTTPS would not find it.
    public var restHost: String {
        port == 443 ? host : "\(host):\(port)"
    }

    /// Changes when anything in the settings does (FNV-1a, 64 bits, hexadecimal).
    public var hash: String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in "\(appID)\n\(host)\n\(port)\n\(region)\n\(mode.rawValue)".utf8 {
            hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
        }
        return String(hash, radix: 16)
    }
}
