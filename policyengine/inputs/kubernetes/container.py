"""A Pod's containers, in the words of Compose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.images.reference import fields as image_fields
from policyengine.images.reference import implied
from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.control_plane_component import component_resources
from policyengine.inputs.kubernetes.environment import put_environment, put_secrets
from policyengine.inputs.kubernetes.hooks import hooks
from policyengine.inputs.kubernetes.limits import amounts
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import DEFAULT, Found, Node, put
from policyengine.inputs.kubernetes.partial import is_deletion, leave_out
from policyengine.inputs.kubernetes.parts import put_part
from policyengine.inputs.kubernetes.pod import Pod, restart
from policyengine.inputs.kubernetes.ports import put_ports
from policyengine.inputs.kubernetes.probe import put_probes
from policyengine.inputs.kubernetes.security import (
    IMAGE_USER,
    Security,
    capabilities,
    runs_as_root,
    seccomp_annotation,
    security,
    user,
)
from policyengine.inputs.kubernetes.spelling import as_written
from policyengine.inputs.kubernetes.volumes import put_mounts
from policyengine.model.kinds import container, image_ref
from policyengine.model.kinds.security_context import OF_CONTAINER, PROFILE
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.kubernetes.limits import Amounts
    from policyengine.model.resource import Owner, Resource

_FIELDS = """
    name controller role image command entrypoint user runs_as_root privileged cap_add cap_drop security_opt
    read_only network_mode pid ipc userns_mode ports expose volumes environment environment_secrets
    repeated_variables labels mem_limit cpus restart liveness_probe readiness_probe startup_probe probes_alike
    memory_request cpu_request image_pull_policy ephemeral_storage_limit ephemeral_storage_request hooks
    security_context run_as_non_root root_refused run_as_user run_as_group hardening
    seccomp_profile seccomp_annotation host_users os windows
"""

SUPPLIED = frozenset(_FIELDS.split())
"""The fields of the model's containers that Kubernetes has a notion of."""

_UNREAD = Unknown("security_context", "a part of it has the wrong type")
_ENV_FROM = Unknown("envFrom", "more variables come from ConfigMaps or Secrets, which are not read")

_ROLES = {"initContainers": "init", "containers": "main", "ephemeralContainers": "ephemeral"}


def container_resources(pod: Pod) -> Iterator[Resource]:
    """Each container of a Pod, followed by the reference to its image."""
    for key, role in _ROLES.items():
        listed = pod.spec[key]
        for node in listed.items():
            if not is_deletion(node.value):
                yield from _one(pod, node, role, f"{key}[{node.at[-1]}]")


def _one(pod: Pod, node: Node, role: str, place: str) -> Iterator[Resource]:
    name = node["name"].text()
    title = name.value if isinstance(name.value, str) else place
    image = node["image"].text()
    yield _container(pod, node, role, title, name, image)
    if isinstance(image.value, str) and image.value:
        yield _image_ref(pod, node, title, image)
    yield from component_resources(pod, node, title, image)


def _container(pod: Pod, node: Node, role: str, title: str, name: Found, image: Found) -> Resource:
    facts = Facts(container.KIND, node.document, node.at, node.context)
    context = node["securityContext"].mapping()
    own = security(context)
    here = own.inherit(pod.security).or_annotated(pod.annotations, title)
    restarted = restart(node["restartPolicy"])
    put(facts, "name", name)
    facts.put("controller", pod.maker.kind, (*pod.maker.at, "kind"))
    facts.put("role", role, node.at)
    _put_image(facts, image)
    put(facts, "image_pull_policy", _pull_policy(facts, node["imagePullPolicy"]))
    put(facts, "entrypoint", node["command"].texts())
    put(facts, "command", node["args"].texts())
    _put_security(facts, pod, context, here)
    _put_as_written(facts, pod, context, title)
    put(facts, "run_as_non_root", here.non_root)
    _put_user(facts, pod, here, image)
    _put_ids(facts, here)
    put(facts, "hardening", _hardening(facts, pod, here, context))
    _put_namespaces(facts, pod)
    put_ports(facts, node["ports"], host_network=pod.host_network.value is True)
    put_mounts(facts, node["volumeMounts"], pod.volumes)
    put_environment(facts, node["env"])
    put_secrets(facts, node["env"], node["envFrom"])
    if node["envFrom"].written:
        facts.leave_open("environment", _ENV_FROM, null=True)
    put_probes(facts, node)
    put_part(facts, "hooks", hooks(node["lifecycle"].mapping()))
    limited = _put_amounts(facts, node["resources"].mapping(), pod)
    put(facts, "labels", pod.labels)
    put(facts, "restart", pod.restart if restarted.value is None else restarted)
    shared = _shared(pod, own, here, limited, own_restart=restarted.value is not None)
    leave_out(facts, SUPPLIED, pod.maker.partial)
    return facts.resource(title, pod.maker.metadata.scope, ORIGIN, pod.maker.title, shared)


def _put_amounts(facts: Facts, resources: Node, pod: Pod) -> Amounts:
    own = amounts(resources["limits"])
    limited, requested = own.inherit(pod.limits, pod.maker.metadata.title), amounts(resources["requests"])
    requested = requested.or_limits(own)
    for field, found in (
        ("mem_limit", limited.memory),
        ("cpus", limited.cpus),
        ("ephemeral_storage_limit", limited.storage),
        ("memory_request", requested.memory),
        ("cpu_request", requested.cpus),
        ("ephemeral_storage_request", requested.storage),
    ):
        put(facts, field, found)
    return limited


def _shared(pod: Pod, own: Security, here: Security, limited: Amounts, *, own_restart: bool) -> dict[str, Owner]:
    """The fields that are the Pod's, so that what is wrong with one is told once."""
    fields = ["network_mode", "pid", "ipc", "userns_mode", "host_users", "os", "windows", "labels"]
    if not own_restart:
        fields.append("restart")
    if here.user is not own.user or here.windows_user is not own.windows_user:
        fields += ["user", "runs_as_root", "run_as_user"]
    if here.group is not own.group:
        fields.append("run_as_group")
    if here.host_process is not own.host_process:
        fields.append("privileged")
    if here.non_root is not own.non_root:
        fields.append("run_as_non_root")
    if own.seccomp.value is None and pod.security.seccomp.value is not None:
        fields.append("seccomp_profile")
    fields += [field for field, found in (("mem_limit", limited.memory), ("cpus", limited.cpus)) if found.how]
    return dict.fromkeys(fields, pod.owner)


def _put_image(facts: Facts, image: Found) -> None:
    if not isinstance(image.value, str) or not image.value:
        facts.put("image", image.value or None, image.at)
        return
    parts = image_fields(image.value)
    facts.put("image", parts, image.at)
    for part in container.KIND.fields["image"].type.fields:
        facts.place(("image", part), image.at)
    for part in implied(image.value):
        facts.how(("image", part), DEFAULT)


def _pull_policy(facts: Facts, written: Node) -> Found:
    """The policy; where none is written, Always for the tag latest alone, which is what no tag is too.

    https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
    """
    found, image = written.text(), facts["image"]
    if found.value not in (None, "") or not isinstance(image, dict):
        return found
    tag = image.get("tag")
    if isinstance(tag, Unknown):
        return Found(tag, found.at)
    return found.or_default("Always" if tag == "latest" and not image.get("digest") else "IfNotPresent")


def _image_ref(pod: Pod, node: Node, title: str, image: Found) -> Resource:
    facts = Facts(image_ref.KIND, node.document, image.at, node.context)
    written = str(image.value)
    parts = image_fields(written)
    left_out = implied(written)
    for part in image_ref.FIELDS:
        facts.put(part, parts.get(part), image.at, DEFAULT if part in left_out else None)
    facts.put("used_by", "container", image.at)
    return facts.resource(title, pod.maker.metadata.scope, ORIGIN, pod.maker.title)


def _put_security(facts: Facts, pod: Pod, context: Node, here: Security) -> None:
    """What Linux has: Windows has no capabilities, no setuid programs and no read-only root filesystem.

    https://kubernetes.io/docs/concepts/windows/intro/#compatibility-v1-pod-spec-containers-securitycontext
    """
    read_only, capable = context["readOnlyRootFilesystem"].boolean(), context["capabilities"].mapping()
    dropped = capabilities(capable["drop"])
    put(facts, "privileged", _privileged(context, here))
    put(facts, "read_only", read_only if pod.windows else read_only.or_default(value=False))
    put(facts, "cap_add", capabilities(capable["add"]))
    put(facts, "cap_drop", dropped.or_default(["ALL"]) if pod.windows else dropped)
    options = [option for option in _options(pod, context, here) if option.value is not None]
    values = context.value if isinstance(context.value, Unknown) else [option.value for option in options]
    facts.put("security_opt", values or None, (*context.at, "allowPrivilegeEscalation"))
    for index, option in enumerate(options):
        facts.place(("security_opt", index), option.at)


def _put_as_written(facts: Facts, pod: Pod, context: Node, title: str) -> None:
    """What is kept in Kubernetes' own words, for those who ask."""
    put(facts, "seccomp_annotation", seccomp_annotation(pod.annotations, title))
    if context.context.wants(container.KIND.name, "security_context"):
        put_part(facts, "security_context", as_written(context, OF_CONTAINER))
    if context.context.wants(container.KIND.name, "seccomp_profile"):
        own, of_pod = context["seccompProfile"], pod.spec["securityContext"]["seccompProfile"]
        put_part(facts, "seccomp_profile", as_written(of_pod if of_pod.written and not own.written else own, PROFILE))


def _privileged(context: Node, here: Security) -> Found:
    """Privileged; a HostProcess container, which runs as a process of its Windows node, is no less."""
    privileged = context["privileged"].boolean().or_default(value=False)
    return privileged if here.host_process.value in (None, False) else here.host_process


def _options(pod: Pod, context: Node, here: Security) -> list[Found]:
    escalation = context["allowPrivilegeEscalation"].boolean()
    if pod.windows:
        escalation = escalation.or_default(value=False)
    if isinstance(escalation.value, bool):
        escalation = Found(None if escalation.value else "no-new-privileges:true", escalation.at)
    unmasked = context["procMount"].text()
    masks = Found("systempaths=unconfined" if unmasked.value == "Unmasked" else None, unmasked.at)
    return [escalation, *here.options, masks]


def _put_user(facts: Facts, pod: Pod, here: Security, image: Found) -> None:
    """The user. A part that tells of none does not leave it to the image, but to the rest of the manifest."""
    written = image.value if isinstance(image.value, str) else None
    if pod.maker.partial and here.user.value is None:
        refused = here.non_root.value is True
        facts.put("user", None, here.user.at)
        facts.put("runs_as_root", False if refused else None, here.non_root.at if refused else here.user.at)
        return
    put(facts, "user", user(here, written))
    put(facts, "runs_as_root", runs_as_root(here, written))


def _put_ids(facts: Facts, here: Security) -> None:
    """The user and group as numbers, and whether root is refused: that the image decides is no refusal."""
    put(facts, "run_as_user", here.user)
    put(facts, "run_as_group", here.group)
    root = facts["runs_as_root"]
    open_ = isinstance(root, Unknown) and root.fact != IMAGE_USER
    refused = root if open_ or root is None else root is False
    facts.put("root_refused", refused, here.user.at if isinstance(here.user.value, int) else here.non_root.at)


def _hardening(facts: Facts, pod: Pod, here: Security, context: Node) -> Found:
    """By what a container is confined beyond what every container is. On Windows all of this has no meaning."""
    if pod.windows:
        return Found(None, context.at)
    added, dropped = facts["cap_add"], facts["cap_drop"]
    if any(isinstance(option.value, Unknown) for option in here.options) or isinstance(dropped, Unknown):
        return Found(_UNREAD, context.at)
    options = [str(option.value).partition("=") for option in here.options]
    ways = {"label": "selinux"}
    found = {ways.get(name, name): None for name, _, value in options if value not in ("unconfined", "disable")}
    if dropped and not (isinstance(added, list) and "ALL" in added):
        found["capabilities"] = None
    return Found(list(found) or None, context.at)


def _put_namespaces(facts: Facts, pod: Pod) -> None:
    shared = (
        ("network_mode", pod.host_network),
        ("pid", pod.host_pid),
        ("ipc", pod.host_ipc),
        ("userns_mode", pod.host_users),
    )
    put(facts, "host_users", pod.host_users.or_default(value=True))
    put(facts, "os", pod.os)
    facts.put("windows", pod.windows, pod.os.at, None if pod.windows else DEFAULT)
    for field, found in shared:
        unknown = isinstance(found.value, Unknown)
        facts.put(field, found.value if unknown else "host" if found.value else None, found.at)
