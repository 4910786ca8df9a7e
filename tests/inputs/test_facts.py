"""Facts: values brought to the model's types, where they stand, how they came about, and what is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.documents.scalars import resolve
from policyengine.documents.yaml import YamlDocument
from policyengine.inputs.context import Context
from policyengine.inputs.facts import Facts, scalar
from policyengine.model.provenance import ABSENT, DECLARED, Provenance
from policyengine.model.resource import Owner
from policyengine.model.scope import Scope
from policyengine.model.types import (
    BOOLEAN,
    INTEGER,
    LABELS,
    NUMBER,
    STRING,
    STRINGS,
    Field,
    Kind,
    Type,
    list_of,
    map_of,
    object_of,
)
from policyengine.model.unknown import Unknown
from tests.judging import shown_line

if TYPE_CHECKING:
    from policyengine.model.resource import Resource

KIND = Kind(
    "thing",
    "A thing",
    {
        "name": Field(STRING, "its name"),
        "on": Field(BOOLEAN, "it is on"),
        "size": Field(INTEGER, "how large it is"),
        "ratio": Field(NUMBER, "a part of something"),
        "words": Field(STRINGS, "some words"),
        "labels": Field(LABELS, "labels"),
        "ports": Field(list_of(object_of(target=Field(INTEGER, "the port"), host=Field(STRING, "the host"))), "ports"),
        "secrets": Field(map_of(Type("string", nullable=True)), "values", sensitive=True),
    },
)
UNKNOWN = Unknown("image.user", "nobody wrote it", "--resolve engine")

TEXT = """\
thing:
  name: web
  size: 3
  ports:
    - {port: 80, host: a}
    - {port: 81}
  secrets:
    A: hunter2
    B: [hunter2]
"""


def facts() -> tuple[Facts, Context, YamlDocument]:
    document, context = YamlDocument("a.yaml", TEXT), Context()
    return Facts(KIND, document, (0, "thing"), context), context, document


def finished(facts: Facts) -> Resource:
    return facts.resource("web", Scope("test", "s"), "yaml", "parent/x", {"name": Owner("pod", "p")})


TYPED = [
    ("name", "a", "a"),
    ("name", resolve("yes"), "yes"),
    ("name", resolve("0x10"), "0x10"),
    ("name", True, "true"),
    ("on", resolve("yes"), True),
    ("on", resolve("off"), False),
    ("on", False, False),
    ("size", 3, 3),
    ("size", resolve("010"), 8),
    ("ratio", 3, 3),
    ("ratio", 0.5, 0.5),
    ("words", ["a", 1, resolve("no")], ["a", "1", "no"]),
    ("words", [], []),
    ("labels", {"a": 1, "b": True}, {"a": "1", "b": "true"}),
    ("secrets", {"a": None, "b": 1.5}, {"a": None, "b": "1.5"}),
    ("ports", [{"target": 80, "host": None}], [{"target": 80}]),
    ("name", UNKNOWN, UNKNOWN),
    ("words", ["a", UNKNOWN], ["a", UNKNOWN]),
    ("ports", [{"target": UNKNOWN}], [{"target": UNKNOWN}]),
]


@pytest.mark.parametrize(("field", "value", "typed"), TYPED)
def test_values_are_brought_to_the_model_s_types(field: str, value: object, typed: object) -> None:
    collected, context, _ = facts()
    collected.put(field, value)
    found = finished(collected).facts[field]
    assert (found, type(found)) == (typed, type(typed) if field != "size" else type(found))
    assert context.problems == []


MISTYPED = [
    ("name", ["x"], "name should be a string, not a sequence", "name"),
    ("name", {}, "name should be a string, not a mapping", "name"),
    ("on", "true", "on should be a boolean, not a string", "on"),
    ("on", 1, "on should be a boolean, not an integer", "on"),
    ("size", True, "size should be an integer, not a boolean", "size"),
    ("size", 1.0, "size should be an integer, not a number", "size"),
    ("size", "1", "size should be an integer, not a string", "size"),
    ("ratio", "1", "ratio should be a number, not a string", "ratio"),
    ("words", "a", "words should be a sequence, not a string", "words"),
    ("labels", ["a"], "labels should be a mapping, not a sequence", "labels"),
    ("ports", {"target": 1}, "ports should be a sequence, not a mapping", "ports"),
]


@pytest.mark.parametrize(("field", "value", "message", "fact"), MISTYPED)
def test_another_type_is_a_problem_and_the_field_unknown(field: str, value: object, message: str, fact: str) -> None:
    collected, context, _ = facts()
    collected.put(field, value, (0, "thing", "size"))
    found = finished(collected).facts[field]
    assert isinstance(found, Unknown)
    assert found.fact == fact
    assert [(problem.message, problem.line, problem.column) for problem in context.problems] == [(message, 3, 9)]


INSIDE: list[tuple[str, object, list[str]]] = [
    (
        "words",
        ["a", None, []],
        ["words[1] should be a string, not null", "words[2] should be a string, not a sequence"],
    ),
    ("labels", {"a.b/c": []}, ['labels["a.b/c"] should be a string, not a sequence']),
    ("ports", [{"target": "http"}], ["ports[0].target should be an integer, not a string"]),
    ("ports", [7], ["ports[0] should be a mapping, not an integer"]),
    ("secrets", {"A": ["hunter2"]}, ['secrets["A"] should be a string, not a sequence']),
]


@pytest.mark.parametrize(("field", "value", "messages"), INSIDE)
def test_only_what_is_mistyped_inside_a_value_is_unknown(field: str, value: object, messages: list[str]) -> None:
    collected, context, _ = facts()
    collected.put(field, value)
    found = finished(collected).facts[field]
    assert isinstance(found, dict | list)
    inside = list(found.values() if isinstance(found, dict) else found)
    unknown = [item for item in inside if isinstance(item, Unknown)]
    unknown += [value for item in inside if isinstance(item, dict) for value in item.values()]
    assert [problem.message for problem in context.problems] == messages
    assert {item.fact for item in unknown} == {"ports.target" if ".target" in messages[0] else field}
    assert "hunter2" not in repr(context.problems)


def test_places() -> None:
    collected, _, _ = facts()
    collected.put("name", "web", (0, "thing", "name"))
    collected.put("on", None, (0, "thing", "on"))
    collected.put("ports", [{"target": 80, "host": "a"}, {"target": 81}], (0, "thing", "ports"))
    collected.place(("ports", 0, "target"), (0, "thing", "ports", 0, "port"))
    where = finished(collected).where
    paths = [
        (),
        ("name",),
        ("on",),
        ("size",),
        ("labels",),
        ("ports", 0, "host"),
        ("ports", 0, "target"),
        ("ports", 1, "x"),
    ]
    assert [(where(path).line, where(path).column) for path in paths] == [
        (1, 1),
        (2, 9),
        (1, 1),
        (3, 9),
        (1, 1),
        (5, 24),
        (5, 14),
        (6, 8),
    ]


def test_provenance() -> None:
    default, inherited = Provenance("default", "Kubernetes"), Provenance("inherited", "nginx")
    collected, _, _ = facts()
    collected.put("name", UNKNOWN)
    collected.put("on", value=False, how=default)
    collected.put("ports", [{"target": 80, "host": UNKNOWN}], how=inherited)
    collected.how(("ports", 0, "target"), default)
    collected.put("secrets", {"a": None, "b": "x"})
    provenance = finished(collected).provenance
    asked: list[tuple[tuple[str | int, ...], Provenance]] = [
        (("name",), Provenance("unknown", "--resolve engine")),
        (("name", "below"), Provenance("unknown", "--resolve engine")),
        (("on",), default),
        (("size",), ABSENT),
        (("ports",), inherited),
        (("ports", 0), inherited),
        (("ports", 0, "target"), default),
        (("ports", 0, "host"), Provenance("unknown", "--resolve engine")),
        (("ports", 1), ABSENT),
        (("secrets", "a"), ABSENT),
        (("secrets", "b"), DECLARED),
    ]
    assert [(path, provenance(path)) for path, _ in asked] == asked


def test_sensitive_fields_are_hidden_where_they_stand() -> None:
    collected, _, document = facts()
    collected.put("secrets", {"A": "hunter2"}, (0, "thing", "secrets"))
    assert [document.excerpt(line) for line in (2, 8, 9)] == ["  name: web", "    A: ****", "    B: [****]"]
    found = finished(collected)
    assert shown_line(found, found.where(("secrets", "A"))) == "    A: ****"


def test_a_reader_may_see_to_hiding_itself() -> None:
    collected, _, document = facts()
    collected.place(("secrets",), (0, "thing", "secrets"), hide=False)
    collected.place(("secrets", "B"), (0, "thing", "secrets", "B"))
    assert [document.excerpt(line) for line in (8, 9)] == ["    A: hunter2", "    B: [****]"]
    assert finished(collected).where(("secrets", "A")).line == 8


def test_the_resource() -> None:
    collected, _, _ = facts()
    collected.put("size", 3)
    resource = finished(collected)
    assert (resource.kind, resource.name, resource.origin, resource.parent) == ("thing", "web", "yaml", "parent/x")
    assert (resource.scope, dict(resource.shared), collected["size"], collected["name"]) == (
        Scope("test", "s"),
        {"name": Owner("pod", "p")},
        3,
        None,
    )


def test_scalars_of_composite_types_are_none() -> None:
    assert [scalar("a", type_) for type_ in (STRINGS, LABELS, object_of())] == [None, None, None]
