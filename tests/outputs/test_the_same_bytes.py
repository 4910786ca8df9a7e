"""Every format is the same, byte for byte, on one processor and on several, with an empty cache and with a full one."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from policyengine.commands.check import check
from policyengine.model.report import Run
from policyengine.outputs import formats, turns_round
from policyengine.outputs.options import RenderOptions
from policyengine.settings import Settings
from tests.installation import ROOT
from tests.once import ONCE

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from policyengine.model.report import Report

pytestmark = ONCE

RUN = Run("0" * 32, "policyengine 1", "2026-11-26T22:00:00Z", 0.5, "0" * 16)
WAIVERS = """\
version: 1
waivers:
  - {policy: privileged, path: demo/, reason: it loads a module, expires: 2099-01-31}
  - {policy: docker-socket, resource: "*", reason: gone, expires: 2020-01-31}
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All our fixtures, with exceptions of every kind, twice: processes are given so many files at once."""
    top = tmp_path_factory.mktemp("project")
    for copy in ("one", "two"):
        shutil.copytree(ROOT / "fixtures", top / copy, ignore=shutil.ignore_patterns("expected.*"))
    (top / "policyengine-waivers.yaml").write_text(WAIVERS.replace("demo/", "one/demo/"))
    dockerfile = top / "two" / "demo" / "Dockerfile"
    dockerfile.write_text("# policyengine: ignore[image] one of the demo's\n\n" + dockerfile.read_text())
    return top


def judged(project: Path, monkeypatch: pytest.MonkeyPatch, **how: object) -> Report:
    monkeypatch.chdir(project)
    settings = Settings(packs=("all",), waivers="policyengine-waivers.yaml", **how)  # type: ignore[arg-type]
    return replace(check(["."], settings, controls=True, artifacts=True), run=RUN)


@pytest.fixture(scope="module")
def alone(project: Path) -> Report:
    with pytest.MonkeyPatch.context() as monkeypatch:
        return judged(project, monkeypatch, jobs=1, cache=False)


WAYS: Mapping[str, Mapping[str, object]] = {
    "several processes": {"jobs": 3, "cache": False},
    "several processes, an empty cache": {"jobs": 3},
    "several processes, a full cache": {"jobs": 3},
    "one process, a full cache": {"jobs": 1},
}
OPTIONS = {
    "plain": RenderOptions(),
    "everything": RenderOptions(colour=True, width=120, verbose=True, all=True),
    "by control": RenderOptions(by="control"),
}


@pytest.fixture(scope="module")
def otherwise(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Report]:
    """The same run in other ways, one after the other with one cache."""
    place = str(tmp_path_factory.mktemp("cache"))
    with pytest.MonkeyPatch.context() as monkeypatch:
        return {name: judged(project, monkeypatch, cache_directory=place, **how) for name, how in WAYS.items()}


def test_there_is_something_to_tell(alone: Report) -> None:
    assert {"fail", "unknown", "waived"} <= {finding.status for finding in alone.findings}
    assert {notice.kind for notice in alone.notices} == {"expired"}
    assert len(alone.findings) > 500
    assert alone.problems


@pytest.mark.parametrize("name", sorted(formats()))
@pytest.mark.parametrize("way", WAYS)
def test_every_format_is_the_same(name: str, way: str, alone: Report, otherwise: dict[str, Report]) -> None:
    for shown, options in OPTIONS.items():
        if options.by and not turns_round(name):
            continue
        expected = "".join(formats()[name].render(alone, options))
        assert "".join(formats()[name].render(otherwise[way], options)) == expected, shown
