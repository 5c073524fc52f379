internal import Reactor

/// A header that a load balancer puts before TLS (`public.proxyProtocol`).
extension Shard {
    /// Reads what is there of the connection's header, and nothing behind it. True: it is whole, and the rest is for TLS.
    /// What is no header ends the connection without a word, as there is nobody to speak to yet; one that takes too long
    /// falls to the handshake's deadline.
    func readProxyHeader(_ id: SlabID) -> Bool {
        guard var header = connections[id].proxyHeader else { return true }
        while true {
            var chunk = [UInt8](repeating: 0, count: header.wanted)
            var room = chunk.mutableSpan
            switch connections[id].transport.receivePreface(into: &room) {
            case .received(let count):
                switch header.reader.take(chunk.prefix(count)) {
                case .wants(let count): header.wanted = count
                case .done(let address): return identify(id, as: address)
                case .refused: return refuseProxyHeader(id)
                }
            case .wouldBlock:
                connections[id].proxyHeader = header
                return false
            case .endOfStream, .failed: return refuseProxyHeader(id)
            }
        }
    }

    /// nil: who connected is the proxy itself.
    private func identify(_ id: SlabID, as address: SocketAddress?) -> Bool {
        connections[id].proxyHeader = nil
        let address = address ?? connections[id].address
        connections[id].address = address
        guard environment.addresses.identify(address) else { return refuseProxyHeader(id) }
        connections[id].isIdentified = true
        return true
    }

    private func refuseProxyHeader(_ id: SlabID) -> Bool {
        drop(id)
        return false
    }
}
