/// `meta.pagination` of a list.
public struct Pagination: Sendable, Equatable {
    public var total: Int
    /// On this page.
    public var count: Int
    public var perPage: Int
    /// From 1.
    public var currentPage: Int

    public init(total: Int, count: Int, perPage: Int, currentPage: Int) {
        self.total = total
        self.count = count
        self.perPage = perPage
        self.currentPage = currentPage
    }

    public var totalPages: Int {
        perPage > 0 ? (total + perPage - 1) / perPage : 0
    }
}

/// `meta.cursor` of a history page.
public struct PageCursor: Sendable, Equatable {
    public enum Affix: String, Sendable, CaseIterable {
        case prepend, append
    }

    /// The message to go on from, exclusive; nil: the page was empty.
    public var id: Int64?
    public var affix: Affix

    public init(id: Int64?, affix: Affix) {
        self.id = id
        self.affix = affix
    }
}
