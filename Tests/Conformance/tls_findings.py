"""Runs sslyze against a `halleyd --dev` of its own and judges what it finds; tls.sh calls it with the daemon's path."""

import os
import sys
from pathlib import Path

os.environ["HALLEYD"] = str(Path(sys.argv[1]).resolve())
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "Integration"))

from halley import Daemon
from sslyze import Scanner, ServerNetworkConfiguration, ServerNetworkLocation, ServerScanRequest
from sslyze.mozilla_tls_profile.tls_config_checker import (
    SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER,
    MozillaTlsConfiguration,
    ServerNotCompliantWithTlsConfiguration,
    TlsConfigurationEnum,
    check_server_against_tls_configuration,
)

# What follows from a private CA, and nothing else.
EXCUSED = {"certificate_path_validation"}


def scan(port):
    scanner = Scanner()
    scanner.queue_scans(
        [
            ServerScanRequest(
                server_location=ServerNetworkLocation(hostname="localhost", port=port, ip_address="127.0.0.1"),
                network_configuration=ServerNetworkConfiguration(tls_server_name_indication="localhost"),
                scan_commands=set(SCAN_COMMANDS_NEEDED_BY_MOZILLA_CHECKER),
            )
        ]
    )
    (result,) = scanner.get_results()
    return result


def main():
    daemon = Daemon()
    try:
        daemon.start()
        result = scan(daemon.port)
        wanted = MozillaTlsConfiguration.get(TlsConfigurationEnum.MOZILLA_INTERMEDIATE)
        issues = {}
        try:
            check_server_against_tls_configuration(result, wanted)
        except ServerNotCompliantWithTlsConfiguration as findings:
            issues = findings.issues
        for name, text in issues.items():
            print(f"{'excused' if name in EXCUSED else 'FINDING'}  {name}: {text}")
        bad = set(issues) - EXCUSED
        print(f"Mozilla intermediate: {len(bad)} findings" if bad else "Mozilla intermediate: met")
        stopped = daemon.stop()
        return 1 if bad or stopped != 0 else 0
    finally:
        daemon.discard()


if __name__ == "__main__":
    sys.exit(main())
