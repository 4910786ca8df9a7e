"""What is no text in files, in facts and names."""

from __future__ import annotations

from policyengine.inputs.authentication.legible import legible
from policyengine.inputs.authentication.origins import WrittenOrigins
from policyengine.model.resource import Resource
from policyengine.model.scope import Scope
from policyengine.model.unknown import OpenList, OpenMap, Unknown

WHY = Unknown("f", "because")


def of(name: str, facts: dict[str, object]) -> Resource:
    return Resource("sudoers", name, "host", Scope("host", "a"), facts, WrittenOrigins("a", {}, {}, {}))


def test_text_is_left_as_it_is() -> None:
    resource = of("é", {"a": ["b", {"c": WHY, "d": 1}], "e": "�"})
    assert legible(resource) is resource


def test_other_bytes_are_replaced_wherever_they_are() -> None:
    found = legible(of("x\udcff", {"a": "b\udc80\udc81", "c\udcfe": [{"d": ["\udcff", 1, WHY]}]}))
    assert (found.name, found.facts) == ("x�", {"a": "b��", "c�": [{"d": ["�", 1, WHY]}]})


def test_what_is_open_stays_open() -> None:
    found = legible(of("x", {"l": OpenList(["\udcff"], WHY), "m": OpenMap({"k": "\udcff"}, WHY, null=True)})).facts
    listed, mapped = found["l"], found["m"]
    assert isinstance(listed, OpenList)
    assert isinstance(mapped, OpenMap)
    assert (listed, listed.unknown, mapped, mapped.unknown, mapped.null) == (["�"], WHY, {"k": "�"}, WHY, True)
