"""What is shipped beside the programs: example configuration, systemd units, scripts."""

import os
import re
import subprocess

import pytest
import yaml

from halley import ROOT, Daemon, run

DEPLOY = ROOT / "deploy"


def test_the_shipped_example_is_a_valid_configuration(tmp_path):
    """As it stands, with its certificate and secrets put where a test may write."""
    maker = Daemon()
    try:
        maker.start()
        assert maker.stop() == 0
        secrets = tmp_path / "secrets_"
        for name in ("example.authkey", "example.apikeys"):
            (tmp_path / f"secrets_{name}").write_text("key-of-the-example\n")
        text = (
            (DEPLOY / "halley.yaml")
            .read_text()
            .replace("/etc/halley/tls/fullchain.pem", str(maker.directory / "tls/server.pem"))
        )
        (tmp_path / "halley.yaml").write_text(
            text.replace("/etc/halley/tls/privkey.pem", str(maker.directory / "tls/server.key"))
        )
        (tmp_path / "apps.d").mkdir()
        app = (DEPLOY / "apps.d/example.yaml").read_text()
        assert "/run/credentials/halleyd.service/secrets_" in app
        (tmp_path / "apps.d/example.yaml").write_text(
            app.replace("/run/credentials/halleyd.service/secrets_", str(secrets))
        )
        result = run("halleyctl", "check-config", tmp_path / "halley.yaml")
        assert result.returncode == 0, result.stdout + result.stderr
    finally:
        maker.discard()


def test_the_examples_use_known_keys_with_their_defaults_or_say_otherwise():
    """Every key of the example stands in `default-config`."""
    known = yaml.safe_load(run("halleyctl", "default-config").stdout)
    example = yaml.safe_load((DEPLOY / "halley.yaml").read_text())
    for section, keys in example.items():
        assert set(keys) <= set(known[section]), section


def test_the_unit_is_sandboxed_and_well_formed():
    unit = DEPLOY / "systemd/halleyd.service"
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-400:]
    assert float(re.search(r"exposure level for halleyd.service: ([\d.]+)", rated.stdout).group(1)) <= 2.0
    verified = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True, check=False)
    complaints = [
        line for line in verified.stderr.splitlines() if "halleyd" in line and "is not executable" not in line
    ]
    assert complaints == []


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_executable_and_parse(script):
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0


def test_installing_again_does_nothing():
    result = subprocess.run(
        [str(DEPLOY / "install-dependencies.sh"), "--test"], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout == ""
    assert subprocess.run([str(DEPLOY / "install-dependencies.sh")], capture_output=True, check=False).returncode == 2
