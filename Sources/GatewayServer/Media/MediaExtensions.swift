/// What file names say, where the bytes say nothing.
enum MediaExtensions {
    /// Names of what a browser might run.
    static let active: Set<String> = [
        "html", "htm", "xhtml", "xht", "shtml", "mht", "mhtml", "svg", "svgz", "xml", "xsl", "xslt", "js", "mjs", "css",
        "swf", "hta", "htc",
    ]

    static func type(_ fileExtension: String) -> String? { types[fileExtension] }

    /// The usual extension of a type, for a name that has none; nil: unknown.
    static func fileExtension(of type: String) -> String? { usual[type] }

    private static let types: [String: String] = [
        "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
        "avif": "image/avif", "heic": "image/heic", "heif": "image/heif", "bmp": "image/bmp", "tif": "image/tiff",
        "tiff": "image/tiff", "ico": "image/x-icon", "jxl": "image/jxl", "psd": "image/vnd.adobe.photoshop",
        "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
        "avi": "video/x-msvideo",
        "mkv": "video/x-matroska", "mpg": "video/mpeg", "mpeg": "video/mpeg", "ogv": "video/ogg", "3gp": "video/3gpp",
        "flv": "video/x-flv", "mp3": "audio/mpeg", "m4a": "audio/mp4", "aac": "audio/aac", "wav": "audio/wav",
        "ogg": "audio/ogg", "oga": "audio/ogg", "opus": "audio/ogg", "flac": "audio/flac", "amr": "audio/amr",
        "weba": "audio/webm", "mid": "audio/midi", "midi": "audio/midi", "pdf": "application/pdf",
        "zip": "application/zip", "gz": "application/gzip", "tgz": "application/gzip", "tar": "application/x-tar",
        "7z": "application/x-7z-compressed", "rar": "application/vnd.rar", "bz2": "application/x-bzip2",
        "xz": "application/x-xz", "zst": "application/zstd", "doc": "application/msword",
        "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "xls": "application/vnd.ms-excel",
        "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "ppt": "application/vnd.ms-powerpoint",
        "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "odt": "application/vnd.oasis.opendocument.text", "ods": "application/vnd.oasis.opendocument.spreadsheet",
        "odp": "application/vnd.oasis.opendocument.presentation", "epub": "application/epub+zip",
        "apk": "application/vnd.android.package-archive", "jar": "application/java-archive",
        "rtf": "application/rtf", "txt": "text/plain", "log": "text/plain", "md": "text/markdown", "csv": "text/csv",
        "json": "application/json", "ics": "text/calendar", "vcf": "text/vcard",
    ]

    private static let usual: [String: String] = [
        "image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/webp": "webp", "image/avif": "avif",
        "image/heic": "heic", "image/heif": "heif", "image/bmp": "bmp", "image/tiff": "tiff", "image/x-icon": "ico",
        "video/mp4": "mp4", "video/quicktime": "mov", "video/webm": "webm", "video/x-msvideo": "avi",
        "video/x-matroska": "mkv", "video/mpeg": "mpg", "video/ogg": "ogv", "video/3gpp": "3gp",
        "audio/mpeg": "mp3", "audio/mp4": "m4a", "audio/aac": "aac", "audio/wav": "wav", "audio/ogg": "ogg",
        "audio/flac": "flac", "audio/amr": "amr", "audio/webm": "weba", "audio/3gpp": "3gp",
        "application/pdf": "pdf", "application/zip": "zip", "application/gzip": "gz", "text/plain": "txt",
        "text/csv": "csv", "application/json": "json",
    ]
}
