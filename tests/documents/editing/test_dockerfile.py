from __future__ import annotations

from pathlib import Path

import pytest

from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.documents.editing.dockerfile import (
    stage_user_place,
    with_argument,
    with_instruction,
    without_instruction,
)
from policyengine.errors import DocumentError, EditError

REAL = Path(__file__).parents[4] / "shared" / "corpora" / "realworld" / "dockerfile"

PINNED = "node:22@sha256:" + "0" * 64

ARGUMENTS = [
    ("FROM node:22 AS build \n# comment\n", 0, 0, "FROM X AS build \n# comment\n"),
    ("# why\nfrom   --platform=$P\tnode:22\r\nRUN x\r\n", 0, 0, "# why\nfrom   --platform=$P\tX\r\nRUN x\r\n"),
    ("FROM \\\n  node:22 \\\n  AS build", 0, 0, "FROM \\\n  X \\\n  AS build"),
    ("FROM a\nFROM node:22\nRUN <<EOF\nFROM node:22\nEOF\n", 1, 0, "FROM a\nFROM X\nRUN <<EOF\nFROM node:22\nEOF\n"),
    ("# escape=`\nFROM a\nUSER `\n  root\n", 1, 0, "# escape=`\nFROM a\nUSER `\n  X\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "number", "index", "expected"), ARGUMENTS)
def test_another_argument(text: str, number: int, index: int, expected: str) -> None:
    assert with_argument("Dockerfile", text, number, index, PINNED) == expected.replace("X", PINNED)


USERS = [
    ("FROM a\nRUN b\n", "FROM a\nRUN b\nUSER 1000\n"),
    ("FROM a\nRUN b", "FROM a\nRUN b\nUSER 1000"),
    ("FROM a\r\n\r\n# runs\r\nCMD b\r\n", "FROM a\r\n\r\nUSER 1000\r\n# runs\r\nCMD b\r\n"),
    ("FROM a\n  ENTRYPOINT [\"a\"]\n  CMD b\n\n", "FROM a\n  USER 1000\n  ENTRYPOINT [\"a\"]\n  CMD b\n\n"),
    ("FROM a\nRUN b \\\n  c\n\n# next\nFROM d\nCMD e\n", "FROM a\nRUN b \\\n  c\n\nUSER 1000\n# next\nFROM d\nCMD e\n"),
    ("FROM a\nRUN <<EOF\nb\nEOF\n", "FROM a\nRUN <<EOF\nb\nEOF\nUSER 1000\n"),
    ("FROM a\nRUN <<EOF\nb\nEOF", "FROM a\nRUN <<EOF\nb\nEOF\nUSER 1000"),
    ("FROM a\n# end\n", "FROM a\nUSER 1000\n# end\n"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), USERS)
def test_a_user_for_a_stage(text: str, expected: str) -> None:
    assert with_instruction("Dockerfile", text, stage_user_place("Dockerfile", text, 0), "USER 1000") == expected


REMOVED = [
    ("FROM a\n# why\nUSER root\nRUN b\n", 1, "FROM a\n# why\nRUN b\n"),
    ("FROM a\r\nUSER root", 1, "FROM a"),
    ("FROM a\nRUN <<EOF\nb\nEOF\nCMD c\n", 1, "FROM a\nCMD c\n"),
    ("FROM a\nRUN b \\\n  && c\nCMD c", 1, "FROM a\nCMD c"),
]


@pytest.mark.parametrize(("text", "number", "expected"), REMOVED)
def test_without_an_instruction(text: str, number: int, expected: str) -> None:
    assert without_instruction("Dockerfile", text, number) == expected


def test_what_is_refused() -> None:
    with pytest.raises(EditError, match="would be malformed"):
        with_argument("Dockerfile", "FROM a\n", 0, 0, "a b")
    with pytest.raises(EditError, match="would not say what is meant"):
        with_argument("Dockerfile", "FROM a\n", 0, 0, "a AS b")
    with pytest.raises(EditError, match="would not say what is meant"):
        with_instruction("Dockerfile", "FROM a\nRUN b \\", 2, "USER 1")
    with pytest.raises(EditError, match="no argument 3"):
        with_argument("Dockerfile", "FROM a\n", 0, 3, "b")
    with pytest.raises(EditError, match="would be malformed"):
        without_instruction("Dockerfile", "FROM a\n", 0)
    with pytest.raises(EditError, match="is a template"):
        without_instruction("Dockerfile.j2", "FROM a\nUSER {{ user }}\n", 1)
    with pytest.raises(EditError, match="several lines"):
        with_instruction("Dockerfile", "FROM a\n", 1, "RUN a\nUSER 1")
    with pytest.raises(EditError, match="several lines"):
        with_argument("Dockerfile", "FROM a\\\nb\n", 0, 0, "c")


@pytest.mark.skipif(not REAL.is_dir(), reason="the files of others are not here")
def test_real_files_are_as_before_when_what_was_added_is_removed() -> None:
    made = refused = 0
    for file in sorted(path for path in REAL.rglob("*") if path.is_file())[::3]:
        text = file.read_bytes().decode(errors="replace")
        try:
            instructions = DockerfileDocument("Dockerfile", text).instructions
        except DocumentError:
            continue
        first = max((n for n, one in enumerate(instructions) if one.keyword == "FROM"), default=None)
        if first is None:
            continue
        place = stage_user_place("Dockerfile", text, first)
        try:
            after = with_instruction("Dockerfile", text, place, "USER 1000")
        except EditError:
            refused += 1
            continue
        made += 1
        assert without_instruction("Dockerfile", after, place) == text, file
        image = instructions[first].words[0].text
        pinned = with_argument("Dockerfile", text, first, 0, PINNED)
        assert with_argument("Dockerfile", pinned, first, 0, image) == text, file
    assert made > 50 * refused
