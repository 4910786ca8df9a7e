from __future__ import annotations

import pytest

from .dockerfile_reading import at, of_kind

MERGEABLE = [
    ("RUN a\nRUN b\nRUN c\nUSER d\nRUN e", {2: 2}),
    ("RUN a\n# comment\n\nRUN b", {2: 1}),
    ("RUN a && b\nRUN c\nRUN d\nRUN e; f", {3: 1}),
    ("RUN sudo a\nRUN sh -c 'b; c'", {2: 1}),
    ("RUN --network=none a\nRUN b", {}),
    ("RUN --network=none a\nRUN --network=none b", {2: 1}),
    ('RUN ["a"]\nRUN b', {2: 1}),
    ("RUN <<E\na\nE\nRUN b", {}),
    ("COPY a b /c/\nCOPY d /c/\nCOPY e /f/\nADD g /f/", {2: 1}),
    ("COPY --from=x a /c/\nCOPY d /c/", {}),
    ("ADD a /c/\nADD b /c/\nADD c /c/", {2: 2}),
    ("ONBUILD RUN a\nONBUILD RUN b", {}),
    ("RUN a\nFROM b\nRUN c", {}),
]


@pytest.mark.parametrize(("text", "found"), MERGEABLE)
def test_instructions_that_could_be_one(text: str, found: dict[int, int]) -> None:
    resources = of_kind("instruction", f"FROM x\n{text}")
    assert {r.facts["line"]: r.facts["mergeable"] for r in resources if "mergeable" in r.facts} == found


UNPACKED = [
    ("COPY a.tar.gz b.tar /c/\nRUN tar xzf /c/a.tar.gz", ["a.tar.gz"]),
    ("COPY v/a-1.tgz /a.tgz\nRUN x && tar -C / --extract --file /a.tgz", ["v/a-1.tgz"]),
    ("COPY a.tar C:\\\\x\\\\a.tar\nRUN tar -xf C:\\\\x\\\\a.tar", ["a.tar"]),
    ("COPY a.tar /c/\nRUN tar -cf /c/a.tar /d && tar tf /c/a.tar", []),
    ("COPY a.zip /c/\nRUN unzip /c/a.zip", []),
    ("COPY --from=x a.tar /c/\nRUN tar xf /c/a.tar", []),
    ("COPY a.tar /c/\nFROM y\nRUN tar xf /c/a.tar", []),
    ("RUN tar xf a.tar\nCOPY a.tar /c/", []),
]


@pytest.mark.parametrize(("text", "found"), UNPACKED)
def test_archives_that_are_unpacked(text: str, found: list[str]) -> None:
    (copy,) = [r for r in of_kind("instruction", f"FROM x\n{text}") if r.facts["instruction"] == "COPY"]
    assert copy.facts.get("unpacked", []) == found


def test_their_places() -> None:
    _, copy, _ = of_kind("instruction", "FROM x\nCOPY a \\\n  b.tar /c/\nRUN tar xf /c/b.tar")
    assert at(copy.where(("unpacked", 0))) == "3:3-8"
