internal import GRDB

/// The conditions of a list query, gathered one by one. The texts form a small set, so statements stay cached.
struct ListFilter {
    enum Value {
        case int(Int64)
        case text(String)
        /// As a JSON array.
        case texts([String])
    }

    private(set) var condition: String
    private(set) var values: [Value]

    init(_ condition: String, _ values: Value...) {
        self.condition = condition
        self.values = values
    }

    static func tagged(_ column: String) -> String {
        """
        EXISTS (SELECT 1 FROM json_each(\(column)) t WHERE t.value IN (SELECT value FROM json_each(?)))
        """
    }

    mutating func add(_ more: String, _ values: Value...) {
        condition += " AND " + more
        self.values.append(contentsOf: values)
    }

    /// Nothing if `texts` is empty.
    mutating func any(_ texts: [String], _ more: String) {
        if !texts.isEmpty { add(more, .texts(texts)) }
    }

    /// Part of one of two columns that are in lower case.
    mutating func search(_ key: String?, in one: String, _ other: String) {
        guard let key = key?.lowercased(), !key.isEmpty else { return }
        add("(instr(\(one), ?) > 0", .text(key))
        condition += " OR instr(\(other), ?) > 0)"
        values.append(.text(key))
    }

    func bind(_ statement: Prepared) -> Int32 {
        for (index, value) in values.enumerated() {
            let index = Int32(index + 1)
            switch value {
            case .int(let value): statement.bind(index, value)
            case .text(let text): statement.bind(index, text)
            case .texts(let texts): statement.bind(index, TextList.encoded(texts))
            }
        }
        return Int32(values.count)
    }
}

extension StoreReader {
    /// One page of a list and how long the list is.
    func page<Item: Sendable>(
        _ filter: ListFilter, _ select: String, _ count: String, order: String, _ number: PageNumber,
        _ item: (borrowing PreparedRow) throws -> Item
    ) throws -> Page<Item> {
        let counting = try statement("\(count) WHERE \(filter.condition)")
        _ = filter.bind(counting)
        let total = try counting.first { $0.int(0) } ?? 0
        let listing = try statement("\(select) WHERE \(filter.condition) ORDER BY \(order) LIMIT ? OFFSET ?")
        let bound = filter.bind(listing)
        listing.bind(bound + 1, Int64(number.size))
        listing.bind(bound + 2, Int64(number.offset))
        return Page(items: try listing.map(item), total: Int(total))
    }

    /// Every row that `item` gives something for.
    func list<Item>(
        _ filter: ListFilter, _ select: String, order: String, _ item: (borrowing PreparedRow) throws -> Item?
    ) throws -> [Item] {
        let listing = try statement("\(select) WHERE \(filter.condition) ORDER BY \(order)")
        _ = filter.bind(listing)
        var items: [Item] = []
        try listing.forEach { row in
            if let found = try item(row) { items.append(found) }
        }
        return items
    }
}
