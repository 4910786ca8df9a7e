"""The cases of other tools: files, what those tools' checks find in them, and where.

The corpora lie beside the repository (``../shared/corpora/manifests``), or where POLICYENGINE_CORPORA says; they are
read in place, and no part of the project. Each has an index: one row for a file, a check and what it says of it.
"""

from __future__ import annotations

import csv
import os
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.installation import ROOT

CASES = Path(os.environ.get("POLICYENGINE_CORPORA") or ROOT.parent / "shared" / "corpora" / "manifests")
TOOLS = ("kics", "checkov", "polaris")

INPUTS = {"k8s": "kubernetes", "kubernetes": "kubernetes", "dockerfile": "dockerfile", "dockerCompose": "compose"}
"""Our input kinds by what the indexes call them. Ansible is not read: no check of its rows is in the catalogue."""

ABSENT = {
    ("checkov", "kubernetes/graph/checks/resources/ReadAllSecrets/"),
    ("checkov", "kubernetes/graph/checks/resources/RoleBindingPE/"),
}
"""Cases of the indexes of which there are no files: nine rows that nobody can judge."""

HOLDS = {"pass": "pass", "fail": "fail", "fixed": "pass"}
"""What a check says of a row's file; ``fixed`` files are what a tool's own correction makes of a failing one."""


class Key(NamedTuple):
    """Which row it is: the ``number``-th (from 1) of a tool's index for a file and a check."""

    tool: str
    file: str
    check: str
    number: int


@dataclass(frozen=True, slots=True)
class Row:
    """What a check of a tool says of a file, or of one object in it.

    ``lines`` are the first and the last line of what it points at: one line (KICS), a whole object (checkov).
    ``named`` is how checkov names the object: ``Deployment.shop.web``, ``/failure/Dockerfile.RUN``.
    """

    key: Key
    input: str
    expected: str
    lines: tuple[int, int] | None
    named: str | None

    @property
    def path(self) -> Path:
        return CASES / self.key.tool / self.key.file

    @property
    def directory(self) -> str:
        """The directory of KICS' query: ``dockerCompose/memory_not_limited``."""
        return "/".join(self.key.file.split("/")[:2])

    @property
    def theirs(self) -> str:
        """What the tool says, in short: ``fail at 12``."""
        if self.lines is None or self.expected == "pass":
            return self.expected
        first, last = self.lines
        return f"fail at {first}" if first == last else f"fail in {first}-{last}"


def missing() -> str | None:
    """Why the cases cannot be compared; None when they can."""
    absent = [tool for tool in TOOLS if not (CASES / tool / "INDEX.tsv").is_file()]
    return f"the cases of {', '.join(absent)} are not at {CASES}" if absent else None


def require_cases() -> None:
    """Skip a test where the cases are absent; in continuous integration they have to be there."""
    require(missing())


def require(reason: str | None) -> None:
    """Skip a test for a reason, if there is one; in continuous integration it fails."""
    if reason and os.environ.get("CI"):
        pytest.fail(reason)
    if reason:
        pytest.skip(reason)


@cache
def rows() -> dict[Key, Row]:
    """Every row of the inputs that are read, in the order of the indexes."""
    found: dict[Key, Row] = {}
    for tool in TOOLS:
        numbers: Counter[tuple[str, str]] = Counter()
        for row in table(CASES / tool / "INDEX.tsv"):
            unjudged = row["input_kind"] not in INPUTS or row["expected"] not in HOLDS
            if unjudged or (tool, row["file"]) in ABSENT:
                continue
            numbers[row["file"], row["check"]] += 1
            key = Key(tool, row["file"], row["check"], numbers[row["file"], row["check"]])
            found[key] = Row(
                key, INPUTS[row["input_kind"]], HOLDS[row["expected"]], _lines(row["line"]), _named(row["detail"])
            )
    return found


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a file of tab-separated values with a head; no quotes."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _lines(text: str) -> tuple[int, int] | None:
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    return (numbers[0], numbers[-1]) if numbers else None


def _named(detail: str) -> str | None:
    found = re.match(r"resource=(\S+)", detail)
    return found[1] if found else None
