"""Containers of an engine, in the words of Compose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.images.reference import PARTS, implied
from policyengine.images.reference import fields as image_fields
from policyengine.images.user import default_user, is_root
from policyengine.inputs.docker.config import (
    CHECK_PARTS,
    ENGINE,
    OCI,
    OWN_NAMESPACE,
    healthcheck,
    put_environment,
    put_labels,
    put_list,
)
from policyengine.inputs.docker.execs import put_execs
from policyengine.inputs.docker.image import WINDOWS
from policyengine.inputs.docker.options import joins, put_options
from policyengine.inputs.docker.podman import mend
from policyengine.inputs.docker.ports import put_ports
from policyengine.inputs.docker.security import put_security
from policyengine.inputs.docker.snapshot import image_name, name_of
from policyengine.inputs.docker.task import of_service
from policyengine.inputs.docker.volumes import put_volumes
from policyengine.inputs.facts import Facts
from policyengine.inputs.normal import restart_limit
from policyengine.model.kinds import image_ref
from policyengine.model.kinds.container import KIND
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.model.resource import Resource

_PERIOD = 100_000


def container(node: Node, snapshot: Snapshot) -> Iterator[Resource]:
    """One container, and the reference to its image.

    What it has from its image is inherited: the engine copies the image's configuration.
    """
    reference = _reference(node, snapshot)
    parts = _parts(reference) if reference else {}
    yield _container(node, snapshot, reference, parts)
    yield _image_reference(node, snapshot, reference, parts)


def _container(node: Node, snapshot: Snapshot, reference: str, parts: dict[str, object]) -> Resource:
    facts = Facts(KIND, snapshot.document, node.at, snapshot.context)
    of_image, inherited = snapshot.image_of(node)["Config"], Provenance("inherited", f"image {reference}")
    facts.put("name", name_of(node), node["Name"].at)
    facts.put("role", "main", node.at, ENGINE)
    facts.put("windows", node["Platform"].text == WINDOWS, node["Platform"].at)
    state, config = node["State"]["Status"], node["Config"]
    facts.put("state", state.value, state.at)
    _put_image(facts, config["Image"], reference, parts)
    _put_config(facts, config, of_image, inherited)
    as_image = inherited if config["User"].value == of_image["User"].value else None
    _put_user(facts, config["User"], as_image, windows=node["Platform"].text == WINDOWS)
    put_options(facts, node, snapshot, of_image, inherited)
    put_security(facts, node, snapshot)
    _put_namespaces(facts, node, snapshot)
    _put_networks(facts, node, snapshot)
    put_ports(facts, node, snapshot)
    put_volumes(facts, node, snapshot)
    put_execs(facts, node)
    _put_devices(facts, node["HostConfig"]["Devices"])
    _put_limits(facts, node["HostConfig"])
    _put_restart(facts, node["HostConfig"]["RestartPolicy"])
    if snapshot.is_podman:
        mend(facts, node)
    return of_service(snapshot.resource(facts, name_of(node), node), node)


def _image_reference(node: Node, snapshot: Snapshot, reference: str, parts: dict[str, object]) -> Resource:
    """The reference to a container's image, as it was given to the engine."""
    at = node["Config"]["Image"].at
    facts = Facts(image_ref.KIND, snapshot.document, at, snapshot.context)
    left_out = implied(reference)
    for part in image_ref.FIELDS:
        facts.put(part, parts.get(part), at, ENGINE if part in left_out else None)
    facts.put("used_by", "container", at)
    return of_service(snapshot.resource(facts, name_of(node), node), node)


def _reference(node: Node, snapshot: Snapshot) -> str:
    """The reference that the container was made with; for an image's id its tag, where it has one."""
    written, image = node["Config"]["Image"].text, snapshot.image_of(node)
    id_ = image["Id"].text or node["Image"].text
    if written and written not in image["RepoTags"].texts and _is_id(written, id_):
        return image_name(image) if image.value else f"sha256:{written.removeprefix('sha256:')}"
    return written or id_


def _is_id(written: str, id_: str) -> bool:
    """Whether a reference is (the beginning of) an image's id."""
    return id_.removeprefix("sha256:").startswith(written.removeprefix("sha256:"))


def _parts(reference: str) -> dict[str, object]:
    if not reference.startswith("sha256:"):
        return image_fields(reference)
    unknown = Unknown("image", "the container was made from an image's id, and the image has no tag")
    return {**dict.fromkeys(PARTS, unknown), "reference": reference}


def _put_image(facts: Facts, written: Node, reference: str, parts: dict[str, object]) -> None:
    facts.put("image", parts or None, written.at)
    for part in image_ref.FIELDS:
        facts.place(("image", part), written.at)
    for part in implied(reference):
        facts.how(("image", part), ENGINE)


def _put_config(facts: Facts, config: Node, of_image: Node, inherited: Provenance) -> None:
    for field, key in (("command", "Cmd"), ("entrypoint", "Entrypoint")):
        node = config[key]
        put_list(facts, field, node, inherited if node.value == of_image[key].value else None)
    put_environment(facts, config["Env"], frozenset(of_image["Env"].texts), inherited)
    put_labels(facts, config["Labels"], of_image["Labels"], inherited)
    check = config["Healthcheck"]
    same = check.value == of_image["Healthcheck"].value
    facts.put("healthcheck", healthcheck(check), check.at, inherited if same else None)
    facts.place(("healthcheck", "disable"), check["Test"].at)
    for part, key in CHECK_PARTS:
        node = check[key]
        facts.place(("healthcheck", part), node.at)
        if not same and node.value and node.value == of_image["Healthcheck"][key].value:
            facts.how(("healthcheck", part), inherited)


def _put_user(facts: Facts, user: Node, inherited: Provenance | None, *, windows: bool) -> None:
    """The engine copies the image's user where the container sets none; where neither does it is the default one.

    On Windows nobody is uid 0.
    """
    written = "" if user.value is None else scalar_text(user.value)
    how = inherited if written else OCI
    facts.put("user", user.value if written is None else written or default_user(windows=windows), user.at, how)
    is_zero = not windows and written is not None and is_root(written)
    facts.put("runs_as_root", facts["user"] if written is None else is_zero, user.at, how)


def _put_namespaces(facts: Facts, node: Node, snapshot: Snapshot) -> None:
    host = node["HostConfig"]
    for field, key in (("pid", "PidMode"), ("ipc", "IpcMode")):
        mode = host[key]
        own = mode.value is None or mode.value in OWN_NAMESPACE
        facts.put(field, None if own else _named(mode, snapshot), mode.at)
    facts.put("userns_mode", host["UsernsMode"].value or None, host["UsernsMode"].at)


def _named(mode: Node, snapshot: Snapshot) -> object:
    """``container:ID`` with the container's name for its id."""
    kind, colon, id_ = mode.text.partition(":")
    return f"container:{snapshot.container_name(id_)}" if colon and kind == "container" else mode.value


def _put_networks(facts: Facts, node: Node, snapshot: Snapshot) -> None:
    mode = node["HostConfig"]["NetworkMode"]
    found = _network_mode(mode, snapshot)
    facts.put("network_mode", found, mode.at)
    networks = node["NetworkSettings"]["Networks"]
    # Podman lists those of the container whose network is shared.
    names = [] if joins(mode) else [name for name, _ in networks.entries()]
    facts.put("networks", names or None, networks.at)
    for index, name in enumerate(names):
        facts.place(("networks", index), networks[name].at)
    # What it was made with, unless the engine says that it has been moved to other networks since.
    facts.put("default_bridge", found == "bridge" and (not names or "bridge" in names), mode.at)


def _network_mode(mode: Node, snapshot: Snapshot) -> object:
    """``default`` is the engine's own bridge; a network that somebody made is no mode."""
    if mode.value in ("", "default"):
        return "bridge"
    special = mode.text in ("host", "none", "bridge") or joins(mode)
    return _named(mode, snapshot) if special or not mode.text else None


def _put_devices(facts: Facts, devices: Node) -> None:
    found = []
    for index, device in enumerate(devices.items()):
        parts = (device[key].text for key in ("PathOnHost", "PathInContainer", "CgroupPermissions"))
        found.append(":".join(part for part in parts if part))
        facts.place(("devices", index), device.at)
    facts.put("devices", found or devices.value or None, devices.at)


def _put_limits(facts: Facts, host: Node) -> None:
    """0 is no limit, and so is a negative number of processes."""
    memory, pids = host["Memory"], host["PidsLimit"]
    facts.put("mem_limit", _limit(memory), memory.at)
    facts.put("pids_limit", _limit(pids), pids.at)
    nano, quota = host["NanoCpus"], host["CpuQuota"]
    if _limit(nano) is not None:
        facts.put("cpus", nano.number / 1e9 if nano.number else nano.value, nano.at)
    else:
        period = host["CpuPeriod"].number or _PERIOD
        facts.put("cpus", quota.number / period if quota.number > 0 else None, quota.at)


def _limit(node: Node) -> object:
    """A number above 0; a value of another type as it is, to be reported."""
    known = isinstance(node.value, int) and not isinstance(node.value, bool)
    return (node.value if node.number > 0 else None) if known else node.value


def _put_restart(facts: Facts, policy: Node) -> None:
    name, retries = policy["Name"], policy["MaximumRetryCount"].number
    if not name.text:
        facts.put("restart", "no", policy.at, ENGINE)
    else:
        facts.put("restart", f"{name.text}:{retries}" if retries else name.text, name.at)
    facts.put("restart_limit", restart_limit(str(facts["restart"])), name.at if name.text else policy.at)
