"""Who can do what: the roles and bindings of a cluster, asked as its authorizer asks them.

pkg/registry/rbac/validation/rule.go and plugin/pkg/auth/authorizer/rbac of Kubernetes: rights add up, none are taken
away, and what a RoleBinding gives is given in its namespace only, so never about what is in none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.rbac.roles import Rules
from policyengine.authentication.rbac.rules import allows
from policyengine.authentication.rbac.subjects import MASTERS, Subject, username

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from policyengine.authentication.rbac.binding import Binding
    from policyengine.authentication.rbac.roles import Roles
    from policyengine.authentication.rbac.rules import Request
    from policyengine.authentication.rbac.subjects import User
    from policyengine.model.unknown import Unknown


class Answer(Struct, frozen=True):
    """Whether a user may do something: ``by`` is the first binding that lets him, None where none does.

    ``unread`` says what may let him although nothing that is known does.
    """

    by: Binding | None
    unread: tuple[Unknown, ...] = ()


class Cluster:
    """The roles and bindings of a cluster."""

    def __init__(self, roles: Roles, bindings: Sequence[Binding]) -> None:
        self._roles = roles
        self._bindings = bindings
        self._naming: dict[tuple[bool, str | None], list[int]] = {}
        for index, binding in enumerate(bindings):
            named = {(one.kind == "Group", username(one, binding.namespace)) for one in binding.subjects}
            for name in named:
                self._naming.setdefault(name, []).append(index)

    def rules(self, binding: Binding) -> Rules:
        """The rules that a binding gives. The one of a Role in no namespace gives none."""
        if binding.role_kind == "Role" and not binding.namespace:
            return Rules()
        return self._roles.rules(binding.role, binding.namespace if binding.role_kind == "Role" else "")

    def holding(self, user: User, namespace: str | None = None) -> list[Binding]:
        """The bindings that give a user rules, in a namespace or, without one, in any.

        With an empty namespace those that give rules about what is in none.
        """
        names = [(False, user.name), *((True, group) for group in user.groups)]
        found = {index for name in names for index in self._naming.get(name, ())}
        bindings = [self._bindings[index] for index in sorted(found)]
        return bindings if namespace is None else [one for one in bindings if one.namespace in ("", namespace)]

    def may(self, user: User, request: Request) -> Answer:
        """Whether a user may do something by RBAC. What else authorizes (a webhook, nodes) is not asked."""
        unread: list[Unknown] = []
        for binding in self.holding(user, request.namespace):
            found = self.rules(binding)
            if any(allows(rule, request) for rule in found.rules):
                return Answer(binding)
            unread += [found.unread] if found.unread else []
        return Answer(None, tuple(unread))

    def who_can(self, request: Request) -> Iterator[tuple[Subject, Binding | None]]:
        """The subjects that may do something, each with the binding that lets it: system:masters by none."""
        yield Subject("Group", MASTERS), None
        for binding in self._bindings:
            if binding.namespace in ("", request.namespace) and self._allows(binding, request):
                yield from ((subject, binding) for subject in binding.subjects)

    def _allows(self, binding: Binding, request: Request) -> bool:
        return any(allows(rule, request) for rule in self.rules(binding).rules)
