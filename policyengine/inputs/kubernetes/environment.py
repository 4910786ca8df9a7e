"""A container's environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import DEFAULT, SEQUENCE

if TYPE_CHECKING:
    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node


def put_environment(facts: Facts, env: Node) -> None:
    """Fill ``environment``: literal values, null for a value from elsewhere. Of equal names the last one counts."""
    facts.place(("environment",), env.at, hide=False)  # names may be shown; hiding.py sees to the values
    if not isinstance(env.value, list):
        facts.put("environment", env.unknown(SEQUENCE) if env.written else None)
        return
    values: dict[str, object] = {}
    for item in env.items():
        name = item["name"].text().value
        if not isinstance(name, str):
            item.problem("an environment variable needs a name")
            continue
        values[name] = _variable(facts, name, item)
    facts.put("environment", values)


def _variable(facts: Facts, name: str, item: Node) -> object:
    literal, elsewhere = item["value"].text(), item["valueFrom"]
    if elsewhere.written and literal.value is None:
        facts.place(("environment", name), elsewhere.at, hide=False)
        return None
    facts.place(("environment", name), literal.at)
    if literal.value is None:
        facts.how(("environment", name), DEFAULT)
        return ""
    return literal.value
