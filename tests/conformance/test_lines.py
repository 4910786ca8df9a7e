"""Where a finding has to be to agree with another tool."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conformance import comparing
from tests.conformance.comparing import _goes_by, _place
from tests.conformance.corpora import Key, Row
from tests.conformance.lines import keyword, parents

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.api import Finding

MANIFEST = """\
apiVersion: v1
kind: Pod
spec:
  containers:
    - name: web
      ports:
        - hostPort: 80
    - name: db
---
kind: Pod
"""
DOCKERFILE = """\
FROM nginx
RUN apt-get update && \\
    apt-get install curl
ENV A=1
"""

PLACES = [
    (7, 7, "same"),
    (7, 5, "parent"),
    (7, 4, "parent"),
    (6, 7, "entry"),
    (4, 7, "elsewhere"),
    (7, 8, "elsewhere"),
    (8, 4, "parent"),
    (10, 3, "elsewhere"),
]


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "kics").mkdir()
    (tmp_path / "kics" / "pod.yaml").write_text(MANIFEST)
    (tmp_path / "kics" / "Dockerfile").write_text(DOCKERFILE)
    monkeypatch.setattr("tests.conformance.corpora.CASES", tmp_path)
    parents.cache_clear()
    return tmp_path / "kics"


def row(file: str, first: int, last: int) -> Row:
    kind = "kubernetes" if file.endswith("yaml") else "dockerfile"
    return Row(Key("kics", file, "check", 1), kind, "fail", (first, last), None)


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize(("theirs", "ours", "place"), PLACES)
def test_places_in_a_manifest(theirs: int, ours: int, place: str) -> None:
    assert _place(row("pod.yaml", theirs, theirs), ours) == place


@pytest.mark.usefixtures("case")
@pytest.mark.parametrize(
    ("first", "last", "ours", "place"),
    [(2, 2, 2, "same"), (2, 2, 3, "entry"), (3, 3, 2, "parent"), (2, 3, 3, "same"), (2, 2, 4, "elsewhere")],
)
def test_places_in_a_dockerfile(first: int, last: int, ours: int, place: str) -> None:
    assert _place(row("Dockerfile", first, last), ours) == place


def test_a_malformed_file_has_no_insides(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("a: [\n")
    assert parents(tmp_path / "broken.yaml", 1, dockerfile=False) == frozenset()


def test_the_instruction_of_a_line(case: Path) -> None:
    assert [keyword(case / "Dockerfile", line) for line in (1, 2, 3, 4)] == ["FROM", "RUN", "RUN", "ENV"]


class _About:
    """A finding about a resource."""

    def __init__(self, resource: str) -> None:
        self.resource = resource


@pytest.mark.parametrize(
    ("resource", "named", "same"),
    [
        ("deployment/web/container/web", "Deployment.shop.web", True),
        ("deployment/web/container/web", "Deployment.shop.we", False),
        ("deployment/web/pod/web", "Pod.shop.web.app-web", True),
        ("role_binding/team.a", "RoleBinding.shop.team.a", True),
        ("rolebinding/team.a", "RoleBinding.shop.team.a", True),
        ("pod/web", "Service.shop.web", False),
    ],
)
def test_names_of_objects(resource: str, named: str, same: bool) -> None:
    finding: Finding = _About(resource)  # type: ignore[assignment]
    assert _goes_by(finding, named) is same


def test_what_counts_as_in_place() -> None:
    assert comparing._RANKS == ("same", "parent", "entry", "elsewhere")
