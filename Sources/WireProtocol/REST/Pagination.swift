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

/// `meta.next` and `meta.previous` of a list that compatible clients page by sending these members back as parameters.
public struct PageLinks: Sendable, Equatable {
    /// The first and the last id of the page; of an empty one, where it was to begin.
    public var first: Int64?
    public var last: Int64?

    public init(first: Int64?, last: Int64?) {
        self.first = first
        self.last = last
    }
}
