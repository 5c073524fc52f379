extension Configuration {
    /// Every key with its default and meaning, as a YAML file that is itself a valid configuration.
    public static var defaultText: String {
        let defaults = Configuration()
        var lines = ["# Halley's configuration. Every key with its default; times are seconds, sizes bytes."]
        for section in ConfigurationSchema.sections {
            lines.append("")
            lines.append("\(section):")
            for key in ConfigurationSchema.keys where key.section == section {
                let change = key.reloadable ? "" : "; needs a restart"
                lines.append("  # \(key.meaning)\(change)")
                lines.append("  \(key.name): \(key.show(defaults))")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
