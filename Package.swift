// swift-tools-version: 6.2
import PackageDescription

/// One set of rules for every target of ours: Swift 6 isolation, every unsafe expression marked, no warning let through.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, swiftSettings: strict)
}

func program(
    _ name: String, path: String? = nil, exclude: [String] = [], _ dependencies: [Target.Dependency]
) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + [.product(name: "ArgumentParser", package: "swift-argument-parser")],
        path: path, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "halley",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "halleyd", targets: ["halleyd"]),
        .executable(name: "halleyctl", targets: ["halleyctl"]),
        .executable(name: "halley-echo", targets: ["halley-echo"]),
        .executable(name: "halley-load", targets: ["halley-load"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // C libraries, each imported by exactly one room.
        .target(name: "CLinux"),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),

        // The rooms, from the ground up; imports run downward only.
        room("Reactor", ["CLinux"]),
        room("TLSEngine", ["COpenSSL"]),
        room("HTTPCodec"),
        room("WebSocketCodec", ["CZlib"]),
        room("JSONCodec"),
        room("ChatModel"),
        room("WireProtocol", ["ChatModel", "JSONCodec"]),
        room(
            "EventLog",
            [
                "ChatModel", "JSONCodec", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]),
        room(
            "GatewayCore", ["ChatModel", "WireProtocol", .product(name: "Collections", package: "swift-collections")]),
        room(
            "GatewayServer",
            [
                "Reactor", "TLSEngine", "HTTPCodec", "WebSocketCodec", "JSONCodec", "ChatModel", "WireProtocol",
                "EventLog", "GatewayCore", "CCurl", "CSystemd",
                .product(name: "DequeModule", package: "swift-collections"),
                .product(name: "Logging", package: "swift-log"), .product(name: "Yams", package: "Yams"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ],
            resources: [
                .embedInCode("openapi.yaml"),
                .embedInCode("Playground/index.html"), .embedInCode("Playground/style.css"),
                .embedInCode("Playground/icon.svg"), .embedInCode("Playground/api.js"),
                .embedInCode("Playground/app.js"), .embedInCode("Playground/chat.js"),
                .embedInCode("Playground/connection.js"), .embedInCode("Playground/frames.js"),
                .embedInCode("Playground/view.js"),
            ]),

        // The programs.
        program("halleyd", ["GatewayServer", "Reactor"]),
        program("halleyctl", ["GatewayServer", "HTTPCodec", "Reactor"]),
        program("halley-echo", ["GatewayServer", "Reactor", "TLSEngine", "HTTPCodec", "WebSocketCodec"]),
        program(
            "halley-load", path: "loadtest", exclude: ["README.md", "peers"],
            [
                "GatewayServer", "Reactor", "TLSEngine", "HTTPCodec", "WebSocketCodec", "JSONCodec", "EventLog",
                "ChatModel",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ]),

        .target(name: "CSyncCounter", path: "Tests/CSyncCounter", linkerSettings: [.linkedLibrary("sqlite3")]),
        tests("Reactor"),
        tests("TLSEngine", ["COpenSSL"]),
        tests("HTTPCodec"),
        tests("WebSocketCodec"),
        tests("JSONCodec"),
        tests("ChatModel"),
        tests("WireProtocol", ["ChatModel", "JSONCodec"]),
        tests("EventLog", ["ChatModel", "CSyncCounter", .product(name: "GRDB", package: "GRDB.swift")]),
        tests("GatewayCore", ["ChatModel", "WireProtocol", "EventLog"]),
        tests(
            "GatewayServer",
            [
                "ChatModel", "EventLog", "GatewayCore", "HTTPCodec", "JSONCodec", "Reactor", "TLSEngine",
                "WireProtocol",
                .product(name: "JWTKit", package: "jwt-kit"), .product(name: "Logging", package: "swift-log"),
                .product(name: "Yams", package: "Yams"),
            ]),
        .testTarget(name: "LoadTests", dependencies: ["halley-load"], swiftSettings: strict),
    ]
)
