"""PodSecurityPolicies.

https://v1-24.docs.kubernetes.io/docs/concepts/security/pod-security-policy/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.metadata import draft
from policyengine.inputs.kubernetes.node import Found, put
from policyengine.inputs.kubernetes.parts import Listed, Parts, listed, put_part
from policyengine.inputs.kubernetes.security import capabilities
from policyengine.model.kinds.pod_security_policy import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.node import Node
    from policyengine.inputs.kubernetes.objects import Object
    from policyengine.inputs.kubernetes.parts import Part
    from policyengine.model.resource import Resource


def pod_security_policy_resources(manifest: Object) -> Iterator[Resource]:
    """The resource of a PodSecurityPolicy."""
    made, spec = draft(manifest, KIND, cluster=True), manifest.node.required("spec")
    rule = spec["runAsUser"].mapping()["rule"].text()
    for field, found in (
        ("privileged", spec["privileged"].boolean().or_default(value=False)),
        ("allow_privilege_escalation", spec["allowPrivilegeEscalation"].boolean().or_default(value=True)),
        ("host_network", spec["hostNetwork"].boolean().or_default(value=False)),
        ("host_pid", spec["hostPID"].boolean().or_default(value=False)),
        ("host_ipc", spec["hostIPC"].boolean().or_default(value=False)),
        ("allowed_capabilities", capabilities(spec["allowedCapabilities"])),
        ("default_add_capabilities", capabilities(spec["defaultAddCapabilities"])),
        ("required_drop_capabilities", capabilities(spec["requiredDropCapabilities"])),
        ("run_as_user", rule),
        ("admits_root", _admits_root(rule, spec["runAsUser"]["ranges"])),
        ("allowed_proc_mount_types", spec["allowedProcMountTypes"].texts()),
        ("volumes", spec["volumes"].texts()),
    ):
        put(made.facts, field, found)
    put_part(made.facts, "root_groups", _root_groups(spec))
    put(made.facts, "admits_host_paths", _admits_host_paths(spec["allowedHostPaths"], made.facts["volumes"]))
    put_part(made.facts, "allowed_host_paths", listed(spec["allowedHostPaths"], _path))
    yield made.resource()


def _path(path: Node) -> Parts:
    return Parts(
        path.at,
        {"path_prefix": path["pathPrefix"].text(), "read_only": path["readOnly"].boolean().or_default(value=False)},
    )


def _root_groups(spec: Node) -> Part:
    """The strategies for groups that let in group 0, each at its rule, or as a whole where its ranges do."""
    found: list[Part] = []
    for key in ("supplementalGroups", "fsGroup", "runAsGroup"):
        strategy = spec[key].mapping()
        rule = strategy["rule"].text()
        if isinstance(strategy.value, dict) and _admits_root(rule, strategy["ranges"]).value is True:
            found.append(Found(key, strategy.at if rule.value == "MustRunAs" else rule.at))
    return Listed(found[0].at, found) if found else Found(None, spec.at)


def _admits_host_paths(allowed: Node, volumes: object) -> Found:
    """Whether more of the node may be mounted than paths that are listed, and only for reading."""
    if isinstance(volumes, list) and not {"hostPath", "*"}.intersection(map(str, volumes)):
        return Found(value=False, at=allowed.at)
    if isinstance(allowed.value, Unknown):
        return Found(allowed.value, allowed.at)
    paths = [path for path in allowed.value if isinstance(path, dict)] if isinstance(allowed.value, list) else []
    written = next((index for index, path in enumerate(paths) if path.get("readOnly") is not True), None)
    at = allowed.at if written is None else (*allowed.at, written, "readOnly")
    return Found(written is not None or not paths, at)


def _admits_root(rule: Found, ranges: Node) -> Found:
    """Whether uid 0 may be used: by no rule, or by one with a range that begins there."""
    if isinstance(rule.value, Unknown):
        return rule
    lowest = [item["min"].integer().value for item in ranges.items()]
    fixed = rule.value == "MustRunAs" and bool(lowest) and 0 not in lowest
    return Found(rule.value != "MustRunAsNonRoot" and not fixed, rule.at)
