/// What this build calls itself.
public enum GatewayVersion {
    public static let text = "0.1.0"
}
