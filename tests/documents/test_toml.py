"""TOML: where keys and values stand."""

from __future__ import annotations

import pytest

from policyengine.documents.toml import TomlDocument
from policyengine.errors import DocumentError

TEXT = (
    """\
top = 1
[a]
x = [1, 2]
  "quoted key" = "v"
b.c = true

[a.d]
# y = 0
y = """
    + '"""\nnot = 1\n"""'
    + """
[[a.many]]
n = 1
[[a.many]]
n = 2
"""
)


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        (("top",), (1, 7), (1, 1)),
        (("a",), (2, 2), (2, 2)),
        (("a", "x"), (3, 5), (3, 1)),
        (("a", "x", 1), (3, 5), (3, 1)),
        (("a", "quoted key"), (4, 18), (4, 3)),
        (("a", "b", "c"), (5, 7), (5, 1)),
        (("a", "d", "y"), (9, 5), (9, 1)),
        (("a", "many", 0, "n"), (13, 5), (13, 1)),
        (("a", "many", 1, "n"), (15, 5), (15, 1)),
        (("a", "nothing"), (2, 2), (2, 2)),
        (("nothing",), (1, 1), (1, 1)),
    ],
)
def test_places(path: tuple[str | int, ...], value: tuple[int, int], key: tuple[int, int]) -> None:
    document = TomlDocument("a.toml", TEXT)
    assert (document.place(path), document.place(path, key=True)) == (value, key)


def test_values() -> None:
    assert TomlDocument("a.toml", TEXT).values["a"]["many"] == [{"n": 1}, {"n": 2}]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = 1\nb = \n", "a.toml:2:5: malformed TOML: Invalid value"),
        ("a = [1", "a.toml:1:1: malformed TOML: Unclosed array"),
        ("a = " + "[" * 100_000, "a.toml: malformed TOML: nested too deep"),
    ],
)
def test_malformed(text: str, told: str) -> None:
    with pytest.raises(DocumentError) as refused:
        TomlDocument("a.toml", text)
    assert str(refused.value) == told
