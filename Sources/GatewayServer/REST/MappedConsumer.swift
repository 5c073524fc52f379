/// A consumer whose result gets what the answers of its route get: headers, and a count of wrong credentials.
final class MappedConsumer: BodyConsumer {
    private let consumer: any BodyConsumer
    private let change: @Sendable (RouteResult) -> RouteResult

    init(_ consumer: any BodyConsumer, _ change: @escaping @Sendable (RouteResult) -> RouteResult) {
        self.consumer = consumer
        self.change = change
    }

    var wantsMore: Bool { consumer.wantsMore }
    func start(wake: @escaping @Sendable () -> Void) { consumer.start(wake: wake) }
    func receive(_ bytes: UnsafeRawBufferPointer, ended: Bool) { unsafe consumer.receive(bytes, ended: ended) }
    func takeResult() -> RouteResult? { consumer.takeResult().map(change) }
    func abandon() { consumer.abandon() }
}
