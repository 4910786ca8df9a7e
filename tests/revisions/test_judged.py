"""A revision is judged as a checkout of it is, whatever is in the working tree meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.api import Settings, evaluate
from policyengine.revisions import laid_out
from tests.histories import history
from tests.once import ONCE
from tests.repositories import made

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.model.report import Report

pytestmark = [pytest.mark.usefixtures("nobodys_configuration"), ONCE]

EVERYTHING = Settings(packs=("all",), all=True, cache=False)


def seen(report: Report) -> object:
    """All that a run says but when it was."""
    return list(report.findings), report.problems, report.skipped, report.policies, report.inputs, report.resources


def test_every_revision_of_a_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, steps = history(tmp_path / "shop", 3)
    policies = set()
    for commit in [step.commit for step in steps][::5]:
        monkeypatch.chdir(ours.top)
        with laid_out(ours.repository, commit, here=ours.top, cache=tmp_path / "cache") as revision:
            monkeypatch.chdir(revision.directory)
            found = evaluate(".", EVERYTHING)
        ours.git("checkout", "--quiet", "--detach", commit)
        monkeypatch.chdir(ours.top)
        assert seen(found) == seen(evaluate(".", EVERYTHING))
        ours.git("checkout", "--quiet", "main")
        policies |= {finding.policy for finding in found.findings if finding.status == "fail"}
    assert {"networkpolicy-missing", "pdb-missing", "privileged"} <= policies


NAMED = {
    "a file at the top, whose directory names nothing": (".", ["Dockerfile", "compose.yaml"]),
    "a file that extends one above": ("deploy", ["compose.yaml"]),
    "several files that are one": (".", ["compose.yaml:deploy/compose.yaml"]),
    "a directory above": ("deploy", [".."]),
}


@pytest.mark.parametrize("name", NAMED)
def test_named_sources(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = "{image: nginx, privileged: true, volumes: ['./a:/a', '../b:/b']}"
    ours = made(
        tmp_path / "shop",
        {
            "Dockerfile": "FROM debian\n",
            "compose.yaml": f"services: {{web: {service}}}\n",
            "deploy/compose.yaml": "services: {web: {extends: {file: ../compose.yaml, service: web}}}\n",
            ".dockerignore": "*\n",
        },
    )
    below, sources = NAMED[name]
    monkeypatch.chdir(ours.top / below)
    expected = seen(evaluate(sources, EVERYTHING))
    ours.write({"compose.yaml": "broken: [", "Dockerfile": ""})
    with laid_out(ours.repository, "HEAD", here=ours.top / below) as revision:
        mapped = [source for source in map(revision.source, sources) if source]
        monkeypatch.chdir(revision.directory)
        assert seen(evaluate(mapped, EVERYTHING)) == expected


def test_submodules_and_files_that_git_ignores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = made(tmp_path / "other", {"compose.yaml": "services: {db: {image: 'db:1', privileged: true}}\n"})
    ours = made(tmp_path / "shop", {"compose.yaml": "services: {web: {image: 'web:${TAG}'}}\n", ".gitignore": ".env\n"})
    ours.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other.top), "below")
    ours.commit()
    ours.write({".env": "TAG=1.2\n"})
    monkeypatch.chdir(ours.top)
    expected = seen(evaluate(".", EVERYTHING))
    for ignored in ([".env"], []):
        with laid_out(ours.repository, "HEAD", here=ours.top, ignored=ignored) as revision:
            monkeypatch.chdir(revision.directory)
            assert (seen(evaluate(".", EVERYTHING)) == expected) == bool(ignored)
