"""The image of a service, and what it leaves to its image."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.images.reference import fields as reference_fields
from policyengine.images.reference import implied
from policyengine.images.user import is_root
from policyengine.inputs.compose.node import DEFAULT
from policyengine.inputs.compose.partial import missing_part
from policyengine.inputs.facts import Facts
from policyengine.model.kinds.image_ref import FIELDS, KIND
from policyengine.model.unknown import RESOLVE_IMAGE, Unknown

if TYPE_CHECKING:
    from policyengine.inputs.compose.node import Node
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope

_PARTS = tuple(FIELDS)
_REMOTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://|[^/]*@|github\.com/").match
"""https://docs.docker.com/build/concepts/context/#remote-context"""


def fill(facts: Facts, node: Node) -> None:
    """Give a container its image, its user, and whether that is root."""
    written, built = node.text("image"), node.get("build") is not None
    key = "build" if built and written is None else "image"
    for part in _PARTS:
        node.mark(facts, ("image", part), (*node.at, key))
    node.mark(facts, ("image", "built"), (*node.at, "build"))
    node.put(facts, "image", _image(written, built), key)
    for part in _left_out(written):
        facts.how(("image", part), DEFAULT)
    _fill_user(facts, node)


def image_ref(node: Node, scope: Scope, origin: str) -> Resource | None:
    """The reference to an image that a service pulls, None when it pulls none.

    Beside ``build``, ``image`` only names what is built.
    """
    written = node.text("image")
    if written is None or node.get("build") is not None:
        return None
    facts = Facts(KIND, node.document, (*node.at, "image"), node.context)
    parts = _parts(written)
    for part in _PARTS:
        node.put(facts, part, parts.get(part), "image")
    for part in _left_out(written):
        facts.how((part,), DEFAULT)
    facts.put("used_by", "container", (*node.at, "image"))
    return facts.resource(node.name, scope, origin, f"service/{node.name}")


def _image(written: str | Unknown | None, built: bool) -> object:
    if not built:
        return None if written is None else written if isinstance(written, Unknown) else _parts(written)
    return {"built": True} if written is None else {**_parts(written), "built": True}


def _parts(written: str | Unknown) -> dict[str, object]:
    return dict.fromkeys(_PARTS, written) if isinstance(written, Unknown) else reference_fields(written)


def _left_out(written: str | Unknown | None) -> frozenset[str]:
    return implied(written) if isinstance(written, str) else frozenset()


def _fill_user(facts: Facts, node: Node) -> None:
    user = node.text("user") or left_to_image(node, "image.user", "the user")
    node.put(facts, "user", user)
    node.put(facts, "runs_as_root", user if isinstance(user, Unknown) else is_root(user), "user")


def left_to_image(node: Node, fact: str, what: str) -> Unknown:
    """Something that a service does not say, so that it is what its image says."""
    part = missing_part(node)
    if part is not None:
        return part
    image = node.text("image")
    if isinstance(image, Unknown):
        return Unknown(fact, f"{what} depends on the image: {image.why}", image.settle)
    if image is not None:
        return Unknown(fact, f"{what} depends on the image {image}", RESOLVE_IMAGE)
    path = node.get("build") if isinstance(node.get("build"), str) else node.text("build", "context")
    return Unknown(fact, f"{what} depends on the image that is built from {_shown(path)}")


def _shown(path: object) -> str:
    """A build context in words; a URL may hold a token."""
    if not isinstance(path, str) or not path:
        return "this project"
    return "a remote context" if _REMOTE(path) else path
