"""The policies as a page in Markdown: a table for each category."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from policyengine.commands.controls import benchmark_rows, known_as, tools
from policyengine.commands.judged import judged_inputs
from policyengine.model.report import CATEGORIES, SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from policyengine.policy.policy import Policy

_HEAD = ("Policy", "Severity", "What it demands", "Inputs", "Packs", "Controls")
_EVERYTHING = "all"
"""A pack whose name tells all about it."""


def page(policies: Sequence[Policy], packs: Mapping[str, Sequence[str]], beside: Path | None = None) -> str:
    """For each category a heading and a table, the worst first; ids are links where the page lies ``beside`` them."""
    return "\n".join(_lines(policies, packs, beside)).strip() + "\n"


def _lines(policies: Sequence[Policy], packs: Mapping[str, Sequence[str]], beside: Path | None) -> Iterator[str]:
    for category in CATEGORIES:
        members = [policy for policy in policies if policy.category == category]
        if members:
            yield from (f"## {category.capitalize()}", "")
            yield from _table(sorted(members, key=_order), packs, beside)
            yield ""


def _order(policy: Policy) -> tuple[int, str]:
    return SEVERITIES.index(policy.severity), policy.id


def _table(policies: Sequence[Policy], packs: Mapping[str, Sequence[str]], beside: Path | None) -> Iterator[str]:
    yield _row(_HEAD)
    yield _row(["---"] * len(_HEAD))
    for policy in policies:
        inside = [name for name in packs.get(policy.id, ()) if name != _EVERYTHING]
        cells = (policy.severity, _safe(policy.title), ", ".join(judged_inputs(policy)), ", ".join(inside))
        yield _row((_link(policy, beside), *cells, "<br>".join(_controls(policy))))


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _link(policy: Policy, beside: Path | None) -> str:
    name = f"`{policy.id}`"
    return f"[{name}]({os.path.relpath(policy.path, beside)})" if beside else name


def _controls(policy: Policy) -> Iterator[str]:
    """``CIS Docker 1.7.0: 5.5``, ``checkov: CKV_K8S_16``."""
    yield from (f"{benchmark}: {_safe(ids)}" for benchmark, ids in benchmark_rows(policy))
    for tool, controls in tools(policy).items():
        yield f"{tool}: {_safe(', '.join(dict.fromkeys(map(known_as, controls))))}"


def _safe(text: str) -> str:
    """A text as it stands in a cell: what Markdown would take for its own is escaped."""
    return "".join(f"\\{one}" if one in r"\|*<>[]`" else one for one in text)
