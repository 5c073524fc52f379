internal import ArgumentParser

/// How far a connection is opened before it counts.
enum ConnectDepth: String, ExpressibleByArgument, CaseIterable {
    case tls, upgrade, auth
}
