"""Built-in policies are not checked by every run: the tests did."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policyengine.inputs import inputs
from policyengine.policy import library, load
from policyengine.policy.known_good import LIST, digests, listed
from policyengine.policy.library import built_in, load_policies, policy_files
from policyengine.policy.load import policy_data

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

ORIGINS = tuple(inputs())
CHANGED = "runtime/privileged.yaml"


def test_the_list_is_that_of_the_policies() -> None:
    wanted = listed(built_in(), policy_files(built_in()))
    assert (built_in() / LIST).read_text(encoding="utf-8") == wanted, "python -m tests.catalogue writes it"


@pytest.mark.parametrize("path", policy_files(built_in()), ids=lambda path: path.stem)
def test_what_is_listed_is_right(path: Path) -> None:
    assert policy_data(str(path), path.read_text(encoding="utf-8"), ORIGINS)["id"] == path.stem


@pytest.fixture
def checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are checked while a copy of the built-in policies, with an empty cache, is the built-in ones."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("POLICYENGINE_CACHE_DIR", str(tmp_path / "cache"))
    shutil.copytree(built_in(), tmp_path / "policies")
    monkeypatch.setattr(library, "built_in", lambda: Path("policies"))
    monkeypatch.setattr(library, "_BUILT_IN", {})
    seen: list[str] = []

    def noted(path: str, text: str, origins: Collection[str]) -> Mapping[str, object]:
        seen.append(path)
        return policy_data(path, text, origins)

    monkeypatch.setattr(load, "policy_data", noted)
    return seen


def test_no_policy_that_is_listed_is_checked(checked: list[str]) -> None:
    policies, errors = load_policies(Path("policies"), ORIGINS)
    assert (checked, errors) == ([], [])
    assert len(policies) == len(policy_files(Path("policies")))


def test_a_policy_that_was_changed_is_checked(checked: list[str]) -> None:
    path = Path("policies", CHANGED)
    path.write_text(path.read_text(encoding="utf-8").replace("severity: ", "severity: very-"), encoding="utf-8")
    policies, errors = load_policies(Path("policies"), ORIGINS)
    assert checked == [str(path)]
    assert len(policies) == len(policy_files(Path("policies"))) - 1
    [error] = errors
    assert (error.path, error.line) == (str(path), 5)
    assert "severity" in error.message


@pytest.mark.parametrize("data", [None, b"", b"\xff\xfe", b"nonsense\n"])
def test_without_a_list_all_are_checked(checked: list[str], data: bytes | None) -> None:
    place = Path("policies", LIST)
    place.unlink()
    if data is not None:
        place.write_bytes(data)
    for path in policy_files(Path("policies")):
        if path != Path("policies", CHANGED):
            path.unlink()
    assert digests(Path("policies")) <= {"nonsense"}
    assert len(load_policies(Path("policies"), ORIGINS)[0]) == 1
    assert checked == [f"policies/{CHANGED}"]
