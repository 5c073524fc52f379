extension HTTPDate {
    private static let months: [StaticString] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    /// The Unix seconds of a date in any of the three forms that RFC 9110 §5.6.7 asks recipients to take; nil: it is none.
    /// The day's name is not checked.
    ///
    /// - Parameter nowYear: tells the century of the obsolete two-digit years.
    public static func parse(_ text: String, nowYear: Int = 2_026) -> Int? {
        let bytes = Array(text.utf8)
        let span = bytes.span
        var words: [Range<Int>] = []
        var start = 0
        for index in 0...span.count where index == span.count || " ,-".utf8.contains(span[index]) {
            if index > start { words.append(start..<index) }
            start = index + 1
        }
        // Sun, 06 Nov 1994 08:49:37 GMT | Sunday, 06-Nov-94 08:49:37 GMT | Sun Nov  6 08:49:37 1994
        let isC = words.count == 5
        guard isC || words.count == 6 && Octets.equal(span, words[5], "GMT") else { return nil }
        guard let month = months.firstIndex(where: { Octets.equal(span, words[isC ? 1 : 2], ignoringCaseOf: $0) }),
            let day = Octets.decimal(span, words[isC ? 2 : 1]), var year = Octets.decimal(span, words[isC ? 4 : 3]),
            let second = secondOfDay(span, words[isC ? 3 : 4])
        else { return nil }
        if words[isC ? 4 : 3].count == 2 {
            // More than 50 years ahead means the century before.
            year += nowYear / 100 * 100
            if year > nowYear + 50 { year -= 100 }
        }
        guard year >= 1_970, year <= 9_999, day >= 1, day <= length(ofMonth: month, year) else { return nil }
        return days(year, month + 1, day) * 86_400 + second
    }

    private static func secondOfDay(_ bytes: Span<UInt8>, _ word: Range<Int>) -> Int? {
        let start = word.lowerBound
        guard word.count == 8, bytes[start + 2] == UInt8(ascii: ":"), bytes[start + 5] == UInt8(ascii: ":"),
            let hour = Octets.decimal(bytes, start..<start + 2), hour < 24,
            let minute = Octets.decimal(bytes, start + 3..<start + 5), minute < 60,
            let second = Octets.decimal(bytes, start + 6..<start + 8), second <= 60
        else { return nil }
        return hour * 3_600 + minute * 60 + min(second, 59)
    }

    private static func length(ofMonth month: Int, _ year: Int) -> Int {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return month == 1 ? (isLeap ? 29 : 28) : [3, 5, 8, 10].contains(month) ? 30 : 31
    }

    /// Days from 1970-01-01, counted in years that begin in March.
    private static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let yearOfEra = year % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}
