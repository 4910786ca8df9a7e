"""Our verdict on a row.

``pass``, ``fail``, ``unknown`` or ``error``: the worst that the policies say of what the rule speaks of. Where there
is nothing that they judge: ``refused``, if that is because the program that reads the files refuses them, which is
told as a problem (an sshd with a line that it does not understand does not start); else ``nothing``. ``none``: no
policy stands for the rule.

A row that is expected to fail agrees with ``fail`` and ``refused``: neither lets the system pass. One that is expected
to pass agrees with ``pass`` and ``nothing``. What is unknown agrees with nothing: all files of a row are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from policyengine.engine import evaluate
from policyengine.inputs.authentication import tree
from policyengine.model.scope import Scope
from tests.conformance.overlays.covered import known, line_for

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.authentication.files import Root
    from policyengine.model.location import Location
    from policyengine.model.report import Finding
    from policyengine.model.resource import Resource
    from tests.conformance.overlays.corpus import Row

AGREES = {"pass": ("pass", "nothing"), "fail": ("fail", "refused")}

_WORST_FIRST = ("error", "fail", "unknown", "pass")
_ORIGIN = "host"


@dataclass(frozen=True)
class Outcome:
    """What came of a row. ``told`` is what was found and why, where the verdict is not ``pass``."""

    row: Row
    policies: tuple[str, ...]
    verdict: str
    told: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the verdict is as the row expects."""
        return self.verdict in AGREES[self.row.expected]


def outcomes(rows: Iterable[Row]) -> list[Outcome]:
    """What came of rows."""
    return [outcome(row) for row in rows]


def outcome(row: Row) -> Outcome:
    """What came of a row."""
    line = line_for(row)
    if line is None or not line.policies:
        return Outcome(row, (), "none")
    policies = [known()[id_] for id_ in line.policies]
    problems: list[str] = []
    kinds = frozenset(kind for policy in policies for kind in policy.targets)
    resources = [one for one in _resources(row.root, kinds, problems) if line.is_about(one.name)]
    choices = [(policy, None) for policy in policies]
    found = evaluate(choices, resources, line.given(row), keep_passes=True).findings
    verdict = next((status for status in _WORST_FIRST if any(one.status == status for one in found)), None)
    verdict = verdict or ("refused" if problems else "nothing")
    told = [_told(one) for one in found if one.status == verdict != "pass"]
    return Outcome(row, line.policies, verdict, (*told, *problems))


def _resources(root: Root, kinds: frozenset[str], problems: list[str]) -> Iterator[Resource]:
    """The resources of some kinds; what is refused is told as a problem."""

    def refused(message: str, where: Location) -> None:
        problems.append(f"{where.path}:{where.line}: {message}")

    for part in tree.PARTS:
        if not kinds.isdisjoint(part.SUPPLIES):
            yield from part.resources(root, "system", Scope(_ORIGIN, "system"), _ORIGIN, refused)


def _told(finding: Finding) -> str:
    at = finding.location
    why = f" ({finding.unknown.why})" if finding.unknown else ""
    return f"{finding.policy}: {at.path}:{at.line}: {finding.message}{why}"
