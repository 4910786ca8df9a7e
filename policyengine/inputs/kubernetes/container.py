"""A Pod's containers, in the words of Compose."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from policyengine.images.reference import fields as image_fields
from policyengine.inputs.facts import Facts
from policyengine.inputs.kubernetes.environment import put_environment
from policyengine.inputs.kubernetes.metadata import ORIGIN
from policyengine.inputs.kubernetes.node import DEFAULT, SEQUENCE, Found, Node, put
from policyengine.inputs.kubernetes.pod import Pod, restart
from policyengine.inputs.kubernetes.quantity import quantity
from policyengine.inputs.kubernetes.security import (
    Security,
    annotated_apparmor,
    capabilities,
    runs_as_root,
    security,
    user,
)
from policyengine.inputs.kubernetes.volumes import put_mounts
from policyengine.model.kinds import container, image_ref
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from fractions import Fraction

    from policyengine.model.resource import Owner, Resource

_ROLES = {"initContainers": "init", "containers": "main", "ephemeralContainers": "ephemeral"}
_DOCKER_IO = ("docker.io/", "index.docker.io/")


def container_resources(pod: Pod) -> Iterator[Resource]:
    """Each container of a Pod, followed by the reference to its image."""
    for key, role in _ROLES.items():
        listed = pod.spec[key]
        for node in listed.items():
            yield from _one(pod, node, role, f"{key}[{node.at[-1]}]")


def _one(pod: Pod, node: Node, role: str, place: str) -> Iterator[Resource]:
    name = node["name"].text()
    title = name.value if isinstance(name.value, str) else place
    image = node["image"].text()
    yield _container(pod, node, role, title, name, image)
    if isinstance(image.value, str) and image.value:
        yield _image_ref(pod, node, title, image)


def _container(pod: Pod, node: Node, role: str, title: str, name: Found, image: Found) -> Resource:
    facts = Facts(container.KIND, node.document, node.at, node.context)
    context = node["securityContext"].mapping()
    own = security(context)
    annotated = annotated_apparmor(pod.annotations, title)
    here = own.inherit(pod.security)
    restarted = restart(node["restartPolicy"])
    put(facts, "name", name)
    facts.put("role", role, node.at)
    _put_image(facts, image)
    put(facts, "entrypoint", node["command"].texts())
    put(facts, "command", node["args"].texts())
    _put_security(facts, context, here, annotated)
    _put_user(facts, here, image)
    _put_namespaces(facts, pod)
    _put_ports(facts, node["ports"])
    put_mounts(facts, node["volumeMounts"], pod.volumes)
    put_environment(facts, node["env"])
    _put_limits(facts, node)
    put(facts, "labels", pod.labels)
    put(facts, "restart", pod.restart if restarted.value is None else restarted)
    shared = _shared(pod, own, here, own_restart=restarted.value is not None)
    return facts.resource(title, pod.maker.metadata.scope, ORIGIN, pod.maker.title, shared)


def _shared(pod: Pod, own: Security, here: Security, *, own_restart: bool) -> dict[str, Owner]:
    """The fields that are the Pod's, so that what is wrong with one is told once."""
    fields = ["network_mode", "pid", "ipc", "userns_mode", "labels"]
    if not own_restart:
        fields.append("restart")
    if here.user is not own.user:
        fields += ["user", "runs_as_root"]
    return dict.fromkeys(fields, pod.owner)


def _put_image(facts: Facts, image: Found) -> None:
    if not isinstance(image.value, str) or not image.value:
        facts.put("image", image.value or None, image.at)
        return
    parts = image_fields(image.value)
    facts.put("image", parts, image.at)
    for part in container.KIND.fields["image"].type.fields:
        facts.place(("image", part), image.at)
    for part in _implied(image.value, parts):
        facts.how(("image", part), DEFAULT)


def _image_ref(pod: Pod, node: Node, title: str, image: Found) -> Resource:
    facts = Facts(image_ref.KIND, node.document, image.at, node.context)
    written = str(image.value)
    parts = image_fields(written)
    implied = _implied(written, parts)
    for part in image_ref.FIELDS:
        facts.put(part, parts.get(part), image.at, DEFAULT if part in implied else None)
    facts.put("used_by", "container", image.at)
    return facts.resource(title, pod.maker.metadata.scope, ORIGIN, pod.maker.title)


def _implied(written: str, parts: dict[str, object]) -> list[str]:
    """The parts of a reference that nobody wrote."""
    implied = []
    if parts.get("registry") == "docker.io" and not written.startswith(_DOCKER_IO):
        implied.append("registry")
    if parts.get("tag") == "latest" and ":latest" not in written:
        implied.append("tag")
    return implied


def _put_security(facts: Facts, context: Node, here: Security, annotated: Found) -> None:
    put(facts, "privileged", context["privileged"].boolean().or_default(value=False))
    put(facts, "read_only", context["readOnlyRootFilesystem"].boolean().or_default(value=False))
    added = context["capabilities"].mapping()
    put(facts, "cap_add", capabilities(added["add"]))
    put(facts, "cap_drop", capabilities(added["drop"]))
    options = [option for option in _options(context, here, annotated) if option.value is not None]
    values = context.value if isinstance(context.value, Unknown) else [option.value for option in options]
    facts.put("security_opt", values or None, (*context.at, "allowPrivilegeEscalation"))
    for index, option in enumerate(options):
        facts.place(("security_opt", index), option.at)


def _options(context: Node, here: Security, annotated: Found) -> list[Found]:
    escalation = context["allowPrivilegeEscalation"].boolean()
    if isinstance(escalation.value, bool):
        escalation = Found(None if escalation.value else "no-new-privileges:true", escalation.at)
    unmasked = context["procMount"].text()
    masks = Found("systempaths=unconfined" if unmasked.value == "Unmasked" else None, unmasked.at)
    return [escalation, here.seccomp, here.apparmor.or_else(annotated), *here.selinux, masks]


def _put_user(facts: Facts, here: Security, image: Found) -> None:
    written = image.value if isinstance(image.value, str) else None
    put(facts, "user", user(here, written))
    put(facts, "runs_as_root", runs_as_root(here, written))


def _put_namespaces(facts: Facts, pod: Pod) -> None:
    shared = (
        ("network_mode", pod.host_network),
        ("pid", pod.host_pid),
        ("ipc", pod.host_ipc),
        ("userns_mode", pod.host_users),
    )
    for field, found in shared:
        unknown = isinstance(found.value, Unknown)
        facts.put(field, found.value if unknown else "host" if found.value else None, found.at)


def _put_ports(facts: Facts, ports: Node) -> None:
    """The ports that the node publishes; a ``containerPort`` alone publishes nothing."""
    if not isinstance(ports.value, list):
        facts.put("ports", ports.unknown(SEQUENCE) if ports.written else None, ports.at)
        return
    values: list[dict[str, object]] = []
    for item in ports.items():
        published = item["hostPort"].integer()
        if not published.value:
            continue
        parts = {
            "target": item["containerPort"].integer(),
            "published": published,
            "host_ip": item["hostIP"].text().or_default("0.0.0.0"),  # noqa: S104  # what Kubernetes binds
            "protocol": item["protocol"].text().or_default("TCP"),
        }
        for field, part in parts.items():
            facts.place(("ports", len(values), field), part.at)
            if part.how:
                facts.how(("ports", len(values), field), part.how)
        facts.place(("ports", len(values)), item.at)
        values.append({field: _spelt(field, part.value) for field, part in parts.items()})
    facts.put("ports", values or None, ports.at)


def _spelt(field: str, value: object) -> object:
    return value.lower() if field == "protocol" and isinstance(value, str) else value


def _put_limits(facts: Facts, node: Node) -> None:
    """Limits of memory and CPU. The kubelet sets none for 0."""
    limits = node["resources"].mapping()["limits"].mapping()
    memory = _quantity(limits["memory"])
    cpu = _quantity(limits["cpu"])
    facts.put("mem_limit", memory if isinstance(memory, Unknown) else math.ceil(memory) or None, limits["memory"].at)
    facts.put("cpus", cpu if isinstance(cpu, Unknown) else float(cpu) or None, limits["cpu"].at)


def _quantity(node: Node) -> Fraction | Unknown | int:
    written = node.text().value
    if not isinstance(written, str):
        return written if isinstance(written, Unknown) else 0
    value = quantity(written)
    if value is None:
        node.problem(f"{node.at[-1]} should be a quantity such as 64Mi or 500m")
        return Unknown(f"limits.{node.at[-1]}", "it is no quantity")
    return value if value > 0 else 0
