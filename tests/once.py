"""What continuous integration tests with one version of Python only, for it takes long and hangs little on it."""

from __future__ import annotations

import os

import pytest

ONCE = pytest.mark.skipif(
    os.environ.get("POLICYENGINE_AGAIN") == "1", reason="POLICYENGINE_AGAIN=1: it was tested with another Python"
)
