"""Whom bindings name, and whom they mean by it.

https://kubernetes.io/docs/reference/access-authn-authz/rbac/#referring-to-subjects
"""

from __future__ import annotations

from msgspec import Struct

_ACCOUNT = "system:serviceaccount:"
_ACCOUNTS = "system:serviceaccounts"
AUTHENTICATED = "system:authenticated"
UNAUTHENTICATED = "system:unauthenticated"
MASTERS = "system:masters"
"""The group that may do everything before any rule is asked."""


class Subject(Struct, frozen=True):
    """A subject of a binding: ``kind`` is User, Group or ServiceAccount; only the last has a namespace."""

    kind: str
    name: str
    namespace: str = ""


class User(Struct, frozen=True):
    """Who asks: a name, and the groups that whoever authenticated it put it in."""

    name: str
    groups: frozenset[str] = frozenset()


def username(subject: Subject, namespace: str = "") -> str | None:
    """The user's or group's name that requests of a subject bear; None where it is nobody's.

    ``namespace`` is that of the binding, empty for a ClusterRoleBinding: a ServiceAccount without its own is in it.
    """
    if subject.kind in ("User", "Group"):
        return subject.name
    within = subject.namespace or namespace
    return f"{_ACCOUNT}{within}:{subject.name}" if subject.kind == "ServiceAccount" and within else None


def groups(name: str) -> frozenset[str]:
    """The groups that a user of that name is in whoever authenticated it.

    https://kubernetes.io/docs/reference/access-authn-authz/authentication/#service-account-tokens
    """
    if name == "system:anonymous":
        return frozenset((UNAUTHENTICATED,))
    if not name.startswith(_ACCOUNT):
        return frozenset((AUTHENTICATED,))
    namespace = name.removeprefix(_ACCOUNT).partition(":")[0]
    return frozenset((AUTHENTICATED, _ACCOUNTS, f"{_ACCOUNTS}:{namespace}"))


def member(group: str) -> User:
    """Somebody in a group, of whom no more is known than that."""
    if group in (AUTHENTICATED, UNAUTHENTICATED):
        return User("", frozenset((group,)))
    above = {_ACCOUNTS} if group.startswith(f"{_ACCOUNTS}:") else set()
    return User("", frozenset((group, AUTHENTICATED, *above)))
