"""What many tests stand on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.installation import cache_directory
from tests.running import COMPOSE, POD, POLICY

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def no_cache_of_other_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests neither read nor fill the user's cache."""
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", str(cache_directory()))


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A working directory with a Pod that violates, a Compose file that does not, and what can go wrong."""
    files = {
        "pod.yaml": POD,
        "good.yaml": COMPOSE,
        "broken.yaml": "services:\n  web: [\n",
        "other.yaml": "hello: world\n",
        "policies/named.yaml": POLICY,
        "wrong/acme.yaml": POLICY.replace("severity: low", "severity: lwo").replace("acme/named", "acme/acme"),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "empty").mkdir()
    return tmp_path
