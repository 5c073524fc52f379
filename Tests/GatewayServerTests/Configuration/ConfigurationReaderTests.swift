import GatewayServer
import Testing

@Suite struct ConfigurationReaderTests {
    private func read(
        _ text: String? = nil, environment: [String: String] = [:], flags: [(key: String, value: String)] = []
    ) throws -> Configuration {
        try ConfigurationReader.read(
            file: text.map { ("halley.yaml", $0) }, environment: environment, flags: flags)
    }

    private func problems(
        _ text: String? = nil, environment: [String: String] = [:], flags: [(key: String, value: String)] = []
    ) -> [String] {
        do {
            _ = try read(text, environment: environment, flags: flags)
            return []
        } catch let failure as ConfigurationProblems {
            return failure.problems.map(\.description)
        } catch {
            return ["\(error)"]
        }
    }

    @Test func defaultTextReadsBackAsTheDefaults() throws {
        #expect(try read(Configuration.defaultText) == Configuration())
    }

    @Test func flagWinsOverVariableOverFile() throws {
        let file = "rules: { pingTimeout: 10, authTimeout: 11, presenceGrace: 12 }"
        let configuration = try read(
            file, environment: ["HALLEY_RULES_PINGTIMEOUT": "2", "HALLEY_RULES_AUTHTIMEOUT": "3", "PATH": "x"],
            flags: [("rules.pingTimeout", "0.5")])
        #expect(configuration.rules.pingTimeoutMs == 500)
        #expect(configuration.rules.authTimeoutMs == 3_000)
        #expect(configuration.rules.presenceGraceMs == 12_000)
    }

    @Test func listsAreCommaSeparatedOutsideFiles() throws {
        let configuration = try read(
            "backend: { allowUids: [1, 2] }",
            environment: ["HALLEY_PUBLIC_ALLOWEDORIGINS": "https://a.example, https://b.example"],
            flags: [("public.listen", "127.0.0.1:1,[::1]:2")])
        #expect(configuration.backend.allowUids == ["1", "2"])
        #expect(configuration.public.allowedOrigins == ["https://a.example", "https://b.example"])
        #expect(configuration.public.listen == ["127.0.0.1:1", "[::1]:2"])
    }

    @Test func unknownKeysAreErrorsWhereverTheyStand() {
        #expect(problems("rulez: {}") == ["halley.yaml:1: rulez: is not a known section"])
        #expect(problems("rules:\n  pingTimout: 3") == ["halley.yaml:2: rules.pingTimout: is not a known key"])
        #expect(
            problems(environment: ["HALLEY_RULES_NOPE": "1"])
                == ["environment: HALLEY_RULES_NOPE: is not a known key"])
        #expect(problems(flags: [("rules.nope", "1")]) == ["--rules.nope: rules.nope: is not a known key"])
    }

    @Test func everyProblemIsListed() {
        let found = problems("rules: { pingTimeout: soon }\npublic: { listen: [nowhere] }\nlog: { level: loud }")
        #expect(found.count == 3)
        #expect(found[0].contains("rules.pingTimeout: must be seconds"))
        #expect(found[1].contains("\"nowhere\" must be ADDRESS:PORT"))
        #expect(found[2].contains("log.level: must be trace or debug"))
    }

    @Test(arguments: [
        "- a", "rules: 3", "rules: { pingTimeout: [1] }", "limits: { frameBytes: 12 }", "a: [",
        "backend: { mode: '999' }",
    ])
    func refused(text: String) {
        #expect(!problems(text).isEmpty)
    }

    @Test func hardLimitBelowSoftIsRefused() {
        #expect(
            problems("limits: { outboundSoft: 65536, outboundHard: 8192 }")
                == ["configuration: limits.outboundHard: must not be below limits.outboundSoft"])
    }
}
