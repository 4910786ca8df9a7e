"""The real sshd for the tests of this directory."""

from __future__ import annotations

import os

import pytest

from tests.authentication.sshd.laboratory import lacking


@pytest.fixture(scope="session")
def real_sshd() -> None:
    """There is an sshd, and namespaces to ask it in."""
    reason = lacking()
    if reason and os.environ.get("POLICYENGINE_REQUIRE_LIVE") == "1":
        pytest.fail(f"POLICYENGINE_REQUIRE_LIVE=1, but {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)
