internal import Reactor
internal import TLSEngine

/// Why a run ended without what it was asked for.
struct LoadFailure: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }

    init(_ error: SystemError) {
        message = error.description
    }

    init(_ error: TLSConfigurationError) {
        message = error.description
    }
}
