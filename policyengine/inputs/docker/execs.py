"""Commands that were started in a container: ``docker exec``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.images.user import is_root
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from policyengine.inputs.docker.node import Node
    from policyengine.inputs.facts import Facts

TOLD = "Execs"
"""The key of a container of a snapshot with what ``/exec/ID/json`` answers for each of its ``ExecIDs``."""

_UNTOLD = Unknown("container.execs", "what was started in the container was not asked for")


def put_execs(facts: Facts, container: Node) -> None:
    """What was started; unknown where the engine names commands and was not asked for them."""
    told, ids = container[TOLD], container["ExecIDs"]
    found: list[dict[str, object]] = []
    for item in told.items():
        _place(facts, len(found), item)
        found.append(_exec(item, container["Config"]["User"]))
    facts.put("execs", _UNTOLD if ids.value and told.value is None else found or told.value or None, told.at)


def _exec(item: Node, own: Node) -> dict[str, object]:
    """The engine writes down the container's user where none was asked for; root in a container of root is that too."""
    process = item["ProcessConfig"]
    program, arguments = process["entrypoint"], process["arguments"]
    users = (process["user"].text, own.text)
    asked = None if users[0] == users[1] or all(map(is_root, users)) else process["user"].value
    return {
        "command": [text for text in (program.text, *arguments.texts) if text] or None,
        **({"user": asked} if asked else {}),
        "privileged": process["privileged"].true,
        "running": item["Running"].true,
    }


def _place(facts: Facts, index: int, item: Node) -> None:
    facts.place(("execs", index), item.at)
    for field in ("user", "privileged"):
        facts.place(("execs", index, field), item["ProcessConfig"][field].at)
