import COpenSSL

/// What a development certificate says, apart from keys and dates.
struct CertificateTemplate {
    var commonName: String
    /// Extensions by OpenSSL's number and configuration text, in order.
    var extensions: [(id: Int32, text: String)]

    static func authority(named name: String) -> CertificateTemplate {
        CertificateTemplate(
            commonName: name,
            extensions: [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"),
                (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ])
    }

    /// - Parameter names: DNS names (which contain a letter and no colon) and addresses.
    static func server(named names: [String]) -> CertificateTemplate {
        let alternatives = names.map { name in
            name.utf8.allSatisfy { $0 == UInt8(ascii: ".") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
                || name.utf8.contains(UInt8(ascii: ":")) ? "IP:\(name)" : "DNS:\(name)"
        }
        return CertificateTemplate(
            commonName: names.first ?? "localhost",
            extensions: [
                (NID_basic_constraints, "critical,CA:FALSE"),
                (NID_key_usage, "critical,digitalSignature"),
                (NID_ext_key_usage, "serverAuth"),
                (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
                (NID_subject_alt_name, alternatives.joined(separator: ",")),
            ])
    }

    /// A version 3 certificate for `subjectKey`, signed with `key`.
    ///
    /// - Parameters:
    ///   - issuer: nil for a self-signed one.
    ///   - validity: seconds since 1970.
    func sign(
        for subjectKey: PrivateKey, by issuer: Certificate?, key: PrivateKey, validity: ClosedRange<Int64>
    ) -> Certificate {
        guard let made = unsafe X509_new() else { preconditionFailure("OpenSSL has no memory for a certificate") }
        let certificate = unsafe Certificate(owning: made)
        // SAFETY for this function: all objects are alive and owned by Swift objects held here; OpenSSL copies names,
        // times and the public key.
        let subject = unsafe X509_get_subject_name(made)
        let signer = unsafe issuer?.handle ?? made
        let filled =
            unsafe X509_set_version(made, 2) == 1  // 2 is written for version 3
            && Self.setSerialNumber(of: made)
            && X509_NAME_add_entry_by_NID(
                subject, NID_commonName, MBSTRING_UTF8, [UInt8](commonName.utf8), Int32(commonName.utf8.count), -1, 0)
                == 1
            && X509_set_issuer_name(made, X509_get_subject_name(signer)) == 1
            && ASN1_TIME_set(X509_getm_notBefore(made), Int(validity.lowerBound)) != nil
            && ASN1_TIME_set(X509_getm_notAfter(made), Int(validity.upperBound)) != nil
            && X509_set_pubkey(made, subjectKey.handle) == 1
        precondition(filled, "OpenSSL cannot fill in a certificate")
        unsafe addExtensions(to: made, signer: signer)
        // The result is the signature's length.
        let signatureBytes = unsafe X509_sign(made, key.handle, EVP_sha256())
        precondition(signatureBytes > 0, "OpenSSL cannot sign a certificate")
        return certificate
    }

    /// A random number of 127 bits: unique among authorities made anywhere, and positive (RFC 5280 §4.1.2.2).
    private static func setSerialNumber(of certificate: OpaquePointer) -> Bool {
        var bytes = SecureRandom.bytes(16)
        bytes[0] = bytes[0] & 0x7F | 0x40
        guard let number = unsafe BN_bin2bn(bytes, Int32(bytes.count), nil) else { return false }
        defer { unsafe BN_free(number) }
        return unsafe BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
    }

    private func addExtensions(to certificate: OpaquePointer, signer: OpaquePointer) {
        // SAFETY: the context is filled in by the call and used only while both certificates are alive; each extension
        // is freed after the certificate has copied it.
        var context = unsafe X509V3_CTX()
        unsafe X509V3_set_ctx(&context, signer, certificate, nil, nil, 0)
        for (id, text) in extensions {
            guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, id, text) else {
                preconditionFailure("OpenSSL refuses a certificate extension: \(text)")
            }
            let added = unsafe X509_add_ext(certificate, made, -1)
            unsafe X509_EXTENSION_free(made)
            precondition(added == 1, "OpenSSL cannot add a certificate extension")
        }
    }
}
