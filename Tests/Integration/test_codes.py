"""Every error code of the protocol is provoked from outside by some test of this suite (protocol 9). Runs last."""

import pytest

from halley import codes
from halley.catalogue import operations


@pytest.fixture(autouse=True)
def whole_suite(request):
    if not request.config.stash[codes.WHOLE]:
        pytest.skip("judges the whole suite, and only a part of it ran")


def test_every_error_code_was_provoked_by_a_test():
    missing = codes.expected(operations()) - set(codes.seen)
    assert not missing, f"no test provokes {sorted(missing)}"


def test_no_other_code_was_ever_seen():
    strangers = {code: where for code, where in codes.seen.items() if code not in codes.known()}
    assert not strangers, strangers


def test_what_cannot_be_provoked_was_not():
    provoked = {code: where for code, where in codes.seen.items() if code in codes.UNREACHABLE}
    assert not provoked, provoked
