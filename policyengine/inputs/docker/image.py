"""Images of an engine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from policyengine.images.user import default_user
from policyengine.inputs.docker.added import copied_by_add
from policyengine.inputs.docker.config import healthcheck, put_environment, put_labels, put_list, sorted_keys
from policyengine.inputs.docker.snapshot import image_name
from policyengine.inputs.facts import Facts
from policyengine.model.kinds.dockerfile import HEALTHCHECK
from policyengine.model.kinds.image import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.model.resource import Resource

_FIELDS = (
    ("created", "Created"),
    ("architecture", "Architecture"),
    ("os", "Os"),
    ("variant", "Variant"),
    ("author", "Author"),
)
_CONFIG = (("user", "User"), ("workdir", "WorkingDir"), ("stop_signal", "StopSignal"), ("onbuild", "OnBuild"))
WINDOWS = "windows"
"""The operating system of images and containers of Windows."""
_TOO_LATE = 253_402_300_800
"""The year 10000, which no date has."""
_STEP = (("created_by", "CreatedBy"), ("size", "Size"), ("comment", "Comment"), ("tags", "Tags"))


def image(node: Node, snapshot: Snapshot) -> Resource:
    """One image. Its user is absent where its configuration names none, as a Dockerfile's is."""
    facts = Facts(KIND, snapshot.document, node.at, snapshot.context)
    _put_config(facts, node["Config"])
    facts.put("id", node["Id"].value, node["Id"].at)
    put_list(facts, "tags", node["RepoTags"])
    put_list(facts, "digests", node["RepoDigests"])
    for field, key in _FIELDS:
        facts.put(field, node[key].value or None, node[key].at)
    facts.put("default_user", default_user(windows=node["Os"].text == WINDOWS), node["Os"].at)
    facts.put("size", node["Size"].value, node["Size"].at)
    layers = node["RootFS"]["Layers"]
    facts.put("layers", len(layers.items()) if isinstance(layers.value, list) else None, layers.at)
    _put_history(facts, node["History"])
    if any(snapshot.context.wants("image", field) for field in ("calls", "packages")):
        from policyengine.inputs.docker.steps import put_steps

        put_steps(facts, node["History"])
    facts.put("in_use", _in_use(node, snapshot), node.at)
    return snapshot.resource(facts, image_name(node), node)


def _put_config(facts: Facts, config: Node) -> None:
    for field, key in _CONFIG:
        facts.put(field, config[key].value or None, config[key].at)
    put_environment(facts, config["Env"])
    for field, key in (("expose", "ExposedPorts"), ("volumes", "Volumes")):
        facts.put(field, sorted_keys(config[key]), config[key].at)
    check = healthcheck(config["Healthcheck"])
    told = {part: value for part, value in (check or {}).items() if part in HEALTHCHECK.fields}
    facts.put("healthcheck", told or None, config["Healthcheck"].at)
    for part in told:
        facts.place(("healthcheck", part), config["Healthcheck"]["Test"].at)
    put_labels(facts, config["Labels"])
    put_list(facts, "entrypoint", config["Entrypoint"])
    put_list(facts, "command", config["Cmd"])


def _put_history(facts: Facts, history: Node) -> None:
    steps = []
    for index, step in enumerate(history.items()):
        found = {field: step[key].value or None for field, key in _STEP}
        added = copied_by_add(found["created_by"]) if isinstance(found["created_by"], str) else None
        steps.append({**found, "created": _moment(step["Created"]), "copied_by_add": added})
        for field, key in (*_STEP, ("created", "Created"), ("copied_by_add", "CreatedBy")):
            facts.place(("history", index, field), step[key].at)
    facts.put("history", steps or history.value or None, history.at)


def _moment(created: Node) -> object:
    """Seconds since 1970 as the rest of the API tells moments; a value of another type as it is, to be reported."""
    if not isinstance(created.value, int) or not 0 < created.number < _TOO_LATE:
        return created.value or None
    return datetime.fromtimestamp(created.number, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _in_use(node: Node, snapshot: Snapshot) -> bool | Unknown:
    if node["Id"].text in snapshot.used_images:
        return True
    return False if snapshot.complete("containers") else Unknown("image.in_use", "not all containers are known")
