/// An answer whose body is a file, or a range of one, read as the peer takes it. Value; crosses threads.
public struct FileAnswer: Sendable {
    let status: Int
    let headers: [(name: String, value: String)]
    let file: OpenMedia
    let range: Range<Int>

    /// With `change` applied to what is said of the file.
    func mapping(_ change: (Response) -> Response) -> FileAnswer {
        let head = change(Response(status: status, headers: headers))
        return FileAnswer(status: head.status, headers: head.headers, file: file, range: range)
    }
}
