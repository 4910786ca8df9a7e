"""Instructions that could be one with those right after them, and archives that ADD would have unpacked."""

from __future__ import annotations

import posixpath
from functools import cached_property
from typing import TYPE_CHECKING

from policyengine.inputs.dockerfile.written import written_flags

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.inputs.facts import Facts

_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tar.lzma")


class Layers:
    """Reads what the instructions of one file could be one with, and what is unpacked of them."""

    def __init__(self, document: DockerfileDocument) -> None:
        self._document = document

    def put(self, facts: Facts, at: int) -> None:
        """Give the facts of the RUN, COPY or ADD at an index what is known of its layer."""
        facts.put("mergeable", _mergeable(self._document, at) or None, (at, "keyword"))
        if self._document.instructions[at].keyword == "COPY":
            found = self._unpacked(at)
            facts.put("unpacked", [source for _, source in found] or None, (at, "arguments"))
            for number, (word, _) in enumerate(found):
                facts.place(("unpacked", number), (at, "arguments", word))

    def _unpacked(self, at: int) -> list[tuple[int, str]]:
        """The archives that a COPY brings from the context, and that a later RUN of its stage unpacks with tar."""
        instruction = self._document.instructions[at]
        words = enumerate(word.text for word in instruction.words[:-1])
        sources = [(number, text) for number, text in words if text.lower().endswith(_ARCHIVES)]
        if not sources or instruction.flag("from"):
            return []
        stages, taken = self._extracted
        found = {name for number, stage, names in taken if stage == stages[at] and number > at for name in names}
        renamed = _file_name(instruction.words[-1].text)
        return [pair for pair in sources if {_file_name(pair[1]), renamed or pair[1]}.intersection(found)]

    @cached_property
    def _extracted(self) -> tuple[list[int], list[tuple[int, int, frozenset[str]]]]:
        """The number of each instruction's stage; and the RUNs that extract with tar, their stages, tar's arguments."""
        stages: list[int] = []
        taken: list[tuple[int, int, frozenset[str]]] = []
        for number, instruction in enumerate(self._document.instructions):
            stages.append((stages[-1] if stages else 0) + (instruction.keyword == "FROM"))
            names = frozenset(map(_file_name, self._tar(number))) if instruction.keyword == "RUN" else frozenset()
            if names:
                taken.append((number, stages[-1], names))
        return stages, taken

    def _tar(self, number: int) -> Iterator[str]:
        """The arguments of tar where it extracts in a RUN."""
        for placed in self._document.commands((number,)).found:
            if placed.run.name in ("tar", "bsdtar") and _extracts(placed.run.args):
                yield from placed.run.args


def _mergeable(document: DockerfileDocument, at: int) -> int:
    """How many of the instructions right after one could be written with it; 0 where it is not the first of them.

    RUNs of a single command each, COPYs and ADDs to the same place, with the same flags.
    """
    instructions = document.instructions
    if at and _together(document, at - 1):
        return 0
    last = at
    while last + 1 < len(instructions) and _together(document, last):
        last += 1
    return last - at


def _together(document: DockerfileDocument, at: int) -> bool:
    """Whether an instruction and the next could be one."""
    first, second = document.instructions[at : at + 2]
    if first.keyword != second.keyword or written_flags(first) != written_flags(second):
        return False
    if first.keyword == "RUN":
        return _single(document, at) and _single(document, at + 1)
    if first.heredocs or second.heredocs:
        return False
    return first.keyword in ("ADD", "COPY") and first.words[-1].text == second.words[-1].text


def _single(document: DockerfileDocument, at: int) -> bool:
    """Whether a RUN is one command, whatever that runs itself."""
    found = document.commands((at,))
    if document.instructions[at].heredocs or found.error is not None:
        return False
    return sum(not placed.run.through for placed in found.found) == 1


def _file_name(path: str) -> str:
    """The last part of a path of Linux or Windows."""
    return posixpath.basename(path.replace("\\", "/"))


def _extracts(args: tuple[str, ...]) -> bool:
    """Whether tar is told to extract: ``tar xzf``, ``tar -C / -xzf``, ``tar --extract``."""
    letters = args[0] if args and not args[0].startswith("--") else ""
    dashed = (arg for arg in args if arg.startswith("-") and not arg.startswith("--"))
    return any("x" in word for word in (letters.lstrip("-"), *dashed)) or bool(
        {"--extract", "--get"}.intersection(args)
    )
