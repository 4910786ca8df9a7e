"""The real visudo and cvtsudoers for the tests of this directory."""

from __future__ import annotations

import os

import pytest

from tests.authentication.sudoers.laboratory import lacking


@pytest.fixture(scope="session")
def real_sudo() -> None:
    """There are visudo and cvtsudoers of the version that is compared with."""
    reason = lacking()
    if reason and reason.startswith("there is no") and os.environ.get("POLICYENGINE_REQUIRE_LIVE") == "1":
        pytest.fail(f"POLICYENGINE_REQUIRE_LIVE=1, but {reason}", pytrace=False)
    if reason:
        pytest.skip(reason)
