"""A policy, as data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct

from policyengine.policy.benchmarks import speaks_of
from policyengine.policy.parameters import Parameter, parameter
from policyengine.policy.remediation import Remediation, remediation_from

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.model.report import Severity


_WORDS = re.compile(r"\w+").findall


class Assertion(Struct, frozen=True):
    """A rule in CEL; ``field`` gives a finding its line, ``message`` replaces the policy's."""

    cel: str
    field: str | None = None
    message: str | None = None


class Policy(Struct, frozen=True):
    """A loaded and checked policy. ``where`` and ``require`` map field paths to constraints, ``flows`` is the
    section as it is written: all with ``!param`` unresolved.

    ``words`` are all words of its rules and its message: what it reads is among them. ``digest`` is that of its file.
    """

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
    flows: Mapping[str, Any] | None = None
    message: str | None = None
    remedy: str | Mapping[str, str] | None = None
    remediate: Remediation | None = None
    parameters: Mapping[str, Parameter] | None = None
    examples: Mapping[str, tuple[Mapping[str, Any], ...]] | None = None
    words: frozenset[str] = frozenset()
    digest: str = ""

    def controls_for(self, origin: str) -> tuple[Mapping[str, object], ...]:
        """The controls that speak of an input kind: what kube-linter calls it is of no use to a Compose file."""
        key = (self.id, self.digest, origin)
        found = _CONTROLS_FOR.get(key) if self.digest else None
        if found is None:
            found = tuple(control for control in self.controls if speaks_of(control, origin))
            _CONTROLS_FOR[key] = found
        return found

    def remedy_for(self, origin: str) -> str | None:
        """How to mend a violation in an input kind."""
        if self.remedy is None or isinstance(self.remedy, str):
            return self.remedy
        return self.remedy.get(origin) or self.remedy.get("default")


_CONTROLS_FOR: dict[tuple[str, str, str], tuple[Mapping[str, object], ...]] = {}
"""What was told of policies by id, digest and input kind: every finding asks."""


class KeptExamples(Mapping[str, tuple[Mapping[str, Any], ...]]):
    """The examples of a policy as JSON, which most runs never ask for."""

    def __init__(self, text: str) -> None:
        self._text = text

    @cached_property
    def _examples(self) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
        return _examples(json.loads(self._text))

    def __getitem__(self, outcome: str) -> tuple[Mapping[str, Any], ...]:
        return self._examples[outcome]

    def __iter__(self) -> Iterator[str]:
        return iter(self._examples)

    def __len__(self) -> int:
        return len(self._examples)

    def __repr__(self) -> str:
        return repr(self._examples)


def policy_from(data: Mapping[str, Any], path: str, digest: str = "", words: Iterable[str] | None = None) -> Policy:
    """A policy from a policy file's data, which was checked. ``words`` are its :func:`words_of` where they are known.

    In place of its examples there may be :class:`KeptExamples`.
    """
    target, examples = data["target"], data.get("examples")
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
        flows=data.get("flows"),
        message=data.get("message"),
        remedy=data.get("remedy"),
        remediate=remediation_from(data.get("remediate")),
        parameters={name: parameter(name, item) for name, item in (data.get("parameters") or {}).items()},
        examples=examples if isinstance(examples, KeptExamples) else _examples(examples or {}),
        words=frozenset(words_of(data) if words is None else words),
        digest=digest,
    )


def _examples(data: Mapping[str, Any]) -> Mapping[str, tuple[Mapping[str, Any], ...]]:
    return {outcome: tuple(items or ()) for outcome, items in data.items()}


def words_of(data: Mapping[str, Any]) -> list[str]:
    """Every word of a policy's rules and of its message."""
    return sorted(set(_WORDS(repr([data.get(key) for key in ("where", "require", "assert", "message")]))))
