/// The boundary between the parts of a multipart body, as a Content-Type header names it.
public struct MultipartBoundary: Sendable, Equatable {
    /// RFC 2046 §5.1.1.
    public static let bytesMax = 70

    /// What stands before each part but the first: CR LF, two hyphens, the boundary.
    let delimiter: [UInt8]

    /// Reads the value of a `multipart/form-data` Content-Type header.
    public init(contentType: String) throws(MultipartRefusal) {
        let bytes = Array(contentType.utf8)
        let value = bytes.span
        var found: [UInt8]?
        let rest = MultipartParameters.type(value)
        guard Octets.equal(value, rest.type, ignoringCaseOf: "multipart/form-data") else { throw .mediaType }
        var parameters = MultipartParameters(value, from: rest.end)
        while let parameter = try parameters.next(value) {
            guard Octets.equal(value, parameter.name, ignoringCaseOf: "boundary") else { continue }
            guard found == nil else { throw .boundary }
            found = parameter.value
        }
        guard let found else { throw .boundaryMissing }
        try self.init(found)
    }

    init(_ boundary: [UInt8]) throws(MultipartRefusal) {
        guard !boundary.isEmpty, boundary.count <= Self.bytesMax, boundary.last != 0x20,
            boundary.allSatisfy(Self.isAllowed)
        else { throw .boundary }
        delimiter = [0x0D, 0x0A, 0x2D, 0x2D] + boundary
    }

    /// RFC 2046 §5.1.1: bchars.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        // ' ( ) + , - . / : = ? _ and space.
        case 0x27, 0x28, 0x29, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F, 0x3A, 0x3D, 0x3F, 0x5F, 0x20: true
        default: false
        }
    }
}
