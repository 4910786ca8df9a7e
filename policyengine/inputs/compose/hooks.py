"""Commands that run in a container when it has started or is to stop.

https://github.com/compose-spec/compose-spec/blob/main/05-services.md#post_start
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.compose.node import DEFAULT, flag
from policyengine.inputs.compose.pairs import paired
from policyengine.inputs.compose.words import words

if TYPE_CHECKING:
    from policyengine.documents.document import DocPath
    from policyengine.inputs.compose.node import Node
    from policyengine.inputs.facts import Facts

_EVENTS = ("post_start", "pre_stop")
_TEXTS = ("user", "working_dir")


def fill(facts: Facts, node: Node) -> None:
    """Give a container its hooks, those after the start first."""
    found: list[object] = []
    for event in _EVENTS:
        written = node.get(event)
        if written is not None and not isinstance(written, list):
            node.put(facts, "hooks", written, event)
            return
        for index, item in enumerate(written or ()):
            found.append(_hook(facts, node, len(found), event, item, (*node.at, event, index)))
    if found:
        first = next(event for event in _EVENTS if node.get(event))
        node.put(facts, "hooks", found, first)


def _hook(facts: Facts, node: Node, index: int, event: str, item: object, at: DocPath) -> object:
    node.mark(facts, ("hooks", index), at)
    if not isinstance(item, dict):
        return item
    command = item.get("command")
    if isinstance(command, str):
        command = words(command)
        for word in range(len(command)):
            node.mark(facts, ("hooks", index, "command", word), (*at, "command"))
    hook = {
        "event": event,
        "command": command,
        "privileged": flag(item.get("privileged")),
        "environment": paired(
            facts, node, ("hooks", index, "environment"), item.get("environment"), (*at, "environment")
        ),
        **{key: item.get(key) for key in _TEXTS},
    }
    if hook["privileged"] is None:
        hook["privileged"] = False
        facts.how(("hooks", index, "privileged"), DEFAULT)
    for key in ("command", "privileged", *_TEXTS):
        node.mark(facts, ("hooks", index, key), (*at, key))
    return hook
