"""A container's environment variables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.kubernetes.node import DEFAULT, SEQUENCE, Found
from policyengine.inputs.kubernetes.parts import Listed, Parts, put_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.inputs.facts import Facts
    from policyengine.inputs.kubernetes.node import Node


def put_environment(facts: Facts, env: Node) -> None:
    """Fill ``environment``: literal values, null for a value from elsewhere. Of equal names the last one counts."""
    facts.place(("environment",), env.at, hide=False)  # names may be shown; hiding.py sees to the values
    if not isinstance(env.value, list):
        facts.put("environment", env.unknown(SEQUENCE) if env.written else None)
        return
    values: dict[str, object] = {}
    repeated: list[str] = []
    for item in env.items():
        name = item["name"].text().value
        if not isinstance(name, str):
            item.problem("an environment variable needs a name")
            continue
        if name in values:
            facts.place(("repeated_variables", len(repeated)), (*item.at, "name"))
            repeated.append(name)
        values[name] = _variable(facts, name, item)
    facts.put("environment", values)
    facts.put("repeated_variables", repeated or None, env.at)


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


def put_secrets(facts: Facts, env: Node, env_from: Node) -> None:
    """Fill ``environment_secrets`` from ``secretKeyRef`` and ``secretRef``."""
    found = [part for item in _mappings(env) for part in _key_of(item)]
    found += [part for item in _mappings(env_from) for part in _whole(item)]
    put_part(facts, "environment_secrets", Listed(found[0].at, list(found)) if found else Found(None, env.at))


def _mappings(node: Node) -> list[Node]:
    return [item for item in node.each() if isinstance(item.value, dict)] if isinstance(node.value, list) else []


def _key_of(item: Node) -> Iterator[Parts]:
    reference = item["valueFrom"]["secretKeyRef"]
    if isinstance(reference.value, dict):
        name = item["name"]  # what is mistyped in it is told by ``put_environment``
        variable = Found(name.value if isinstance(name.value, str) else None, name.at)
        yield Parts(reference.at, {"variable": variable, "secret": reference["name"].text()})


def _whole(item: Node) -> Iterator[Parts]:
    reference = item["secretRef"]
    if isinstance(reference.value, dict):
        yield Parts(reference.at, {"secret": reference["name"].text()})
