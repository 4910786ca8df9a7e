"""What containers' and images' configurations (``Config``) have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from policyengine.model.provenance import DECLARED, Provenance

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.facts import Facts

OCI = Provenance("default", "OCI image specification")
ENGINE = Provenance("default", "Docker Engine")
OWN_NAMESPACE = ("", "private", "none")
"""Modes of a namespace that is the container's own; Docker says nothing, Podman ``private``."""


def put_list(facts: Facts, field: str, node: Node, how: Provenance | None = None) -> None:
    """A list of strings; an empty one is no value."""
    facts.put(field, node.value or None, node.at, how)


def put_environment(
    facts: Facts, env: Node, of_image: frozenset[str] = frozenset(), inherited: Provenance = DECLARED
) -> None:
    """``NAME=value`` items as a map; those that ``of_image`` has as well are ``inherited``.

    A name alone, which the engine hands on without a value, is null. The last of equal names counts.
    """
    if env.value is not None and not isinstance(env.value, list):
        facts.put("environment", env.value, env.at)
        return
    values: dict[str, object] = {}
    for item in env.items():
        name, equals, value = item.text.partition("=")
        values[name] = value if equals else None
        facts.place(("environment", name), item.at)
        if item.text in of_image:
            facts.how(("environment", name), inherited)
    facts.put("environment", values or None, env.at)


def put_labels(facts: Facts, labels: Node, of_image: Node | None = None, inherited: Provenance = DECLARED) -> None:
    """A map of labels; those that ``of_image`` has with the same value are ``inherited``."""
    facts.put("labels", labels.value or None, labels.at)
    there = dict(of_image.entries()) if of_image else {}
    for name, label in labels.entries():
        if name in there and there[name].value == label.value:
            facts.how(("labels", name), inherited)


_DURATIONS = (
    ("interval", "Interval"),
    ("timeout", "Timeout"),
    ("start_period", "StartPeriod"),
    ("start_interval", "StartInterval"),
)
CHECK_PARTS = (("test", "Test"), ("retries", "Retries"), *_DURATIONS)
"""The fields of a health check and what the API calls them."""


def healthcheck(node: Node) -> dict[str, object] | None:
    """A health check; None where none is set. ``NONE`` switches off what a base sets, 0 stands for the default."""
    test = node["Test"]
    if test.texts == ["NONE"]:
        return {"test": ["NONE"], "disable": True}
    found = {"test": test.value or None, "retries": node["Retries"].value or None}
    durations = {part: _seconds(node[key]) for part, key in _DURATIONS}
    return {key: value for key, value in {**found, **durations}.items() if value is not None} or None


def _seconds(node: Node) -> object:
    """Nanoseconds as seconds; a value of another type as it is, to be reported."""
    return node.number / 1e9 if node.number else node.value or None


def sorted_keys(node: Node) -> object:
    """The keys of a mapping; a value of another type stays as it is, to be reported."""
    if isinstance(node.value, dict):
        return sorted(cast("dict[str, object]", node.value)) or None
    return node.value
