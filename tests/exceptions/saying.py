"""What a run says of files with exceptions, a line for each thing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from policyengine.api import Settings, evaluate

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from policyengine.model.report import Finding, Report

PRIVILEGED = Settings(select=("privileged",), cache=False)


def write(directory: Path, files: Mapping[str, str | bytes]) -> None:
    """Write files below a directory."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())


def said(source: str = ".", settings: Settings = PRIVILEGED, **more: object) -> list[str]:
    """What a run says: findings, problems and notices."""
    return list(_lines(evaluate(source, replace(settings, **more))))  # type: ignore[arg-type]


def _lines(report: Report) -> Iterator[str]:
    yield from map(_line, report.findings)
    for problem in report.problems:
        yield f"{_place(problem.path, problem.line, problem.column)} problem: {problem.message}"
    for notice in report.notices:
        yield f"{_place(notice.path, notice.line, notice.column)} {notice.kind}: {notice.message}"


def _line(finding: Finding) -> str:
    at, why = finding.location, finding.exemption
    told = f" ({why.kind}: {why.reason})" if why else ""
    return f"{_place(at.path, at.line)} {finding.status} {finding.policy}{told}"


def _place(*parts: object) -> str:
    return ":".join(str(part) for part in parts if part is not None)
