"""What many tests stand on."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.installation import cache_directory
from tests.running import COMPOSE, POD, POLICY

LONGEST = (
    "policy/test_cerberus.py",
    "live/test_redeploying.py",
    "fuzz/test_fuzz.py",
    "live/test_image.py",
    "test_bad_input.py",
    "live/test_swarm.py",
    "test_secrets.py",
    "outputs/html/test_browser.py",
    "firewall/kernel/test_differential.py",
    "live/test_docker_live.py",
    "outputs/test_the_same_bytes.py",
    "live/test_project_live.py",
    "integrations/test_pre_commit.py",
    "test_new_since.py",
    "conformance/test_pod_security_oracle.py",
    "pipeline/test_passes.py",
    "test_readme.py",
)
"""Files that take the longest, those that compute and those that wait in turn.

They begin first, or one processor is idle while the other ends them.
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    ranks = {here / name: rank for rank, name in enumerate(LONGEST)}
    assert all(path.is_file() for path in ranks), "a file of LONGEST has another name now"
    items.sort(key=lambda item: ranks.get(item.path, len(ranks)))


@pytest.fixture(autouse=True)
def no_cache_of_other_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests neither read nor fill the user's cache."""
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", str(cache_directory()))


@pytest.fixture
def nobodys_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Git reads no configuration but a repository's."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


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
