"""Comments of documents, and what one above it can speak of."""

from __future__ import annotations

from policyengine.documents.load import document

YAML = """\
# one
a: 1 # two
b: "# no" # three
c: 'x''# no'
d: x#no # four
e: |  # five
  # no
  text # no
# six
f: >-
  # no

  # no
g: [1, # seven
  2] # eight
h: &x !!str |- # nine
  # no
i: "a
  # no
  b"
\tj: x
"""


def comments(text: str, name: str) -> list[str]:
    found = document(name, text.encode()).comments()
    return [f"{one.line}:{one.column}{one.text}{' alone' if one.alone else ''}" for one in found]


def entries(text: str, name: str) -> list[str]:
    found = document(name, text.encode()).entries()
    return [f"{'/'.join(map(str, one.path))} {'-'.join(map(str, one.span))}" for one in found]


def test_comments_of_yaml() -> None:
    assert comments(YAML.replace("\tj: x\n", ""), "a.yaml") == [
        "1:1 one alone",
        "2:6 two",
        "3:11 three",
        "5:9 four",
        "6:7 five",
        "9:1 six alone",
        "14:8 seven",
        "15:6 eight",
        "16:16 nine",
    ]
    assert comments("a: 1", "a.yaml") == []
    assert comments('{"a": "# no"}', "a.json") == []
    assert comments("a: 1\r\n  # one\r\nb: 2 # two\r# three\r", "a.yaml") == [
        "2:3 one alone",
        "3:6 two",
        "4:1 three alone",
    ]
    assert comments("\ufeff# one\na: 1\n", "a.yaml") == ["1:1 one alone"]


DOCKERFILE = """\
# syntax=docker/dockerfile:1
ARG A
  # one
FROM a AS b
RUN x \\
  # two

# three
  && y # no
COPY <<E1 <<E2 /x
# no
E1
# no
E2
FROM c
# four
"""


def test_comments_of_dockerfiles() -> None:
    assert comments(DOCKERFILE, "Dockerfile") == [
        "1:1 syntax=docker/dockerfile:1 alone",
        "3:3 one alone",
        "6:3 two alone",
        "8:1 three alone",
        "16:1 four alone",
    ]


def test_entries_of_dockerfiles() -> None:
    """A stage is all that is in it."""
    assert entries(DOCKERFILE, "Dockerfile") == [
        "0 2-1-2-6",
        "1 4-1-14-3",
        "2 5-1-9-12",
        "3 10-1-14-3",
        "4 15-1-15-7",
    ]


def test_entries_of_yaml() -> None:
    """Each with its key, the outer before the inner, and none of what an alias stands for."""
    text = "a: &x\n  b: [1, {c: 2}]\nd: *x\n\n---\n- <<: {e: 1}\n- |\n  text\n\n- last\n"
    assert entries(text, "a.yaml") == [
        "0 1-1-3-6",
        "0/a 1-1-2-17",
        "0/a/b 2-3-2-17",
        "0/a/b/0 2-7-2-8",
        "0/a/b/1 2-10-2-16",
        "0/a/b/1/c 2-11-2-15",
        "0/d 3-1-3-6",
        "1 6-1-10-7",
        "1/0 6-3-6-13",
        "1/0/<< 6-3-6-13",
        "1/0/<</e 6-8-6-12",
        "1/1 7-3-10-1",
        "1/2 10-3-10-7",
    ]
