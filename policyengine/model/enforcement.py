"""Whether a violation makes a run fail: by severity, pack, policy and path."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from policyengine.model.patterns import fits

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from policyengine.model.report import Enforcement

    _Chain = tuple[tuple["Enforcement", str, tuple[str, ...]], ...]


class Enforced(Protocol):
    """What of a policy decides how it is enforced."""

    @property
    def id(self) -> str:
        """The policy's id."""

    @property
    def severity(self) -> str:
        """The policy's severity."""

    @property
    def category(self) -> str:
        """The policy's category."""


@dataclass(frozen=True, slots=True)
class EnforcementRule:
    """One rule of the settings: what ``enforce`` is for the violations that fit all that it names.

    ``severities``, ``categories``, ``packs``, ``policies`` (any of a policy's names) and ``paths`` each fit when they
    are empty or one of them does. ``paths`` are patterns as in .gitignore, relative to the directory ``base``; those
    with ``://`` are for live objects: ``docker://local/container/dev-*``. ``place`` says for messages where the rule
    stands.
    """

    enforce: Enforcement
    severities: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    base: str = field(default="", compare=False)
    place: tuple[str, int, int] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Enforcements:
    """The rules of a run, the last of which that fits decides; what none fits blocks.

    ``named`` says for each rule that names policies which ids these are, and the input kinds it acts on, None for all:
    another tool's id acts only on the inputs that tool's check speaks of.
    """

    rules: tuple[EnforcementRule, ...] = ()
    named: tuple[Mapping[str, frozenset[str] | None] | None, ...] = ()
    _chains: dict[tuple[str, frozenset[str], str], _Chain] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    def of(self, policy: Enforced, path: str, packs: frozenset[str] = frozenset(), origin: str = "") -> Enforcement:
        """How a violation is enforced that a policy, in the run through ``packs``, finds at a path of a report.

        ``origin`` is the input kind of the resource.
        """
        for enforce, base, patterns in self._chain(policy, packs, origin):
            if not patterns or fits(base, patterns, path):
                return enforce
        return "block"

    def outcomes(
        self, policy: Enforced, packs: frozenset[str] = frozenset(), origin: str = ""
    ) -> frozenset[Enforcement]:
        """Everything that :meth:`of` says for some path: one, when the path does not matter."""
        chain = self._chain(policy, packs, origin)
        decided = bool(chain) and not chain[-1][2]
        return frozenset(enforce for enforce, _, _ in chain) | (frozenset() if decided else frozenset({"block"}))

    def _chain(self, policy: Enforced, packs: frozenset[str], origin: str) -> _Chain:
        """The rules that may fit, the one that counts most first, up to the first that fits every path."""
        key = (policy.id, packs, origin)
        found = self._chains.get(key)
        if found is None:
            found = self._chains[key] = tuple(self._linked(policy, packs, origin))
        return found

    def _linked(
        self, policy: Enforced, packs: frozenset[str], origin: str
    ) -> Iterator[tuple[Enforcement, str, tuple[str, ...]]]:
        for rule, named in zip(reversed(self.rules), reversed(self.named), strict=True):
            if rule.severities and policy.severity not in rule.severities:
                continue
            if rule.categories and policy.category not in rule.categories:
                continue
            if rule.packs and packs.isdisjoint(rule.packs):
                continue
            if named is not None and not _acts(named, policy.id, origin):
                continue
            yield rule.enforce, rule.base, rule.paths
            if not rule.paths:
                return


def _acts(named: Mapping[str, frozenset[str] | None], id_: str, origin: str) -> bool:
    inputs = named.get(id_, frozenset())
    return inputs is None or origin in inputs
