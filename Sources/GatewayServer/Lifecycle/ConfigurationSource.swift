/// Where a configuration comes from, so that a reload reads it again. Immutable.
public struct ConfigurationSource: Sendable {
    public struct Development: Sendable {
        public let directory: String
        public let port: UInt16

        public init(directory: String, port: UInt16) {
            self.directory = directory
            self.port = port
        }
    }

    public let file: String?
    public let development: Development?
    public let environment: [String: String]
    public let flags: [(key: String, value: String)]

    public init(
        file: String?, development: Development?, environment: [String: String], flags: [(key: String, value: String)]
    ) {
        self.file = file
        self.development = development
        self.environment = environment
        self.flags = flags
    }

    /// Reads everything, and with development makes what is missing first.
    ///
    /// - Throws: `ConfigurationProblems`, or `StartFailure` for files that cannot be made.
    func load() throws -> LoadedConfiguration {
        guard let development else {
            return try LoadedConfiguration.load(file: file, environment: environment, flags: flags)
        }
        let defaults = try DevelopmentSetup.prepare(directory: development.directory, port: development.port)
        return try LoadedConfiguration.load(
            defaults: defaults, file: nil, appsBase: development.directory, environment: environment, flags: flags)
    }
}
