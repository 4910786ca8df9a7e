"""The overlays: cases of ComplianceAsCode's rules, each with the files that it puts over those of a product's base.

The corpora lie beside the repository (``../shared/corpora/authentication``), or beside those that
POLICYENGINE_CORPORA names; they are read in place, and no part of the project. A file of rows is one JSON object a
line: id, product, rule, expected, variables, files; ``base_PRODUCT.json`` beside it are the files of the product.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from policyengine.authentication.files import Entry, Given, Placed
from tests.conformance.corpora import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from policyengine.authentication.files import Something

OVERLAYS = CASES.parent / "authentication" / "cac"

Described = dict[str, Any]
"""How a row says what a path is: text (with mode, uid, gid), directory, link, or absent."""


@dataclass(frozen=True)
class Row:
    """A case: what ComplianceAsCode expects its rule to say of a product with some files changed."""

    file: Path
    id: str
    product: str
    rule: str
    expected: str
    variables: Mapping[str, str]
    files: Mapping[str, Described]

    @property
    def family(self) -> str:
        """The file that it is of: ``sshd``."""
        return self.file.stem

    @property
    def root(self) -> Given:
        """The system with the row's files put over those of its base."""
        files = dict(_base(self.file.parent / f"base_{self.product}.json"))
        for path, described in self.files.items():
            if described.get("absent"):
                files = {kept: one for kept, one in files.items() if not f"{kept}/".startswith(f"{path}/")}
            else:
                files[path] = _something(described)
        return Given(files)


def families() -> dict[str, Path]:
    """The files of rows by family."""
    return {path.stem: path for path in sorted(OVERLAYS.glob("*.jsonl"))}


def missing() -> str | None:
    """Why there is nothing to compare; None where there is."""
    return None if families() else f"the overlays are not at {OVERLAYS}"


@cache
def rows(file: Path) -> tuple[Row, ...]:
    """The rows of a file, in its order."""
    return tuple(_rows(file))


def _rows(file: Path) -> Iterator[Row]:
    for line in file.read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        given = (variable.partition("=") for variable in data["variables"])
        variables = {name.strip(): value.strip() for name, _, value in given}
        yield Row(file, data["id"], data["product"], data["rule"], data["expected"], variables, data["files"])


@cache
def _base(file: Path) -> Mapping[str, Something]:
    return {path: _something(described) for path, described in json.loads(file.read_text(encoding="utf-8")).items()}


def _something(described: Described) -> Something:
    if "link" in described:
        return Entry("symlink", 0o777, 0, 0, target=described["link"])
    mode, uid, gid = int(described["mode"], 8), described.get("uid", 0), described.get("gid", 0)
    if described.get("dir"):
        return Entry("directory", mode, uid, gid)
    return Placed(described["text"], mode, uid, gid)
