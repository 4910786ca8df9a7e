"""A matrix as a graph for Graphviz: https://graphviz.org/doc/info/lang.html"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.commands.firewall.groups import groups, shortened
from policyengine.commands.firewall.ports import words
from policyengine.outputs.style import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.commands.firewall.groups import Group
    from policyengine.commands.firewall.matrix import Matrix

_HEAD = """\
digraph firewall {
  rankdir=LR; fontname="sans-serif";
  node [shape=box, style=rounded, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=10];
"""


def render(matrices: Sequence[Matrix]) -> Iterator[str]:
    """A node for places that fare alike, an arrow for what reaches, dashed for what may; a cluster for each network."""
    yield _HEAD
    for number, made in enumerate(matrices):
        yield f'  subgraph "cluster_{number}" {{\n    label={_quoted(made.title)};\n'
        yield from (f"    {line}\n" for line in _lines(made, f"n{number}"))
        yield "  }\n"
    yield "}\n"


def _lines(made: Matrix, prefix: str) -> Iterator[str]:
    found = groups(made)
    ids = {group.first: f"{prefix}_{number}" for number, group in enumerate(found)}
    kinds = {one.name: one.kind for one in (*made.sources, *made.targets)}
    for group in found:
        shape = ", shape=ellipse" if kinds[group.first] == "zone" else ""
        yield f"{ids[group.first]} [label={_quoted(shortened(group.names))}{shape}];"
    for source in found:
        for target in found:
            yield from _arrows(source, target, made, ids)


def _arrows(source: Group, target: Group, made: Matrix, ids: Mapping[str, str]) -> Iterator[str]:
    pair = target.reached_from(source)
    if pair is None:
        return
    flows = made.between(*pair)
    for ports, look in ((flows.allowed, ""), (flows.unknown, ", style=dashed")):
        if ports:
            yield f"{ids[source.first]} -> {ids[target.first]} [label={_quoted(words(ports))}{look}];"


def _quoted(text: str) -> str:
    r"""A quoted string, in which a backslash would begin an escape: ``\l`` ends a line, ``\N`` is the node's name."""
    escaped = visible(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
