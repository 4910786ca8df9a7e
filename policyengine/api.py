"""policyengine for Python users. The command line stands on it.

>>> from policyengine.api import Settings, evaluate
>>> report = evaluate(["compose.yaml", "deploy"], Settings(select=("privileged", "docker-socket")))
>>> [(finding.policy, str(finding.resource), finding.location.line) for finding in report.findings]
[('docker-socket', 'service/proxy/container/proxy', 31), ('privileged', 'deployment/web/container/web', 28)]
>>> report.exit_code
1

What runs is mended by a plan, which is data, and is carried out once, where nothing has moved since::

    plan = plan("docker://", Settings(remediate=Care(protected=("db-*",))))
    done = apply(plan)
    done.acts, done.report.exit_code
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from policyengine.commands.check import check
from policyengine.errors import PolicyengineError, PolicyError, RemedyError, SourceError, UsageError
from policyengine.model.care import Care, Hooks
from policyengine.model.report import Finding, Report
from policyengine.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from policyengine.commands.apply import Applied
    from policyengine.remediation.plan import Plan

    Source = str | os.PathLike[str]

__all__ = [
    "Care",
    "Finding",
    "Hooks",
    "PolicyError",
    "PolicyengineError",
    "RemedyError",
    "Report",
    "Settings",
    "SourceError",
    "UsageError",
    "apply",
    "evaluate",
    "plan",
]


def evaluate(sources: Source | Iterable[Source], settings: Settings | None = None) -> Report:
    """Judge one or several sources by policies and return what was found. Nothing is printed.

    ``sources`` are files, directories, ``-`` for standard input, or URLs of running systems (``docker://``).
    What keeps a source or a policy file from being read is among ``report.problems``, and everything else is still
    judged. Raises :class:`UsageError` for sources or settings that make no sense, and :class:`SourceError` when the
    policies that settings name are not there.
    """
    return check(_listed(sources), settings or Settings(), controls=True)


def plan(sources: Source | Iterable[Source], settings: Settings | None = None) -> Plan:
    """What mends the violations of running containers, as a plan. Nothing is done, and nothing is printed.

    ``sources`` are an engine (``docker://``) or containers on it. Raises :class:`UsageError` for others, and
    :class:`SourceError` for an engine that does not answer.
    """
    from policyengine.commands.apply import remediated

    with remediated(_listed(sources), settings or Settings(), _silent, act=False) as (planned, _):
        return planned.plan


def apply(
    plan: Plan, settings: Settings | None = None, *, retry: bool = False, tell: Callable[[str], None] | None = None
) -> Applied:
    """Carry out a plan, and judge again what runs then: ``acts`` is what came of each target, ``report`` the judgement.

    What earlier runs left half done is mended before. ``tell`` is told each step; with ``retry`` what failed before is
    tried at once. Raises :class:`UsageError` where the plan is not to be carried out: it was already, the live state
    has moved, it is about another engine, or another run acts on that.
    """
    from policyengine.commands.apply import apply as run
    from policyengine.commands.apply import ready

    chosen = settings or Settings()
    with ready(plan, chosen, tell or _silent, act=True) as around:
        return run(plan, chosen, around, retry=retry)


def _listed(sources: Source | Iterable[Source]) -> list[str]:
    listed = [sources] if isinstance(sources, str | os.PathLike) else sources
    return [os.fspath(source) for source in listed]


def _silent(_: str) -> None:
    """Tell nobody."""
