"""What containers and Dockerfiles leave to their images, and how it is filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.enrich.resolved import resolved
from policyengine.images.reference import parse
from policyengine.images.user import is_root
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import RESOLVE_IMAGE, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policyengine.model.resource import Resource

_LEFT_TO_BASE = ("user", "healthcheck")
"""What a Dockerfile that does not set it has from its base."""
_FACTS = ("image.user", "image.healthcheck")


def asked(resource: Resource) -> str | None:
    """The image that would settle what a resource leaves open; None where it leaves nothing open."""
    if resource.kind == "dockerfile":
        open_, reference = bool(_left_to_base(resource)), resource.facts.get("base")
    else:
        image = resource.facts.get("image")
        open_ = resource.kind == "container" and bool(_open(resource))
        reference = image.get("reference") if isinstance(image, dict) else None
    named = isinstance(reference, str) and reference != "scratch" and parse(reference) is not None
    return str(reference) if open_ and named else None


def _left_to_base(resource: Resource) -> list[str]:
    """What a Dockerfile does not set, or leaves to a base whose name says something of it."""
    values = {name: resource.facts.get(name) for name in _LEFT_TO_BASE}
    return [name for name, value in values.items() if value is None or _is_of_image(value)]


def _is_of_image(value: object) -> bool:
    return isinstance(value, Unknown) and value.fact in _FACTS


def _open(resource: Resource) -> dict[str, Unknown]:
    """The fields that are the image's matter, and what is missing of each."""
    facts = resource.facts
    check = facts.get("healthcheck")
    values = {
        "user": facts.get("user"),
        "runs_as_root": facts.get("runs_as_root"),
        "healthcheck": check.get("test") if isinstance(check, dict) else check,
    }
    return {name: value for name, value in values.items() if isinstance(value, Unknown) and _is_of_image(value)}


def settled(resource: Resource, reference: str, config: Mapping[str, object]) -> Resource:
    """A resource with what the configuration of its image says; an engine's API and the OCI have the same names."""
    user, check = _user(config), _healthcheck(config)
    if resource.kind == "dockerfile":
        of_base: dict[str, object] = {
            "user": user or ("root" if "user" in resource.facts else None),
            "healthcheck": check,
        }
        found = {name: of_base[name] for name in _left_to_base(resource) if of_base[name]}
    else:
        # An empty user is root (OCI image specification, config.User).
        of_image: dict[str, object] = {
            "user": user or "root",
            "runs_as_root": is_root(user),
            "healthcheck": _completed(resource, check),
        }
        found = {name: of_image[name] for name in _open(resource)}
    return resolved(resource, found, Provenance("inherited", f"image {reference}")) if found else resource


def _user(config: Mapping[str, object]) -> str:
    user = config.get("User")
    return user if isinstance(user, str) else ""


def _healthcheck(config: Mapping[str, object]) -> dict[str, object] | None:
    """An image's health check, None where it has none."""
    written = config.get("Healthcheck")
    test = written.get("Test") if isinstance(written, dict) else None
    if not isinstance(test, list) or not test:
        return None
    return {"test": test, **({"disable": True} if test == ["NONE"] else {})}


def _completed(resource: Resource, check: dict[str, object] | None) -> dict[str, object] | None:
    """The image's check with what the container writes of its own, which is all but the test."""
    own = resource.facts.get("healthcheck")
    if not isinstance(own, dict):
        return check
    return {**{key: value for key, value in own.items() if key != "test"}, **(check or {})}


def left_open(resource: Resource, why: str, settle: str | None) -> Resource:
    """Still unknown, with the reason, and what would settle it after all: None for the engine, if it was not asked."""
    facts: dict[str, object] = {}
    for name, value in _open(resource).items():
        other = "--resolve engine" if value.settle == RESOLVE_IMAGE else value.settle
        left = replace(value, why=f"{value.why}; {why}", settle=settle or other)
        own = resource.facts[name]
        facts[name] = {**own, "test": left} if isinstance(own, dict) else left
    return resolved(resource, facts, Provenance("unknown", settle or why)) if facts else resource
