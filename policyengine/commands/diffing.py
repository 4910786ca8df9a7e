"""Unified diffs that show no secret.

A diff is read by people, and stands in the logs of CI. What an excerpt of a report would mask is masked in it, too. It
is also meant for ``git apply``, which finds its place by the lines around a change: so a line with a secret is left out
of these, and the diff still applies. Where it cannot be left out, since it is changed itself or nothing else follows,
the diff does not apply, which :attr:`Diff.only_to_read` tells.

https://www.gnu.org/software/diffutils/manual/html_node/Detailed-Unified.html
"""

from __future__ import annotations

from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct, field

from policyengine.documents.document import LINE_BREAK
from policyengine.documents.load import decoded, parsed
from policyengine.errors import PolicyengineError
from policyengine.inputs.context import Context
from policyengine.model.masking import MASK
from policyengine.sources import claimant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from policyengine.documents.document import Document

AROUND = 3
"""How many lines are shown before and after a change."""

_LONG = 5000
"""So many lines are compared one by one; of more, those that come again and again are no landmarks."""

_NO_END = "\\ No newline at end of file\n"

Code = tuple[str, int, int, int, int]
"""As of difflib: what is done, and of which lines before and after."""


class Line(NamedTuple):
    """A line with its break; ``shown`` is the same with every secret masked."""

    text: str
    shown: str

    @property
    def is_secret(self) -> bool:
        """Whether something is masked in it."""
        return self.text != self.shown


class Diff(Struct):
    """The unified diffs of files. ``only_to_read`` are those that do not apply, once all was gone through."""

    before: Mapping[str, bytes]
    after: Mapping[str, bytes]
    only_to_read: list[str] = field(default_factory=list)

    def __iter__(self) -> Iterator[str]:
        for path in sorted(self.after):
            yield from self._file(path)

    def _file(self, path: str) -> Iterator[str]:
        before, after = (lines(path, of[path]) for of in (self.before, self.after))
        yield f"--- a/{path}\n"
        yield f"+++ b/{path}\n"
        whole = not self.before[path].startswith((BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE))
        for hunk in _hunks(before, after):
            whole = whole and _applies(hunk, before, after)
            yield from _shown(hunk, before, after)
        if not whole:
            self.only_to_read.append(path)


def lines(path: str, data: bytes) -> list[Line]:
    """The lines of a file as diffs have them: ended by a line feed, whatever stands before it."""
    text = decoded(path, data)
    document = _hiding(path, text)
    found, number = [], 1
    for written in text.splitlines(keepends=True) if text.isascii() and "\r" not in text else _lines(text):
        bare = written.rstrip("\r\n")
        inside = LINE_BREAK.findall(bare) if "\r" in bare and document and document.format == "yaml" else []
        found.append(Line(written, _excerpt(document, number, inside) + written[len(bare) :]))
        number += 1 + len(inside)
    if found and data.startswith(BOM_UTF8):
        found[0] = Line(*(f"\ufeff{text}" for text in found[0]))
    return found


def _excerpt(document: Document | None, number: int, inside: Sequence[str]) -> str:
    """A line of a diff with its secrets masked: in YAML a carriage return ends a line too, and some may be inside.

    https://yaml.org/spec/1.2.2/#54-line-break-characters
    """
    excerpts = (document.excerpt(at) if document else None for at in range(number, number + len(inside) + 1))
    shown = (MASK if excerpt is None else excerpt for excerpt in excerpts)
    return "".join(chain.from_iterable(zip(shown, [*inside, ""], strict=True)))


def _lines(text: str) -> list[str]:
    found = [f"{line}\n" for line in text.split("\n")]
    found[-1] = found[-1].removesuffix("\n")
    return found if found[-1] else found[:-1]


def _hiding(path: str, text: str) -> Document | None:
    """A file whose excerpts hide what its reader hides; None for one that nobody reads: all of it may be secret."""
    try:
        document = parsed(path, text)
        reader = claimant(document)
        if reader is None:
            return None
        for _ in reader.read(document, Context()):
            pass  # the reader hides as it goes along
    except PolicyengineError:
        return None
    return document


def _hunks(before: Sequence[Line], after: Sequence[Line]) -> Iterator[list[Code]]:
    """What is changed, with the lines around it, parted where a line between two changes holds a secret."""
    from difflib import SequenceMatcher

    old, new = ([line.text for line in of] for of in (before, after))
    for group in SequenceMatcher(None, old, new, autojunk=len(old) > _LONG).get_grouped_opcodes(AROUND):
        hunk: list[Code] = []
        for code in group:
            first, last = (code, code) if code[0] != "equal" else _around(code, before)
            if first == code:
                hunk.append(code)
                continue
            if hunk:
                yield hunk if first[1] == first[2] else [*hunk, first]
            hunk = [] if last[1] == last[2] else [last]
        if any(code[0] != "equal" for code in hunk):
            yield hunk


def _around(code: Code, before: Sequence[Line]) -> tuple[Code, Code]:
    """Of unchanged lines those up to the first secret, and those after the last: the same where there is none."""
    name, start, end, other, _ = code
    secret = [number for number in range(start, end) if before[number].is_secret]
    first, last = (secret[0], secret[-1] + 1) if secret else (end, start)
    return (name, start, first, other, other + first - start), (name, last, end, other + last - start, code[4])


def _applies(hunk: Sequence[Code], before: Sequence[Line], after: Sequence[Line]) -> bool:
    """Whether ``git apply`` takes a hunk: all of it is as in the file, and a line follows the change, if there is one.

    https://github.com/git/git/blob/v2.45.0/apply.c (match_end: a hunk without trailing context is for the file's end)
    """
    changes = [code for code in hunk if code[0] != "equal"]
    written = [*(before[n] for code in changes for n in range(code[1], code[2]))]
    written += [after[n] for code in changes for n in range(code[3], code[4])]
    followed = hunk[-1][0] == "equal" or hunk[-1][2] == len(before)
    return followed and not any(line.is_secret for line in written)


def _shown(hunk: Sequence[Code], before: Sequence[Line], after: Sequence[Line]) -> Iterator[str]:
    first, last = hunk[0], hunk[-1]
    yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n"
    for name, start, end, other, until in hunk:
        if name == "equal":
            yield from (_line(" ", line) for line in before[start:end])
            continue
        yield from (_line("-", line) for line in before[start:end])
        yield from (_line("+", line) for line in after[other:until])


def _line(sign: str, line: Line) -> str:
    return f"{sign}{line.shown}" if line.shown.endswith("\n") else f"{sign}{line.shown}\n{_NO_END}"


def _range(start: int, end: int) -> str:
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"
