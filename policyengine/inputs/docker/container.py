"""Containers of an engine, in the words of Compose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.images.reference import fields as image_fields
from policyengine.images.reference import implied
from policyengine.images.user import is_root
from policyengine.inputs import normal
from policyengine.inputs.docker.config import ENGINE, OCI, healthcheck, put_environment, put_labels, put_list
from policyengine.inputs.docker.ports import put_ports
from policyengine.inputs.docker.security import put_security
from policyengine.inputs.docker.snapshot import image_name, name_of
from policyengine.inputs.facts import Facts
from policyengine.model.kinds import image_ref
from policyengine.model.kinds.container import KIND
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.model.resource import Resource

_OWN_NAMESPACE = ("", "private", "none")
_PERIOD = 100_000


def container(node: Node, snapshot: Snapshot) -> Resource:
    """One container. What it has from its image is inherited: the engine copies the image's configuration."""
    facts = Facts(KIND, snapshot.document, node.at, snapshot.context)
    facts.put("name", name_of(node), node["Name"].at)
    facts.put("role", "main", node.at, ENGINE)
    facts.put("state", node["State"]["Status"].value, node["State"]["Status"].at)
    _put_image(facts, node, snapshot)
    _put_config(facts, node["Config"], snapshot.image_of(node)["Config"], f"image {_reference(node, snapshot)}")
    put_security(facts, node, snapshot)
    _put_namespaces(facts, node, snapshot)
    _put_networks(facts, node, snapshot)
    put_ports(facts, node, snapshot)
    _put_volumes(facts, node)
    _put_devices(facts, node["HostConfig"]["Devices"])
    _put_limits(facts, node["HostConfig"])
    _put_restart(facts, node["HostConfig"]["RestartPolicy"])
    return snapshot.resource(facts, name_of(node), node)


def image_reference(node: Node, snapshot: Snapshot) -> Resource:
    """The reference to a container's image, as it was given to the engine."""
    at = node["Config"]["Image"].at
    reference = _reference(node, snapshot)
    facts = Facts(image_ref.KIND, snapshot.document, at, snapshot.context)
    parts, left_out = _parts(reference), implied(reference)
    for part in image_ref.FIELDS:
        facts.put(part, parts.get(part), at, ENGINE if part in left_out else None)
    facts.put("used_by", "container", at)
    return snapshot.resource(facts, name_of(node), node)


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
    return {**dict.fromkeys(("registry", "repository", "name", "tag", "digest"), unknown), "reference": reference}


def _put_image(facts: Facts, node: Node, snapshot: Snapshot) -> None:
    at = node["Config"]["Image"].at
    reference = _reference(node, snapshot)
    parts = _parts(reference) if reference else {}
    facts.put("image", parts or None, at)
    for part in image_ref.FIELDS:
        facts.place(("image", part), at)
    for part in implied(reference):
        facts.how(("image", part), ENGINE)


def _put_config(facts: Facts, config: Node, of_image: Node, image: str) -> None:
    inherited = Provenance("inherited", image)
    for field, key in (("command", "Cmd"), ("entrypoint", "Entrypoint")):
        put_list(facts, field, config[key], inherited if config[key].value == of_image[key].value else None)
    _put_user(facts, config["User"], inherited if config["User"].value == of_image["User"].value else None)
    put_environment(facts, config["Env"], frozenset(of_image["Env"].texts), image)
    put_labels(facts, config["Labels"], of_image["Labels"], image)
    check = config["Healthcheck"]
    same = check["Test"].value == of_image["Healthcheck"]["Test"].value
    facts.put("healthcheck", healthcheck(check), check.at, inherited if same else None)
    for part in ("test", "disable"):
        facts.place(("healthcheck", part), check["Test"].at)


def _put_user(facts: Facts, user: Node, inherited: Provenance | None) -> None:
    """The engine copies the image's user where the container sets none; where neither does it is root."""
    written = "" if user.value is None else scalar_text(user.value)
    how = inherited if written else OCI
    facts.put("user", user.value if written is None else written or "root", user.at, how)
    facts.put("runs_as_root", facts["user"] if written is None else is_root(written), user.at, how)


def _put_namespaces(facts: Facts, node: Node, snapshot: Snapshot) -> None:
    host = node["HostConfig"]
    for field, key in (("pid", "PidMode"), ("ipc", "IpcMode")):
        mode = host[key]
        own = mode.value is None or mode.value in _OWN_NAMESPACE
        facts.put(field, None if own else _named(mode, snapshot), mode.at)
    facts.put("userns_mode", host["UsernsMode"].value or None, host["UsernsMode"].at)


def _named(mode: Node, snapshot: Snapshot) -> object:
    """``container:ID`` with the container's name for its id."""
    kind, colon, id_ = mode.text.partition(":")
    return f"container:{snapshot.container_name(id_)}" if colon and kind == "container" else mode.value


def _put_networks(facts: Facts, node: Node, snapshot: Snapshot) -> None:
    mode = node["HostConfig"]["NetworkMode"]
    facts.put("network_mode", _network_mode(mode, snapshot), mode.at)
    networks = node["NetworkSettings"]["Networks"]
    names = [name for name, _ in networks.entries()]
    facts.put("networks", names or None, networks.at)
    for index, name in enumerate(names):
        facts.place(("networks", index), networks[name].at)


def _network_mode(mode: Node, snapshot: Snapshot) -> object:
    """``default`` is the engine's own bridge; a network that somebody made is no mode."""
    if mode.value in ("", "default"):
        return "bridge"
    special = mode.text in ("host", "none", "bridge") or mode.text.startswith("container:")
    return _named(mode, snapshot) if special or not mode.text else None


def _put_volumes(facts: Facts, node: Node) -> None:
    """Mounts, and the tmpfs that only the host configuration tells of."""
    mounts, tmpfs = node["Mounts"], node["HostConfig"]["Tmpfs"]
    if mounts.value is not None and not isinstance(mounts.value, list):
        facts.put("volumes", mounts.value, mounts.at)
        return
    volumes = [_mount(facts, mount, index) for index, mount in enumerate(mounts.items())]
    for path, options in tmpfs.entries():
        facts.place(("volumes", len(volumes)), options.at)
        volumes.append({"type": "tmpfs", "target": path, "read_only": "ro" in options.text.split(",")})
    facts.put("volumes", volumes or None, mounts.at)


def _mount(facts: Facts, mount: Node, index: int) -> dict[str, object]:
    source = mount["Name"] if mount["Type"].text == "volume" else mount["Source"]
    facts.place(("volumes", index), mount.at)
    for field, node in (("source", source), ("target", mount["Destination"]), ("read_only", mount["RW"])):
        facts.place(("volumes", index, field), node.at)
    facts.place(("volumes", index, "type"), mount["Type"].at)
    found: dict[str, object] = {"type": mount["Type"].value, "target": mount["Destination"].value}
    if source.text:
        found["source"] = normal.host_path(source.text)
    return {**found, "read_only": not mount["RW"].true}


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
