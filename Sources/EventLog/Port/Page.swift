/// One numbered page of a list.
public struct Page<Item: Sendable>: Sendable {
    public let items: [Item]
    /// Of all pages.
    public let total: Int

    public init(items: [Item], total: Int) {
        self.items = items
        self.total = total
    }
}

/// Which page of a list: `number` counts from 1.
public struct PageNumber: Sendable, Equatable {
    public static let sizeMax = 100

    public let number: Int
    public let size: Int

    /// A number below 1 is taken as 1, a size is brought into 1…`sizeMax`.
    public init(_ number: Int = 1, size: Int = 30) {
        self.number = max(number, 1)
        self.size = min(max(size, 1), Self.sizeMax)
    }

    /// Items before this page. Far past any list rather than overflowing.
    var offset: Int {
        let (product, overflow) = (number - 1).multipliedReportingOverflow(by: size)
        return overflow ? Int(Int32.max) : product
    }
}
