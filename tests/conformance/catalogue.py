"""The catalogue of checks that scanners and benchmarks make of containers, merged by meaning.

A table beside the repository (``../shared/catalogue/checks.tsv``, or where POLICYENGINE_CATALOGUE says), one row a
check: our policy's id, the inputs, and the ids by which tools and benchmarks know it.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.conformance.corpora import table
from tests.installation import ROOT

CATALOGUE = Path(os.environ.get("POLICYENGINE_CATALOGUE") or ROOT.parent / "shared" / "catalogue" / "checks.tsv")

_TOOLS = {
    "checkov": "checkov",
    "trivy": "trivy_avd",
    "kube-linter": "kube_linter",
    "kube-score": "kube_score",
    "polaris": "polaris",
    "kubescape": "kubescape",
    "kubesec": "kubesec_rule",
    "hadolint": "hadolint",
    "dockle": "dockle",
}
_DOCKER = "CIS Docker 1.6.0"
_BENCHMARKS = {_DOCKER: "cis_docker_1.6 (=docker-bench id)", "CIS Kubernetes 1.12": "cis_k8s_1.12"}
_KICS = "kics (dir «queryName» uuid)"
_QUERY = re.compile(r"(?:\(datadog fork only\) )?(?P<directory>\S+) «(?P<name>.*)» ?(?P<id>\S*)")


@dataclass(frozen=True, slots=True)
class Query:
    """A query of KICS; some have no id in the catalogue."""

    directory: str
    name: str
    id: str


@dataclass(frozen=True, slots=True)
class Check:
    """A row of the catalogue. ``ids`` are by tool, or by benchmark and version; those of KICS are ``queries``."""

    name: str
    inputs: tuple[str, ...]
    severity: str
    ids: dict[str, tuple[str, ...]]
    queries: tuple[Query, ...]
    meaning: str


def require_catalogue() -> None:
    """Skip a test where the catalogue is absent; in continuous integration it has to be there."""
    if CATALOGUE.is_file():
        return
    reason = f"the catalogue is not at {CATALOGUE}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@cache
def catalogue() -> dict[str, Check]:
    """The checks by our name."""
    return {row["our_short_name"]: _check(row) for row in table(CATALOGUE)}


@cache
def checks_of(tool: str, id_: str, directory: str = "") -> tuple[str, ...]:
    """Our names for a tool's check; KICS' are known by the directory of their query, too."""
    return tuple(name for name, check in catalogue().items() if _goes_by(check, tool, id_, directory))


def _goes_by(check: Check, tool: str, id_: str, directory: str) -> bool:
    if tool == "kics":
        return any(query.id == id_ or (not query.id and query.directory == directory) for query in check.queries)
    return id_ in check.ids.get(tool, ())


def _check(row: dict[str, str]) -> Check:
    ids = {tool: _ids(row[column]) for tool, column in (_TOOLS | _BENCHMARKS).items()}
    listed = ids[_DOCKER]
    ids["docker-bench"] = tuple(id_ for id_ in listed if id_.startswith("C."))  # its own, beside the benchmark's
    ids[_DOCKER] = tuple(id_ for id_ in listed if not id_.startswith("C."))
    queries = tuple(
        Query(**found.groupdict()) for text in row[_KICS].split(";") if (found := _QUERY.match(text.strip()))
    )
    return Check(row["our_short_name"], _ids(row["applies_to"]), row["severity"], ids, queries, row["meaning"])


def _ids(text: str) -> tuple[str, ...]:
    return tuple(part for part in re.split(r"[,;]\s*", text.strip()) if part)


@cache
def query_names() -> dict[str, str]:
    """The names of KICS' queries by their ids."""
    return {query.id: query.name for check in catalogue().values() for query in check.queries if query.id}
