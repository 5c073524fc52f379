/// The playground's files, embedded in the binary; served under `/playground/` when it is enabled.
enum StaticPages {
    /// Everything comes from here: an injected script or frame finds nothing to load.
    private static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' wss:; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static let prefix = "/playground/"

    static func answer(_ head: RequestHead, playground: Bool) -> Response? {
        guard playground, head.listener == .public, head.method == "GET" || head.method == "HEAD" else { return nil }
        if head.path == "/playground" { return Response(status: 308, headers: [("location", "/playground/")]) }
        guard head.path.hasPrefix(prefix) else { return nil }
        switch head.path.dropFirst(prefix.count) {
        case "", "index.html": return file("text/html; charset=utf-8", PackageResources.index_html)
        case "style.css": return file("text/css; charset=utf-8", PackageResources.style_css)
        case "icon.svg": return file("image/svg+xml", PackageResources.icon_svg)
        case "api.js": return script(PackageResources.api_js)
        case "app.js": return script(PackageResources.app_js)
        case "chat.js": return script(PackageResources.chat_js)
        case "connection.js": return script(PackageResources.connection_js)
        case "frames.js": return script(PackageResources.frames_js)
        case "view.js": return script(PackageResources.view_js)
        default: return nil
        }
    }

    private static func script(_ body: [UInt8]) -> Response { file("text/javascript; charset=utf-8", body) }

    private static func file(_ type: String, _ body: [UInt8]) -> Response {
        Response(
            status: 200,
            headers: [
                ("content-type", type), ("cache-control", "no-cache"), ("x-content-type-options", "nosniff"),
                ("content-security-policy", policy), ("referrer-policy", "no-referrer"),
            ], body: body)
    }
}
