/// The request half of the reply addresses that a realtime connection gives out.
enum RequestNumber {
    static let connect: UInt64 = 0
    /// Every frame without `ref`.
    static let withoutRef: UInt64 = 1
    /// Those with `ref` count from here.
    static let firstWithRef: UInt64 = 2
}
