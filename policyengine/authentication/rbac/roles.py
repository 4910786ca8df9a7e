"""The rules of roles, aggregation resolved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.authentication.rbac.built_in import BUILT_IN
from policyengine.authentication.rbac.facts import FACT
from policyengine.model.selecting import Labels, selector_matches
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.authentication.rbac.role import Role
    from policyengine.authentication.rbac.rules import Rule

_SETTLE = "check it together with its role"


class Rules(Struct, frozen=True):
    """The rules of a role; ``unread`` says why there may be more, None where these are all."""

    rules: tuple[Rule, ...] = ()
    unread: Unknown | None = None


class Roles(Struct):
    """The roles of a cluster: those that are given, and of Kubernetes' own those that are not among them.

    ``complete``: all ClusterRoles of the cluster that are not Kubernetes' own are given.
    """

    given: Sequence[Role]
    complete: bool = False
    _named: Mapping[tuple[str, str], list[Role]] = field(default_factory=dict)
    _known: dict[tuple[str, str], Rules] = field(default_factory=dict)

    def __post_init__(self) -> None:
        named: dict[tuple[str, str], list[Role]] = {}
        for role in self.given:
            named.setdefault((role.namespace, role.name), []).append(role)
        for role in BUILT_IN:
            named.setdefault(("", role.name), [role])
        self._named = named

    def rules(self, name: str, namespace: str = "") -> Rules:
        """The rules of a ClusterRole, or of a Role in a namespace.

        Of namesakes that differ only what all of them allow is known: which of them the cluster has is not.
        """
        key = (namespace, name)
        if key not in self._known:
            self._known[key] = self._found(name, namespace)
        return self._known[key]

    def _found(self, name: str, namespace: str) -> Rules:
        found = self._named.get((namespace, name), [])
        kind = "Role" if namespace else "ClusterRole"
        if not found:
            return Rules((), Unknown(FACT, f"the {kind} {name} is not among what was given", _SETTLE))
        first, *others = [self._rules(role) for role in found]
        if all(other == first for other in others):
            return first
        shared = tuple(rule for rule in first.rules if all(rule in other.rules for other in others))
        return Rules(shared, Unknown(FACT, f"several {kind}s are called {name}, with different rules"))

    def _rules(self, role: Role) -> Rules:
        if role.aggregates is None:
            return Rules(role.rules, role.unread)
        found, unread = self._aggregated(role)
        if unread is None and not self.complete:
            unread = Unknown(FACT, "other manifests may have ClusterRoles that are aggregated", "check them all")
        written = role.rules if unread is not None else ()
        own = (rule for one in found if one.aggregates is None for rule in one.rules)
        return Rules(tuple(dict.fromkeys((*own, *written))), unread)

    def _aggregated(self, role: Role) -> tuple[list[Role], Unknown | None]:
        """The ClusterRoles whose rules a role has in the end, and why there may be more of them.

        The controller puts the rules of those that are selected in the place of its own, again and again until
        nothing changes: those of a selected one that is aggregated too are those that it has got.
        https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
        """
        found, waiting, unread = [role], [role], role.unread
        while waiting:
            for other, verdict in self._selected(waiting.pop()):
                if verdict is None:
                    unread = unread or Unknown(FACT, f"whether {other.name} is aggregated hangs on what is not settled")
                elif verdict and not any(other is one for one in found):
                    found.append(other)
                    unread = unread or other.unread
                    if other.aggregates is not None:
                        waiting.append(other)
        return found, unread

    def _selected(self, role: Role) -> Iterator[tuple[Role, bool | None]]:
        for (namespace, _), others in self._named.items():
            for other in others if not namespace else ():
                verdicts = {
                    selector_matches(selector, Labels(other.labels, made=False)) for selector in role.aggregates or ()
                }
                yield other, True if True in verdicts else None if None in verdicts else False
