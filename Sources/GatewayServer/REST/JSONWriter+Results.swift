internal import ChatModel
internal import JSONCodec
internal import WireProtocol

/// What became of each user in a call that names several.
extension JSONWriter {
    /// `"uid": {"success":true}`, or `{"error":{…}}` with why not.
    mutating func member(of uid: UserID, _ failure: APIFailure?) {
        key(text: uid.text)
        beginObject()
        if let failure {
            key("error")
            errorObject(failure)
        } else {
            member("success", true)
        }
        endObject()
    }
}
