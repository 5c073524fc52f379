internal import GatewayCore
internal import HTTPCodec
internal import Synchronization
internal import WireProtocol

/// The body of a media message's form on its way to the disk. Any thread: the shard brings bytes, jobs of the media pool
/// take them, one at a time.
///
///     socket ─► receive ─► pending (bounded) ─► job: UploadWork ─► file
///                 └ full: reading pauses           └ wake ─► the shard reads on, or takes the result
///
/// Nothing is read before the first job has found the caller's credential good. Who leaves, takes too long or is refused
/// leaves no file.
final class MediaUpload: BodyConsumer {
    /// Bytes that wait for a job; reading pauses at so many. A piece of the socket's may still come on top.
    static let pendingMax = 256 << 10

    private struct State: Sendable {
        var pending: [UInt8] = []
        var hasEnded = false
        /// nil while a job has it, and at the end.
        var work: UploadWork?
        var isRunning = false
        var isAdmitted = false
        /// Made, abandoned or refused: what still comes is dropped.
        var isOver = false
        var result: RouteResult?
        /// What goes if the result is never taken.
        var stored: [StoredMedia] = []
        var wake: (@Sendable () -> Void)?
    }

    private let call: RouteCall
    private let media: MediaStore
    private let state: Mutex<State>

    init(_ call: RouteCall, boundary: MultipartBoundary, parent: Int64? = nil) {
        self.call = call
        media = call.services.media
        state = Mutex(State(work: UploadWork(call, boundary: boundary, parent: parent)))
    }

    // MARK: - The shard's side

    func start(wake: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.wake = wake
            state.isRunning = true
        }
        submit()
    }

    var wantsMore: Bool {
        state.withLock { $0.isAdmitted && !$0.isOver && $0.pending.count < Self.pendingMax }
    }

    func receive(_ bytes: UnsafeRawBufferPointer, ended: Bool) {
        // SAFETY: read within the call.
        let copy = unsafe Array(bytes)
        let runs = state.withLock { state in
            guard !state.isOver else { return false }
            state.pending += copy
            state.hasEnded = state.hasEnded || ended
            if state.isRunning { return false }
            state.isRunning = true
            return true
        }
        if runs { submit() }
    }

    func takeResult() -> RouteResult? {
        state.withLock { state in
            defer {
                state.result = nil
                state.stored = []
            }
            return state.result
        }
    }

    func abandon() {
        let (work, stored) = state.withLock { state in
            defer {
                state.work = nil
                state.stored = []
                state.result = nil
                state.pending = []
                state.isOver = true
            }
            return (state.work, state.stored)
        }
        work?.discard()
        media.discard(stored)
    }

    // MARK: - The jobs' side

    private func submit() {
        if media.pool.submit({ self.run() }) { return }
        let work = state.withLock { state in
            defer { state.work = nil }
            return state.work
        }
        work?.discard()
        end(.failure(APIFailure(.unavailable, "the gateway is overloaded; try again", retryAfterMs: 1_000)))
    }

    private func run() {
        let taken = state.withLock { state -> (work: UploadWork, bytes: [UInt8], ended: Bool)? in
            guard let work = state.work else { return nil }
            defer {
                state.work = nil
                state.pending = []
            }
            return (work, state.pending, state.hasEnded)
        }
        guard var work = taken?.work, let bytes = taken?.bytes, let ended = taken?.ended else { return }
        do throws(APIFailure) {
            guard let made = try work.advance(bytes, ended: ended) else { return goOn(work, ended: ended) }
            finish(work.stored, try MessageRoutes.upload(made.draft, call.having(body: made.body), work.stored))
        } catch {
            work.discard()
            end(.failure(error))
        }
    }

    /// Puts the work back for the next job, which is due if more has come meanwhile.
    private func goOn(_ work: UploadWork, ended: Bool) {
        let (isLeft, isDue, wake) = state.withLock { state in
            if state.isOver { return (true, false, state.wake) }
            state.work = work
            state.isAdmitted = true
            state.isRunning = !state.pending.isEmpty || state.hasEnded && !ended
            return (false, state.isRunning, state.wake)
        }
        if isLeft { return work.discard() }
        if isDue { submit() }
        wake?()
    }

    private func finish(_ stored: [StoredMedia], _ result: RouteResult) {
        let (isLeft, wake) = state.withLock { state in
            if state.isOver { return (true, state.wake) }
            state.isOver = true
            state.result = result
            state.stored = stored
            return (false, state.wake)
        }
        if isLeft { return media.discard(stored) }
        wake?()
    }

    private func end(_ response: Response) {
        finish([], .answer(response))
    }
}
