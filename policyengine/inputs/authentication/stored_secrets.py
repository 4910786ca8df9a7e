"""The secrets in a root's files as one resource."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.secrets.stored import Stored, stored
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.model.kinds import stored_secrets as kind
from policyengine.model.location import Location
from policyengine.model.provenance import DECLARED
from policyengine.model.resource import Resource
from policyengine.model.unknown import OpenList, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.authentication.files import Root
    from policyengine.model.paths import FieldPath
    from policyengine.model.scope import Scope

SUPPLIES: Mapping[str, frozenset[str]] = {"stored_secrets": frozenset(kind.KIND.fields)}

_FIELDS = {"private_key": "private_keys", "credentials": "credentials", "token": "tokens"}
_FORMS = {"private_keys": "form", "credentials": "program", "tokens": "service"}


def resources(
    root: Root,
    name: str,
    scope: Scope,
    origin: str,
    refused: Callable[[str, Location], None],  # noqa: ARG001 - as all parts have it; no program refuses secrets
) -> Iterator[Resource]:
    """What is secret in a root's files. Where a part of them cannot be read, there may be more."""
    facts: dict[str, object] = {"name": name}
    places: dict[FieldPath, Location] = {}
    lists: dict[str, list[object]] = {field: [] for field in _FORMS}
    unread: Unknown | None = None
    for found in stored(root):
        if isinstance(found, Unknown):
            unread = unread or found
            continue
        field = _FIELDS[found.secret.what]
        places[(field, len(lists[field]))] = Location(root.where(found.path), found.secret.line)
        lists[field].append(_told(found, field))
    for field, items in lists.items():
        facts[field] = items if unread is None else OpenList(items, unread)
    origins = WrittenOrigins(root.where("/"), places, {(field,): DECLARED for field in facts}, {})
    yield Resource("stored_secrets", name, origin, scope, facts, origins)


def _told(found: Stored, field: str) -> dict[str, object]:
    secret = found.secret
    told: dict[str, object] = {"path": found.path, _FORMS[field]: secret.form}
    if secret.line is not None:
        told["line"] = secret.line
    if found.layer is not None:
        told |= {"layer": f"{found.layer[0]} of {found.layer[1]}", "removed": found.removed}
    return told | ({"encrypted": secret.encrypted} if field == "private_keys" else {})
