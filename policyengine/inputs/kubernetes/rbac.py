"""The subjects of bindings, each with what its binding gives it. Which rules that are, relations find out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.rbac.subjects import Subject, username
from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import DEFAULT, Found, put
from policyengine.inputs.kubernetes.parts import Listed, Part, Parts, put_part
from policyengine.inputs.kubernetes.role import is_labelled_own
from policyengine.model.kinds.rbac import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.context import Context
    from policyengine.inputs.kubernetes.metadata import Metadata
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.model.resource import Resource

_RESOLVED = ("rules", "rights", "all_rights", "all_bindings")


def is_wanted(context: Context) -> bool:
    """Whether any policy is about subjects."""
    return any(context.wants(KIND.name, field) for field in KIND.fields)


def rbac_resources(
    manifest: Object, about: Metadata, role: Part, subjects: Part, *, cluster: bool
) -> Iterator[Resource]:
    """The resource of each subject of a binding, from what was read of it: each part is read once.

    Of a patch there are none: which role it binds is not said there.
    """
    if manifest.partial or not isinstance(subjects, Listed) or not is_wanted(manifest.node.context):
        return
    for subject in subjects.items:
        if isinstance(subject, Parts):
            yield _resource(manifest, about, role, subject, cluster=cluster)


def _resource(manifest: Object, about: Metadata, role: Part, subject: Parts, *, cluster: bool) -> Resource:
    node = manifest.node
    facts = Facts(KIND, node.document, subject.at, node.context)
    kind, name, written = (_found(subject, key) for key in ("kind", "name", "namespace"))
    namespace = _namespace(kind, written, about)
    for field, found in (("name", name), ("subject_kind", kind), ("namespace", namespace)):
        put(facts, field, found)
    facts.put("account", _account(kind.value, name.value, namespace.value), subject.at)
    put_part(facts, "binding", Parts(node.at, {"kind": Found(manifest.kind, (*node.at, "kind")), "name": about.name}))
    put_part(facts, "role", role)
    facts.put("cluster", cluster, (*node.at, "kind"))
    put(facts, "within", about.namespace)
    facts.put("built_in", is_labelled_own(about), about.name.at)
    for field in _RESOLVED:
        facts.put(field, Unknown(f"rbac.{field}", "roles were not looked for"), subject.at)
    return facts.resource(_title(facts), about.scope, ORIGIN, f"role_binding/{about.title}")


def _found(subject: Parts, key: str) -> Found:
    found = subject.fields[key]
    return found if isinstance(found, Found) else Found(None, subject.at)


def _namespace(kind: Found, written: Found, about: Metadata) -> Found:
    if kind.value != "ServiceAccount" or written.value not in (None, ""):
        return written
    return Found(about.namespace.value, written.at, DEFAULT)


def _account(kind: object, name: object, namespace: object) -> object:
    """The name in requests. The API refuses a ServiceAccount without a namespace: something is yet to put it in."""
    unread = next((value for value in (kind, name, namespace) if isinstance(value, Unknown)), None)
    if unread is not None:
        return Unknown("rbac.account", unread.why, unread.settle)
    found = username(Subject(str(kind), str(name), str(namespace or "")))
    return found or Unknown("rbac.account", "the binding names no namespace of the ServiceAccount")


def _title(facts: Facts) -> str:
    kind, name, namespace = (facts[field] for field in ("subject_kind", "name", "namespace"))
    inside = f"{namespace}/" if kind == "ServiceAccount" and isinstance(namespace, str) else ""
    return f"{kind} {inside}{name}" if isinstance(kind, str) and isinstance(name, str) else "(unnamed)"
