"""Roles, bindings and their parts from the facts of the model's kinds ``role`` and ``role_binding``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.rbac.binding import Binding
from policyengine.authentication.rbac.role import Role
from policyengine.authentication.rbac.rules import Rule
from policyengine.authentication.rbac.subjects import Subject
from policyengine.model.unknown import Unknown, first_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

FACT = "rbac.rules"
"""What is missing where the rules of a role are not known."""


def texts(value: object) -> tuple[str, ...]:
    """The strings of a list."""
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()


def rule_of(facts: object) -> Rule:
    """A rule of the model's kind ``role``; what cannot be read of it is left out."""
    if not isinstance(facts, dict):
        return Rule()
    return Rule(*(texts(facts.get(name)) for name in Rule.__struct_fields__))


def role_of(facts: Mapping[str, object]) -> Role | None:
    """A role as its facts tell of it; None for one whose name is not settled."""
    name, namespace = facts.get("name"), "" if facts.get("cluster") is True else facts.get("namespace")
    if not isinstance(name, str) or not isinstance(namespace, str):
        return None
    listed, aggregates = facts.get("rules"), facts.get("aggregation")
    rules = tuple(map(rule_of, listed)) if isinstance(listed, list) else ()
    labels = facts.get("labels", {})
    if aggregates is None:
        return Role(name, rules, namespace, labels, None, unread_of(listed))
    selectors = tuple(aggregates) if isinstance(aggregates, list) else (aggregates,)
    return Role(name, rules, namespace, labels, selectors)


def binding_of(facts: Mapping[str, object]) -> Binding | None:
    """A binding as its facts tell of it; None where it is not settled which role it grants, or in which namespace.

    Subjects whose names are not settled are left out.
    """
    role, namespace = facts.get("role_ref"), facts.get("namespace", "")
    kind, name = (role.get("kind"), role.get("name")) if isinstance(role, dict) else (None, None)
    if not (isinstance(kind, str) and isinstance(name, str) and isinstance(namespace, str | None)):
        return None
    listed = facts.get("subjects")
    subjects = [subject_of(one) for one in listed] if isinstance(listed, list) else []
    return Binding(str(facts.get("name")), kind, name, tuple(one for one in subjects if one), namespace or "")


def subject_of(facts: object) -> Subject | None:
    """A subject; None for one that is not settled."""
    if not isinstance(facts, dict):
        return None
    kind, name, namespace = facts.get("kind"), facts.get("name"), facts.get("namespace")
    settled = isinstance(kind, str) and isinstance(name, str) and isinstance(namespace, str | None)
    return Subject(str(kind), str(name), namespace or "") if settled else None


def unread_of(value: object) -> Unknown | None:
    """What is not known of rules that are the role's own."""
    found = first_unknown(value)
    return None if found is None else Unknown(FACT, found.why, found.settle)
