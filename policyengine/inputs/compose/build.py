"""How the image of a service is built: https://github.com/compose-spec/compose-spec/blob/main/build.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.inputs.compose.pairs import paired

if TYPE_CHECKING:
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_TEXTS = ("dockerfile", "target", "network")
_FLAGS = ("privileged", "pull", "no_cache")


def fill(facts: Facts, node: Node) -> None:
    """Give a container what its service says of the build; a text is the context."""
    written = node.get("build")
    if written is not None and not isinstance(written, dict):
        node.mark(facts, ("build", "context"), (*node.at, "build"))
        written = {"context": written}
    if not isinstance(written, dict):
        return
    at = (*node.at, "build")
    flags = {key: flag(written.get(key)) for key in _FLAGS}
    if flags["privileged"] is None:
        flags["privileged"] = False
        facts.how(("build", "privileged"), DEFAULT)
    built = {
        "context": _context(node, written.get("context")),
        **{key: written.get(key) for key in _TEXTS},
        **flags,
        "entitlements": written.get("entitlements"),
        "args": paired(facts, node, ("build", "args"), written.get("args"), (*at, "args")),
    }
    for key in ("dockerfile", "target", "network", *_FLAGS):
        node.mark(facts, ("build", key), (*at, key))
    node.put(facts, "build", built)


def _context(node: Node, written: object) -> object:
    """The context where nothing is written is the project's directory."""
    text = scalar_text(written)
    return written if text is None else node.rebased(text, (*node.at, "build", "context"))
