/// The date format of HTTP (RFC 9110 §5.6.7), without a locale or a library.
public enum HTTPDate {
    /// Appends for example `Sun, 06 Nov 1994 08:49:37 GMT`, 29 bytes.
    /// - Parameter unixSeconds: 0 up to the year 9999.
    public static func append(unixSeconds: Int, to out: inout [UInt8]) {
        precondition(unixSeconds >= 0 && unixSeconds < 253_402_300_800, "a date between 1970 and 9999")
        let days = unixSeconds / 86_400
        let second = unixSeconds % 86_400
        let (year, month, day) = civil(days: days)
        appendWord("ThuFriSatSunMonTueWed", days % 7, to: &out)
        Octets.append(", ", to: &out)
        appendTwo(day, to: &out)
        out.append(0x20)
        appendWord("JanFebMarAprMayJunJulAugSepOctNovDec", month - 1, to: &out)
        out.append(0x20)
        appendTwo(year / 100, to: &out)
        appendTwo(year % 100, to: &out)
        out.append(0x20)
        appendTwo(second / 3600, to: &out)
        out.append(UInt8(ascii: ":"))
        appendTwo(second / 60 % 60, to: &out)
        out.append(UInt8(ascii: ":"))
        appendTwo(second % 60, to: &out)
        Octets.append(" GMT", to: &out)
    }

    /// Days since 1970-01-01 as a date. Counts in 400-year eras of years that begin in March, so that the leap day is the
    /// last of its year.
    private static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
        let sinceEra = days + 719_468
        let era = sinceEra / 146_097
        let dayOfEra = sinceEra % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * marchMonth + 2) / 5 + 1
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func appendTwo(_ value: Int, to out: inout [UInt8]) {
        out.append(UInt8(ascii: "0") + UInt8(value / 10))
        out.append(UInt8(ascii: "0") + UInt8(value % 10))
    }

    private static func appendWord(_ words: StaticString, _ index: Int, to out: inout [UInt8]) {
        precondition(index * 3 + 3 <= words.utf8CodeUnitCount, "a day or month of the list")
        // SAFETY: a string literal lives for ever; the bound is checked above.
        unsafe out.append(contentsOf: UnsafeBufferPointer(start: words.utf8Start + index * 3, count: 3))
    }
}
