import Testing
import WebSocketCodec

/// The whole table: states by events.
@Suite struct CloseStateTests {
    @Test func weSendClose() {
        for (start, allowed, end) in [
            (.open, true, .closeSent), (.closeSent, false, .closeSent), (.closeReceived, true, .closed),
            (.closed, false, .closed),
        ] as [(WebSocketCloseState, Bool, WebSocketCloseState)] {
            var state = start
            #expect(state.sendClose() == allowed)
            #expect(state == end)
        }
    }

    @Test func thePeerCloses() {
        for (start, action, end) in [
            (.open, .answer, .closeReceived), (.closeSent, .disconnect, .closed),
            (.closeReceived, .ignore, .closeReceived), (.closed, .ignore, .closed),
        ] as [(WebSocketCloseState, WebSocketCloseState.Action, WebSocketCloseState)] {
            var state = start
            #expect(state.receiveClose() == action)
            #expect(state == end)
        }
    }

    @Test func theTransportEnds() {
        for (start, clean) in [
            (.open, false), (.closeSent, false), (.closeReceived, true), (.closed, true),
        ] as [(WebSocketCloseState, Bool)] {
            var state = start
            #expect(state.transportEnded() == clean)
            #expect(state == .closed)
        }
    }

    @Test func onlyAnOpenConnectionSends() {
        #expect(WebSocketCloseState.open.maySend)
        for state in [WebSocketCloseState.closeSent, .closeReceived, .closed] { #expect(!state.maySend) }
    }
}
