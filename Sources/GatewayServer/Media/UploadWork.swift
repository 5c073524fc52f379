internal import ChatModel
internal import EventLog
internal import GatewayCore
internal import HTTPCodec
internal import Reactor
internal import WireProtocol

/// One upload as its jobs see it: the form's reader, the fields so far, the file being written. Taken along from job to
/// job; blocks.
///
///     first job     | the credential: who is unknown writes nothing
///     a file begins | the receiver, if its fields came before; the message's type
///     a file ends   | what it is, by its bytes; then it gets its address
///     the form ends | the message is decoded as JSON would be, and posted
struct UploadWork: Sendable {
    /// Files of one message.
    static let filesMax = 16
    /// What a body may hold besides the files' bytes.
    static let overheadBytesMax = 1 << 20

    private struct OpenFile: Sendable {
        let file: MediaFile
        let part: MultipartPart
        var head: [UInt8] = []
        var byteCount = 0
    }

    private enum Current: Sendable {
        case nothing
        case field(String, [UInt8])
        /// A file field of which no byte has come: a form without a chosen file sends it empty.
        case announced(MultipartPart)
        case file(OpenFile)
    }

    private let call: RouteCall
    private let media: MediaStore
    private let limits: Limits
    private var parser: MultipartParser
    /// What the parser has left behind its cursor.
    private var kept: [UInt8] = []
    private var current = Current.nothing
    private var form = UploadForm()
    private var files: [(media: StoredMedia, attachment: Attachment)] = []
    /// Of the files.
    private var types: [MediaType] = []
    private var bodyBytes = 0
    private var fileBytes = 0
    private var sender: UserID?
    /// The message a reply is for, and whom its thread is with.
    private let parent: Int64?
    private var threadReceiver: Receiver?
    private var slot: UploadSlot?

    init(_ call: RouteCall, boundary: MultipartBoundary, parent: Int64? = nil) {
        self.call = call
        self.parent = parent
        media = call.services.media
        limits = call.limits
        var bounds = MultipartLimits()
        if limits.messageBytes > 0 { bounds.fieldBytesMax = limits.messageBytes }
        parser = MultipartParser(boundary: boundary, limits: bounds)
    }

    /// Takes the next bytes of the body. With the last of them: the message, and the JSON body it stands for.
    mutating func advance(_ bytes: [UInt8], ended: Bool) throws(APIFailure) -> (draft: MessageDraft, body: [UInt8])? {
        do {
            if sender == nil { try admit() }
            bodyBytes += bytes.count
            let bodyMax = limits.uploadBytes + Self.overheadBytesMax
            guard limits.uploadBytes == 0 || bodyBytes <= bodyMax else { throw Self.tooLarge(limits) }
            return try read(bytes, ended: ended)
        } catch let failure as APIFailure {
            throw failure
        } catch let error as SystemError {
            media.diskFailed()
            let full = error.isOutOfSpace ? "the disk is full" : "the file cannot be written; try again"
            throw APIFailure(.unavailable, full, retryAfterMs: error.isOutOfSpace ? 60_000 : 1_000)
        } catch {
            throw APIFailure(.unavailable, "the store cannot be read; try again", retryAfterMs: 1_000)
        }
    }

    static func tooLarge(_ limits: Limits) -> APIFailure {
        APIFailure(.badRequest, "the upload is longer than limits.uploadBytes (\(limits.uploadBytes))", status: 413)
    }

    var stored: [StoredMedia] { files.map(\.media) }

    /// Drops what was written. Does not block.
    consuming func discard() {
        media.discard(stored)
        if case .file(let open) = current {
            media.discard([MediaStore.Doomed(path: open.file.path, byteCount: open.byteCount)])
        }
    }

    // MARK: - Who uploads, and to whom

    private mutating func admit() throws {
        guard let uid = try call.viewer(in: call.services.store) else {
            throw APIFailure(.badRequest, "onBehalfOf: name the acting user")
        }
        if case .backend = call.identity {
            slot = try media.enter(user: nil)
        } else {
            slot = try media.enter(user: "\(call.app.number)/\(uid.text)")
        }
        if let parent {
            let (thread, _) = try MessageRoutes.visible(parent, call, call.services.store)
            threadReceiver = thread.message.conversation.receiver(from: uid)
        }
        sender = uid
    }

    /// What the core will judge in the end is judged here first, as far as the store knows, before a file is taken.
    private func checkReceiver(from sender: UserID) throws {
        let (app, store) = (call.app.number, call.services.store)
        switch try threadReceiver ?? namedReceiver() {
        case .user(let uid):
            guard try store.user(app, uid) != nil else { throw UserRoutes.unknown(uid) }
            let standing = try store.blocks(app, of: sender, among: [uid])[uid] ?? .clear
            if standing.blockedByMe { throw APIFailure(.blockedReceiver, "the sender has blocked \(uid)") }
            if standing.hasBlockedMe { throw APIFailure(.blockedSender, "\(uid) has blocked the sender") }
        case .group(let guid):
            guard let group = try store.group(app, guid, viewer: sender) else { throw GroupRoutes.unknown(guid) }
            guard group.viewer == nil else { return }
            throw group.record.type == .secret
                ? GroupRoutes.unknown(guid) : APIFailure(.notAMember, "the sender is no member of the group")
        case nil: return
        }
    }

    /// nil: the form has not said yet, or says it wrongly, which is for the end to tell.
    private func namedReceiver() throws(APIFailure) -> Receiver? {
        guard let receiver = form.receiver, !receiver.isEmpty else { return nil }
        switch form.receiverType {
        case "user", "chat":
            guard let uid = UserID(receiver) else { throw RouteCall.malformed("receiver") }
            return .user(uid)
        case "group", "groupchat":
            guard let guid = GroupID(receiver) else { throw RouteCall.malformed("receiver") }
            return .group(guid)
        default: return nil
        }
    }

    // MARK: - The form

    private mutating func read(_ bytes: [UInt8], ended: Bool) throws -> (draft: MessageDraft, body: [UInt8])? {
        let buffer = kept.isEmpty ? bytes : kept + bytes
        var cursor = 0
        while true {
            switch parser.next(buffer.span, &cursor, ended: ended) {
            case .needMore:
                kept = Array(buffer[cursor...])
                return nil
            case .part(let part): try begin(part)
            case .data(let range): try take(buffer, range)
            case .partEnd: try endPart()
            case .end: return try message()
            case .refused(let refusal): throw Self.failure(refusal, current)
            }
        }
    }

    private static func failure(_ refusal: MultipartRefusal, _ current: Current) -> APIFailure {
        var place = ""
        if case .field(let name, _) = current, refusal == .fieldTooLarge { place = "\(name): " }
        return APIFailure(.badRequest, "\(place)\(refusal.reason)", status: refusal.status)
    }

    private mutating func begin(_ part: MultipartPart) throws {
        guard part.filename != nil else {
            current = .field(part.name, [])
            return
        }
        guard Self.isFileField(part.name) else {
            throw APIFailure(.badRequest, "\(part.name): is no field for a file; there are file and files[]")
        }
        current = .announced(part)
    }

    /// `file`, `files`, `files[]`, `files[0]`.
    private static func isFileField(_ name: String) -> Bool {
        if name == "file" || name == "files" { return true }
        return name.hasPrefix("files[") && name.hasSuffix("]")
            && name.dropFirst("files[".count).dropLast().allSatisfy { "0123456789".contains($0) }
    }

    private mutating func take(_ buffer: [UInt8], _ range: Range<Int>) throws {
        switch current {
        case .nothing: break
        case .field(let name, var value):
            current = .nothing
            value += buffer[range]
            current = .field(name, value)
        case .announced(let part):
            current = .file(try open(part))
            try write(buffer, range)
        case .file: try write(buffer, range)
        }
    }

    private func open(_ part: MultipartPart) throws -> OpenFile {
        guard files.count < Self.filesMax else {
            throw APIFailure(.badRequest, "\(part.name): a message has at most \(Self.filesMax) files")
        }
        if form.type == "text" { throw Self.noFiles }
        if let sender { try checkReceiver(from: sender) }
        return OpenFile(file: try media.create(), part: part)
    }

    private static let noFiles = APIFailure(
        .invalidMessageType, "type: a message with files is of type image, video, audio or file")

    private mutating func write(_ buffer: [UInt8], _ range: Range<Int>) throws {
        guard case .file(var open) = current else { return }
        guard !Limits.exceeds(fileBytes + range.count, limits.uploadBytes) else { throw Self.tooLarge(limits) }
        guard media.reserve(range.count) else {
            throw APIFailure(.badRequest, "the gateway's room for media (media.quotaBytes) is used up", status: 413)
        }
        fileBytes += range.count
        open.byteCount += range.count
        if open.head.count < MediaSignature.bytesMax {
            open.head += buffer[range].prefix(MediaSignature.bytesMax - open.head.count)
        }
        // Noted before it is written: what was reserved is given back whatever becomes of it.
        current = .file(open)
        try media.write(buffer.span.extracting(range), to: open.file, written: open.byteCount)
    }

    private mutating func endPart() throws {
        switch current {
        case .nothing: break
        case .field(let name, let value): try form.add(name, value, bytesMax: limits.messageBytes)
        case .announced(let part):
            guard part.filename == "" else {
                throw APIFailure(.invalidMessageData, "\(part.name): the file is empty")
            }
        case .file(let open): try store(open)
        }
        current = .nothing
    }

    // MARK: - Files

    private mutating func store(_ open: OpenFile) throws {
        let given = MediaName.lastComponent(open.part.filename ?? "")
        let type = MediaType(head: open.head, filename: given, declared: open.part.contentType)
        try check(type)
        let usual = MediaExtensions.fileExtension(of: type.name)
        let stored = try media.store(
            open.file, name: MediaName.sanitised(given, fallback: usual), byteCount: open.byteCount)
        current = .nothing
        let ownExtension = MediaName.fileExtension(given)
        files.append(
            (
                stored,
                Attachment(
                    url: MediaRoutes.url(of: stored, call), name: given.isEmpty ? stored.name : given,
                    mimeType: type.name, fileExtension: ownExtension.isEmpty ? usual ?? "" : ownExtension,
                    byteCount: stored.byteCount)
            ))
        types.append(type)
    }

    /// The type's field may come behind the files; then it is checked at the end.
    private func check(_ type: MediaType) throws {
        guard let wanted = form.type, !type.fits(messageType: wanted) else { return }
        throw APIFailure(.invalidMessageType, "type: is \(wanted), and the file is \(type.name)")
    }

    // MARK: - The message

    private func message() throws -> (draft: MessageDraft, body: [UInt8]) {
        for type in types { try check(type) }
        if !files.isEmpty, form.type == "text" { throw Self.noFiles }
        let body = form.body(hasFiles: !files.isEmpty)
        let uploads = files.map(\.attachment)
        guard let parent, let threadReceiver else {
            return (try MessageBody.decode(body, limits: limits, uploads: uploads).draft, body)
        }
        let reply = try MessageBody.decodeReply(
            body, to: parent, receiver: threadReceiver, limits: limits, uploads: uploads)
        return (reply, body)
    }
}
