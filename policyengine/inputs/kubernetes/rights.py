"""The rights that the rules of roles give, each where it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.rbac.rights import WILDCARD, given
from policyengine.authentication.rbac.rules import ALL, Rule
from policyengine.inputs.kubernetes.node import Found
from policyengine.inputs.kubernetes.parts import Listed, Part, Parts
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.authentication.rbac.rights import Right

_UNREAD = Unknown("role.rights", "a part of the rules cannot be read")


def rights(rules: Part, *, system: bool) -> tuple[Part, Unknown | None]:
    """The rights that rules give, each where it is given; and why there may be more, None where there are no more.

    ``system``: they are for kube-system, or for all namespaces.
    """
    if not isinstance(rules, Listed):
        return Found(None, rules.at), None
    read = [rule for rule in rules.items if isinstance(rule, Parts)]
    found = [one for rule in read for one in (*_wildcards(rule), *_rights(rule, system=system))]
    unread = any(_is_unread(rule.fields[key]) for rule in read for key in ("verbs", "resources", "api_groups"))
    return Listed(rules.at, list(found)), _UNREAD if unread else None


def _wildcards(rule: Parts) -> Iterator[Found]:
    for key in ("verbs", "resources", "api_groups"):
        items = _listed(rule, key)
        if ALL in items:
            yield Found(WILDCARD, (*rule.fields[key].at, items.index(ALL)))


def _rights(rule: Parts, *, system: bool) -> Iterator[Found]:
    texts = (_texts(rule, key) for key in Rule.__struct_fields__)
    for right in given(Rule(*texts), system=system):
        yield Found(right.name, _place(rule, right))


def _is_unread(part: Part) -> bool:
    value = part.value if isinstance(part, Found) else None
    return isinstance(value, Unknown) or (isinstance(value, list) and any(isinstance(item, Unknown) for item in value))


def _texts(rule: Parts, key: str) -> tuple[str, ...]:
    return tuple(item for item in _listed(rule, key) if isinstance(item, str))


def _listed(rule: Parts, key: str) -> list[object]:
    part = rule.fields[key]
    value = part.value if isinstance(part, Found) else None
    return value if isinstance(value, list) else []


def _place(rule: Parts, right: Right) -> tuple[str | int, ...]:
    """Where a rule gives a right: at the verb, or the resource."""
    key = "verbs" if right.by_verb else "non_resource_urls" if right.urls else "resources"
    found = (index for index, item in enumerate(_listed(rule, key)) if _tells(right, item))
    return (*rule.fields[key].at, next(found, 0))


def _tells(right: Right, item: object) -> bool:
    if right.by_verb:
        return item in right.verbs
    return any(resources.named(str(item)) for resources in right.resources)
