"""A policy, as data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from policyengine.policy.parameters import Parameter, parameter

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.report import Severity


class Assertion(Struct, frozen=True):
    """A rule in CEL; ``field`` gives a finding its line, ``message`` replaces the policy's."""

    cel: str
    field: str | None = None
    message: str | None = None


class Policy(Struct, frozen=True):
    """A loaded and checked policy. ``where`` and ``require`` map field paths to constraints, ``!param`` unresolved."""

    id: str
    title: str
    category: str
    severity: Severity
    why: str
    targets: tuple[str, ...]
    path: str
    aliases: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    controls: tuple[Mapping[str, object], ...] = ()
    where: Mapping[str, Mapping[str, object]] | None = None
    require: Mapping[str, Mapping[str, object]] | None = None
    asserts: tuple[Assertion, ...] = ()
    message: str | None = None
    remedy: str | Mapping[str, str] | None = None
    parameters: Mapping[str, Parameter] | None = None
    examples: Mapping[str, tuple[Mapping[str, Any], ...]] | None = None

    def remedy_for(self, origin: str) -> str | None:
        """How to mend a violation in an input kind."""
        if self.remedy is None or isinstance(self.remedy, str):
            return self.remedy
        return self.remedy.get(origin) or self.remedy.get("default")


def policy_from(data: Mapping[str, Any], path: str) -> Policy:
    """A policy from a policy file's data, which was checked."""
    target = data["target"]
    examples = data.get("examples") or {}
    return Policy(
        id=data["id"],
        title=data["title"],
        category=data["category"],
        severity=cast("Severity", data["severity"]),
        why=" ".join(data["why"].split()),
        targets=(target,) if isinstance(target, str) else tuple(target),
        path=path,
        aliases=tuple(data.get("aliases") or ()),
        tags=tuple(data.get("tags") or ()),
        controls=tuple(data.get("controls") or ()),
        where=data.get("where") or {},
        require=data.get("require") or {},
        asserts=tuple(Assertion(**item) for item in data.get("assert") or ()),
        message=data.get("message"),
        remedy=data.get("remedy"),
        parameters={name: parameter(name, item) for name, item in (data.get("parameters") or {}).items()},
        examples={outcome: tuple(items or ()) for outcome, items in examples.items()},
    )
