from __future__ import annotations

import pytest

from policyengine.documents.editing.meaning import Append, Edit, Remove, Set
from policyengine.documents.editing.yaml import edited
from policyengine.errors import EditError

COMPOSE = """\
# The front.
services:
  web:
    image: "nginx:1.27"  # pinned
    privileged: true # for now
    cap_add: [SYS_ADMIN, 'NET_ADMIN']

  db:
    image: postgres
"""

EDITS: list[tuple[str, str, Edit, str]] = [
    ("a scalar", "a: 1 # why\nb: 2\n", Set((0, "a"), 5), "a: 5 # why\nb: 2\n"),
    ("quotes are kept", "a: 'x'\nb: \"y\"\n", Set((0, "a"), "it's"), "a: 'it''s'\nb: \"y\"\n"),
    ("double quotes too", 'a: "x"\n', Set((0, "a"), "y"), 'a: "y"\n'),
    ("a text that would be something else", "a: x\n", Set((0, "a"), "yes"), 'a: "yes"\n'),
    ("a number as text", "a: x\n", Set((0, "a"), "1000"), 'a: "1000"\n'),
    ("no value", "a:\nb: 1\n", Set((0, "a"), True), "a: true\nb: 1\n"),
    ("no value before a comment", "a: # none\nb: 1\n", Set((0, "a"), True), "a: true # none\nb: 1\n"),
    ("a mapping for no value", "a:\n    b:\nc: 1\n", Set((0, "a", "b", "x"), 1), "a:\n    b:\n        x: 1\nc: 1\n"),
    ("null", "a: null\nb: 1\n", Set((0, "a", "x"), 1), "a: {x: 1}\nb: 1\n"),
    ("a key", "a: 1\n", Set((0, "b"), False), "a: 1\nb: false\n"),
    ("before a comment", "a:\n  b: 1 # why\n# next\n", Set((0, "a", "x"), 2), "a:\n  b: 1 # why\n  x: 2\n# next\n"),
    ("a key after a block", "a:\n  b: 1\n", Set((0, "x"), 2), "a:\n  b: 1\nx: 2\n"),
    ("a key after a text", "a: |\n  x\n  y\n", Set((0, "b"), 2), "a: |\n  x\n  y\nb: 2\n"),
    ("no line break at the end", "a: 1", Set((0, "b"), 2), "a: 1\nb: 2"),
    ("CRLF", "a:\r\n  b: 1\r\n", Set((0, "a", "c"), 2), "a:\r\n  b: 1\r\n  c: 2\r\n"),
    ("keys on the way", "a:\n   b: 1\n", Set((0, "a", "x", "z"), True), "a:\n   b: 1\n   x:\n      z: true\n"),
    ("in an item", "a:\n- b: 1\n- c: 1\n", Set((0, "a", 0, "x"), 2), "a:\n- b: 1\n  x: 2\n- c: 1\n"),
    ("a sequence as those there are", "a:\n- 1\nb: {}\n", Set((0, "c"), ["ALL"]), "a:\n- 1\nb: {}\nc:\n- ALL\n"),
    ("a sequence where there is none", "a: 1\n", Set((0, "c"), ["ALL"]), "a: 1\nc: [ALL]\n"),
    ("a key in brackets", "a: {b: 1}\n", Set((0, "a", "x", "z"), 2), "a: {b: 1, x: {z: 2}}\n"),
    ("spaces in brackets", "a: { b: 1 }\n", Set((0, "a", "x"), 2), "a: { b: 1, x: 2 }\n"),
    ("a comma at the end", "a: {b: 1,}\n", Set((0, "a", "x"), 2), "a: {b: 1, x: 2}\n"),
    ("empty brackets", "a: {}\n", Set((0, "a", "x"), 2), "a: {x: 2}\n"),
    ("brackets over lines", "a: {\n  b: 1 # why\n}\n", Set((0, "a", "x"), 2), "a: {\n  b: 1, # why\n  x: 2\n}\n"),
    ("JSON", '{"a": {\n\t\t"b": 1\n\t}}\n', Set((0, "a", "x"), "y"), '{"a": {\n\t\t"b": 1,\n\t\t"x": "y"\n\t}}\n'),
    ("JSON in one line", '{"a":{"b":1}}', Set((0, "a", "x"), {"y": None}), '{"a":{"b":1, "x": {"y": null}}}'),
    ("a later document", "a: 1\n---\na: 1\n...\n", Set((1, "b"), 2), "a: 1\n---\na: 1\nb: 2\n...\n"),
    ("an item", "a:\n  - x # why\n  # more\nb: 1\n", Append((0, "a"), "z"), "a:\n  - x # why\n  - z\n  # more\nb: 1\n"),
    ("an item in brackets", "a: [x]\n", Append((0, "a"), "z"), "a: [x, z]\n"),
    ("an item of nothing", "a: 1\n", Append((0, "b"), "z"), "a: 1\nb: [z]\n"),
    ("an item of no value", "a:\n", Append((0, "a"), "z"), "a: [z]\n"),
    ("without a key", "a: 1\nb: 2 # gone\n# stays\nc: 3\n", Remove((0, "b")), "a: 1\n# stays\nc: 3\n"),
    ("without the last key", "a: 1\nb: 2", Remove((0, "b")), "a: 1"),
    ("without the first key of an item", "a:\n  - x: 1\n    y: 2\n", Remove((0, "a", 0, "x")), "a:\n  - y: 2\n"),
    ("without the only key", "a:\n  b: 1\nc: 1\n", Remove((0, "a", "b")), "a: {}\nc: 1\n"),
    ("without an item", "a:\n  - x\n  - y\n  - z\n", Remove((0, "a", 1)), "a:\n  - x\n  - z\n"),
    ("without the only item", "a:\n- x\nb: 1\n", Remove((0, "a", 0)), "a: []\nb: 1\n"),
    ("without a mapping", "a:\n- x: 1\n  y: 2\n- z: 3\n", Remove((0, "a", 0)), "a:\n- z: 3\n"),
    ("without one in brackets", "a: [x, y, z]\n", Remove((0, "a", 1)), "a: [x, z]\n"),
    ("without the last in brackets", "a: {x: 1, y: 2}\n", Remove((0, "a", "y")), "a: {x: 1}\n"),
    ("JSON without a line", '{\n  "a": 1,\n  "b": 2\n}\n', Remove((0, "a")), '{\n  "b": 2\n}\n'),
    ("JSON without its last line", '{\n  "a": 1,\n  "b": 2\n}\n', Remove((0, "b")), '{\n  "a": 1\n}\n'),
    ("without the last line, which has no break", "a: 1\nb: 2", Remove((0, "b")), "a: 1"),
    ("nor has it after empty lines", "a: 1\r\n\r\nb: 2", Remove((0, "b")), "a: 1"),
    ("over a merge key", "x: &x {a: 1}\ny:\n  <<: *x\n", Set((0, "y", "a"), 5), "x: &x {a: 1}\ny:\n  <<: *x\n  a: 5\n"),
    ("an anchor that nobody uses", "x: &x\n  a: 1\n", Set((0, "x", "b"), 5), "x: &x\n  a: 1\n  b: 5\n"),
    ("a sequence for another", "a:\n  - x\nb: 1\n", Set((0, "a"), ["z"]), "a: [z]\nb: 1\n"),
    ("null as a value", "a: yes\n", Set((0, "b"), None), "a: yes\nb: null\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "edit", "expected"), [one[1:] for one in EDITS], ids=[one[0] for one in EDITS])
def test_edits(text: str, edit: Edit, expected: str) -> None:
    assert edited("compose.yaml", text, [edit]) == expected


REFUSED: list[tuple[str, str, Edit, str]] = [
    ("an alias", "x: &x {a: 1}\ny: *x\n", Set((0, "y", "a"), 5), "the value is an alias"),
    ("an anchor in use", "x: &x {a: 1}\ny: *x\n", Set((0, "x", "a"), 5), "used elsewhere"),
    (
        "a merged value",
        "x: &x {a: {b: 1, c: 1}}\ny: {<<: *x}\n",
        Set((0, "y", "a", "b"), 5),
        "would not say what is meant",
    ),
    ("a merged key", "x: &x {a: 1}\ny: {<<: *x, b: 1}\n", Remove((0, "y", "a")), "comes from a merge key"),
    ("a tag", "a: !secret x\n", Set((0, "a"), "y"), "has a tag"),
    ("a text of lines", "a: |\n  x\n", Set((0, "a"), "y"), "several lines"),
    ("a comment in the way", "a:\n  # why\n  - x\n", Set((0, "a"), ["y"]), "a comment in it would be lost"),
    ("brackets anyhow", "a: {b: 1, c: 2,\n  d: 3, e: 4\n}\n", Set((0, "a", "x"), 5), "laid out"),
    ("a template", "a: {{ x }}\n", Set((0, "a"), 1), "the file is a template"),
    ("a template's text", 'a: "{{ x }}"\n', Set((0, "a"), 1), "a template's"),
    ("nothing to remove", "a: 1\n", Remove((0, "b")), "there is no key b"),
    ("no such item", "a: [1]\n", Set((0, "a", 3), 1), "there is no item 3"),
    ("no such document", "a: 1\n", Set((4, "a"), 1), "there is no item 4"),
    ("an item of no sequence", "a: x\n", Append((0, "a"), 1), "a is no sequence"),
    ("a whole document", "a: x\n", Remove((0,)), "a whole document is not edited"),
    ("a text at the end", "a: |\n  x", Set((0, "b"), 2), "would not say what is meant"),
]


@pytest.mark.parametrize(("text", "edit", "message"), [one[1:] for one in REFUSED], ids=[one[0] for one in REFUSED])
def test_refused_edits(text: str, edit: Edit, message: str) -> None:
    with pytest.raises(EditError, match=message) as error:
        edited("compose.yaml", text, [edit])
    assert error.value.path == "compose.yaml"


def test_several_edits_leave_the_rest_as_it_is() -> None:
    edits: list[Edit] = [
        Set((0, "services", "web", "privileged"), False),
        Remove((0, "services", "web", "cap_add", 0)),
        Set((0, "services", "db", "read_only"), True),
        Append((0, "services", "db", "cap_drop"), "ALL"),
    ]
    assert edited("compose.yaml", COMPOSE, edits) == (
        """\
# The front.
services:
  web:
    image: "nginx:1.27"  # pinned
    privileged: false # for now
    cap_add: ['NET_ADMIN']

  db:
    image: postgres
    read_only: true
    cap_drop: [ALL]
"""
    )


def test_what_is_there_already_is_not_written_again() -> None:
    assert edited("compose.yaml", "a:   0x10\n", [Set((0, "a"), "b"), Set((0, "a"), "b")]) == "a:   b\n"
    assert edited("compose.yaml", "a:   'b'\n", [Set((0, "a"), "b")]) == "a:   'b'\n"
