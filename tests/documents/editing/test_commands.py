"""Edits of the commands that RUN runs: what the text is then, and what is refused."""

from __future__ import annotations

from functools import partial
from os.path import commonprefix
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from policyengine.documents.dockerfile import DockerfileDocument
from policyengine.documents.editing.commands import (
    followed,
    with_word,
    with_words_after,
    without_word,
    without_wrapper,
)
from policyengine.errors import DocumentError, EditError

if TYPE_CHECKING:
    from collections.abc import Callable

    Edit = Callable[[str], str]

REAL = Path(__file__).parents[4] / "shared" / "corpora" / "realworld" / "dockerfile"


def after(command: int, word: int, added: str) -> Edit:
    return lambda run: with_words_after("Dockerfile", f"FROM a\n{run}", 1, command, word, added)[7:]


def instead(command: int, word: int, other: str) -> Edit:
    return lambda run: with_word("Dockerfile", f"FROM a\n{run}", 1, command, word, other)[7:]


def without(command: int, word: int) -> Edit:
    return lambda run: without_word("Dockerfile", f"FROM a\n{run}", 1, command, word)[7:]


def unwrapped(command: int) -> Edit:
    return lambda run: without_wrapper("Dockerfile", f"FROM a\n{run}", 1, command)[7:]


def then(added: str) -> Edit:
    return lambda run: followed("Dockerfile", f"FROM a\n{run}", 1, added)[7:]


EDITS: list[tuple[Edit, str, str]] = [
    (after(1, 1, "-y"), "RUN apt update && apt install curl\n", "RUN apt update && apt install -y curl\n"),
    (after(0, 1, "-y"), "RUN apt-get install \\\n    curl # tool\n", "RUN apt-get install -y \\\n    curl # tool\n"),
    (after(0, 1, "-y"), "RUN yum install\r\nCMD a\r\n", "RUN yum install -y\r\nCMD a\r\n"),
    (after(0, 1, "-y"), "RUN <<EOF\nyum install a\nEOF\n", "RUN <<EOF\nyum install -y a\nEOF\n"),
    (after(1, 1, "-y"), "RUN sudo yum install a", "RUN sudo yum install -y a"),
    (after(1, 1, "-y"), "RUN if true; then yum install a; fi", "RUN if true; then yum install -y a; fi"),
    (instead(0, 0, "apt-get"), "RUN apt update; apt install a\n", "RUN apt-get update; apt install a\n"),
    (instead(1, 0, "apt-get"), "RUN sudo -E apt update\n", "RUN sudo -E apt-get update\n"),
    (without(0, 1), "RUN curl -k  https://a\n", "RUN curl https://a\n"),
    (without(0, 2), "RUN curl https://a -k && b\n", "RUN curl https://a && b\n"),
    (without(0, 2), "RUN curl https://a -k \\\n && b\n", "RUN curl https://a \\\n && b\n"),
    (unwrapped(0), "RUN sudo make && sudo make install\n", "RUN make && sudo make install\n"),
    (unwrapped(2), "RUN sudo make && sudo env A=1 make install\n", "RUN sudo make && env A=1 make install\n"),
    (then("yum clean all"), "RUN yum install -y a\n", "RUN yum install -y a && yum clean all\n"),
    (
        then("rm -rf /var/lib/apt/lists/*"),
        "RUN apt-get update \\\n    && apt-get install a \\\n      b\n\nCMD c",
        "RUN apt-get update \\\n    && apt-get install a \\\n      b \\\n      && rm -rf /var/lib/apt/lists/*\n\nCMD c",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "run", "expected"), EDITS)
def test_what_an_edit_makes(edit: Edit, run: str, expected: str) -> None:
    assert edit(run) == expected


REFUSED: list[tuple[Edit, str, str]] = [
    (after(0, 1, "-y"), 'RUN ["yum", "install", "a"]\n', "no shell's script"),
    (after(1, 1, "-y"), "RUN bash -c 'yum install a'\n", "not run what is meant"),
    (after(0, 7, "-y"), "RUN yum install\n", "no such word"),
    (after(7, 0, "-y"), "RUN yum install\n", "no such word"),
    (unwrapped(0), "RUN sudo -u b make\n", "has options"),
    (then("b"), "RUN a # c\n", "not run what is meant"),
    (then("b"), "RUN a &\n", "ends in an operator"),
    (then("b"), "RUN <<EOF\na\nEOF\n", "no list of commands"),
    (then("b"), "CMD a\n", "no list of commands"),
]


@pytest.mark.parametrize(("edit", "run", "message"), REFUSED)
def test_what_is_refused(edit: Edit, run: str, message: str) -> None:
    with pytest.raises(EditError, match=message):
        edit(run)


@pytest.mark.skipif(not REAL.is_dir(), reason="the real files are not there")
def test_every_command_of_real_files_is_edited_or_refused() -> None:
    """An edit is one insertion, and everything else is as before, byte for byte."""
    made = 0
    for file in sorted(REAL.rglob("*"))[::12]:
        try:
            text = file.read_bytes().decode()
            document = DockerfileDocument("Dockerfile", text)
        except (OSError, UnicodeDecodeError, DocumentError):
            continue
        for number, instruction in enumerate(document.instructions):
            if instruction.keyword == "RUN" and document.commands((number,)).found:
                for edit in (partial(with_words_after, command=0, word=0), partial(followed)):
                    try:
                        found = edit("Dockerfile", text, number, added="added word")
                    except EditError:
                        continue
                    made += 1
                    assert len(found) > len(text)
                    same = len(commonprefix((text, found)))  # noqa: RUF071 - of the texts, no paths
                    assert found.endswith(text[same:])
    assert made > 50
