"""Fixes on real files, and on the pairs of before and after of polaris.

All policies on all files: ``python -m tests.soak.fixes``, and the same with ``--unsafe``.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.documents.yaml import YamlDocument
from tests.conformance.corpora import CASES
from tests.once import ONCE
from tests.running import cli
from tests.soak.fixes import KINDS, REAL, Outcome, files, policies, tried

if TYPE_CHECKING:
    from pathlib import Path

real = pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not there")

EVERY = 11
"""Of so many files one is tried here."""


@real
@ONCE
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_fixed_in_real_files_is_what_is_meant_and_nothing_else(kind: str) -> None:
    outcome = Outcome()
    for path in islice(files((kind,)), 5, None, EVERY):
        for unsafe in (False, True):
            tried(path, policies(unsafe=unsafe), outcome)
    assert outcome.wrong == []
    assert outcome.fixed.total() >= {"compose": 80, "dockerfile": 4, "k8s": 60}[kind]
    assert outcome.fixed.total() > 4 * outcome.left.total()


POLARIS = [
    ("hostIPCSet", "failure", "mutated", "host-ipc", {}),
    ("hostNetworkSet", "failure", "mutated", "host-network", {}),
    ("hostPortSet", "failure", "mutated", "host-port", {}),
    ("dangerousCapabilities", "failure", "mutated", "caps-added", {}),
    ("insecureCapabilities", "failure", "mutated", "caps-not-dropped-all", {}),
    ("insecureCapabilities", "failure.add", "mutated.add", "caps-added,caps-not-dropped-all", {}),
    # polaris puts ALL in the place of what was dropped; here it is added to that.
    ("insecureCapabilities", "failure.drop-most", "mutated.drop-most", "caps-not-dropped-all", {"drop": "ALL"}),
]
"""By polaris' check: its files before and after, our policy, and of which lists only an item is compared.

What polaris puts in for a livenessProbe is a command for a demonstration: no program is known to have it.
"""


@pytest.mark.skipif(not (CASES / "polaris").is_dir(), reason="the corpora are not there")
@pytest.mark.parametrize(("check", "before", "after", "policy", "apart"), POLARIS)
def test_what_polaris_mends_is_mended_alike(
    check: str, before: str, after: str, policy: str, apart: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "pod.yaml").write_bytes((CASES / "polaris" / check / f"{before}.yaml").read_bytes())
    arguments = ("check", "--no-config", "--select", policy, "--fix", "--unsafe-fixes", "pod.yaml")
    ended = cli(*arguments, cwd=tmp_path)
    assert (ended.code, ended.out) == (0, ""), ended.err
    mine = YamlDocument("pod.yaml", (tmp_path / "pod.yaml").read_text()).values
    theirs = YamlDocument("theirs.yaml", (CASES / "polaris" / check / f"{after}.yaml").read_text()).values
    assert without_empty(mine, apart) == without_empty(theirs, apart)


def without_empty(value: Any, apart: dict[str, str]) -> Any:
    """A value without mappings and lists that are empty, which say nothing; of some lists whether they have an item."""
    if isinstance(value, dict):
        found = {
            key: apart[key] in item if key in apart and isinstance(item, list) else without_empty(item, apart)
            for key, item in value.items()
        }
        return {key: item for key, item in found.items() if item not in ({}, [])}
    return [without_empty(item, apart) for item in value] if isinstance(value, list) else value
