"""Test cases: a directory of inputs with ``expected.yaml``, compared both ways.

::

    sources: [.]                 # optional; relative to the directory; the whole directory by default
    select: [privileged]         # optional; all policies by default
    parameters: {registry-allowlist: {allowed: [ghcr.io/acme/*]}}   # optional
    zones: {office: [203.0.113.0/24]}    # optional: what policies about flows name
    findings:
      - {policy: privileged, status: fail, path: compose.yaml, line: 4, field: privileged}
    problems:
      - {path: broken.yaml, line: 7}
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from policyengine.documents.yaml import YamlDocument
from policyengine.engine import Engine
from policyengine.errors import PolicyengineError
from policyengine.firewall.intents.zones import declared
from policyengine.pipeline import run
from policyengine.pipeline.passes import Passes
from policyengine.pipeline.wanted import relations
from policyengine.policy.library import EXPECTED
from policyengine.policy.select import chosen
from policyengine.sources import Reader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from policyengine.policy.policy import Policy

_KEYS = {"sources", "select", "parameters", "zones", "findings", "problems"}


class CaseResult(Struct, frozen=True):
    """What a test case came to: ``wrong`` says in which ways it was not as expected."""

    name: str
    wrong: tuple[str, ...]


def run_case(directory: Path, policies: Sequence[Policy]) -> CaseResult:
    """Judge a test case's inputs and compare the findings with the expected ones, both ways."""
    try:
        return CaseResult(str(directory), tuple(_wrong(directory, _expected(directory / EXPECTED), policies)))
    except (PolicyengineError, OSError) as error:
        return CaseResult(str(directory), (str(error),))


def _expected(path: Path) -> Mapping[str, Any]:
    data = YamlDocument(str(path), path.read_text(encoding="utf-8")).values
    found = data[0] if data else {}
    if not isinstance(found, dict) or not found.keys() <= _KEYS:
        raise PolicyengineError(f"a mapping with {', '.join(sorted(_KEYS))} is expected", path=str(path))
    return found


def _wrong(directory: Path, expected: Mapping[str, Any], policies: Sequence[Policy]) -> Iterator[str]:
    reader = Reader(exclude=(EXPECTED,))
    choice = chosen(policies, expected.get("select") or (), ())
    engine = Engine(choice, expected.get("parameters") or {}, zones=declared(expected.get("zones") or {}))
    items = list(reader.items([str(directory / source) for source in expected.get("sources") or ["."]]))
    judged = run(Passes(reader, engine, relating=relations([policy for policy, _ in choice])), items, jobs=1)
    found = [
        {
            "policy": one.policy,
            "status": one.status,
            "path": _relative(one.location.path, directory),
            "line": one.location.line,
            "field": one.field,
        }
        for one in judged.findings
    ]
    yield from _differences("finding", expected.get("findings") or [], found)
    problems = [
        {"path": _relative(problem.path or "", directory), "line": problem.line}
        for problem in (*reader.problems, *judged.problems)
    ]
    yield from _differences("problem", expected.get("problems") or [], problems)


def _relative(path: str, directory: Path) -> str:
    from os.path import normpath

    return path.removeprefix(normpath(directory) + "/")


def _differences(what: str, expected: Sequence[Any], found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    wanted = Counter(_spoken(item) for item in expected)
    have = Counter(_spoken(item) for item in found)
    yield from (f"missing {what}: {item}" for item in (wanted - have).elements())
    yield from (f"unexpected {what}: {item}" for item in (have - wanted).elements())


def _spoken(item: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{key}: {item[key]}" for key in sorted(item) if item[key] is not None) + "}"
