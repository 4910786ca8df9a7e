"""Images of an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.docker.config import healthcheck, put_environment, put_labels, put_list, sorted_keys
from policyengine.inputs.docker.snapshot import image_name
from policyengine.inputs.facts import Facts
from policyengine.model.kinds.image import KIND
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.docker.snapshot import Snapshot
    from policyengine.model.resource import Resource


def image(node: Node, snapshot: Snapshot) -> Resource:
    """One image. Its user is absent where its configuration names none, as a Dockerfile's is."""
    facts = Facts(KIND, snapshot.document, node.at, snapshot.context)
    _put_config(facts, node["Config"])
    facts.put("id", node["Id"].value, node["Id"].at)
    put_list(facts, "tags", node["RepoTags"])
    put_list(facts, "digests", node["RepoDigests"])
    for field, key in (("created", "Created"), ("size", "Size"), ("architecture", "Architecture"), ("os", "Os")):
        facts.put(field, node[key].value, node[key].at)
    facts.put("in_use", _in_use(node, snapshot), node.at)
    return snapshot.resource(facts, image_name(node), node)


def _put_config(facts: Facts, config: Node) -> None:
    facts.put("user", config["User"].value or None, config["User"].at)
    put_environment(facts, config["Env"])
    facts.put("expose", sorted_keys(config["ExposedPorts"]), config["ExposedPorts"].at)
    check = healthcheck(config["Healthcheck"])
    facts.put("healthcheck", {"test": check["test"]} if check else None, config["Healthcheck"].at)
    facts.place(("healthcheck", "test"), config["Healthcheck"]["Test"].at)
    put_labels(facts, config["Labels"])
    put_list(facts, "entrypoint", config["Entrypoint"])
    put_list(facts, "command", config["Cmd"])
    facts.put("workdir", config["WorkingDir"].value or None, config["WorkingDir"].at)


def _in_use(node: Node, snapshot: Snapshot) -> bool | Unknown:
    if snapshot.root["containers"].value is None:
        return Unknown("image.in_use", "the snapshot does not say which containers there are")
    return node["Id"].text in snapshot.used_images
