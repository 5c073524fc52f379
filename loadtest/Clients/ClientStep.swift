/// What an event made of a client.
enum ClientStep: Equatable {
    case none
    /// It is open as far as was asked.
    case reached
    /// It is gone, and why.
    case over(String)
}
