from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.documents.dockerfile import MAX_STAGES, DockerfileDocument
from policyengine.documents.dockerfile_parts import MAX_PARTS
from policyengine.errors import DocumentError

if TYPE_CHECKING:
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.document import DocPath, Span

REAL = Path(__file__).parents[3] / "shared" / "corpora" / "realworld" / "dockerfile"


def document(text: str) -> DockerfileDocument:
    return DockerfileDocument("Dockerfile", text)


def shown(instruction: Instruction) -> str:
    """An instruction in one line: keyword, flags, arguments one by one where they are read so, form."""
    parts = [instruction.keyword]
    parts += [f"--{flag.name}={flag.value.text}" for flag in instruction.flags]
    if instruction.pairs:
        parts += [f"<{p.name.text}|{p.value.text if p.value else ''}>" for p in instruction.pairs]
    elif instruction.words:
        parts += [f"<{word.text}>" for word in instruction.words]
    else:
        parts.append(instruction.arguments.text)
    if instruction.trigger:
        parts.append(f"({shown(instruction.trigger)})")
    return " ".join([*parts, *([instruction.form] if instruction.form else [])])


def spanned(of: DockerfileDocument, span: Span) -> str:
    """The text in a span, its lines joined with |."""
    lines = of.lines[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "|".join(lines)


INSTRUCTIONS = [
    ("FROM a", "FROM <a>"),
    ("from a as b", "FROM <a> <as> <b>"),
    ("  FROM\ta  ", "FROM <a>"),
    ("FROM --platform=linux/amd64 a AS b", "FROM --platform=linux/amd64 <a> <AS> <b>"),
    ("\ufeffFROM a", "FROM <a>"),
    ("FROM a\r\nRUN b \\\r\n c\r\n", "FROM <a>\nRUN b  c shell"),
    ("FROM a\nRUN a \\\n  b", "FROM <a>\nRUN a   b shell"),
    ("FROM a\nRUN a \\  \n# comment \\\n\n  # another\n b", "FROM <a>\nRUN a  b shell"),
    ("FROM a\nRUN a \\\\\nUSER b", "FROM <a>\nRUN a \\\\ shell\nUSER b"),
    ("FROM a\nRUN a \\", "FROM <a>\nRUN a shell"),
    ("FROM a\nRUN a \\\n# b", "FROM <a>\nRUN a shell"),
    ("FROM a\n\\\nUSER b", "FROM <a>\nUSER b"),
    ("FROM a\n\\", "FROM <a>"),
    ("FR\\\nOM a", "FROM <a>"),
    ("# escape=`\nFROM a\nRUN a `\n b\\", "FROM <a>\nRUN a  b\\ shell"),
    ("# syntax=x\n# Escape = ` \nFROM a\nRUN a `\n b", "FROM <a>\nRUN a  b shell"),
    ("# comment\n# escape=`\nFROM a\nRUN a `\nUSER b", "FROM <a>\nRUN a ` shell\nUSER b"),
    ("\n# escape=`\nFROM a\nRUN a `\nUSER b", "FROM <a>\nRUN a ` shell\nUSER b"),
    ('FROM a\nCMD ["a", "b c", "\\u0041\\n"]', "FROM <a>\nCMD <a> <b c> <A\n> exec"),
    ('FROM a\nCMD [ "a" , "b" ] ', "FROM <a>\nCMD <a> <b> exec"),
    ("FROM a\nCMD []", "FROM <a>\nCMD [] exec"),
    ("FROM a\nCMD", "FROM <a>\nCMD  shell"),
    ('FROM a\nCMD ["a"', 'FROM <a>\nCMD ["a" shell'),
    ('FROM a\nCMD ["a"] b', 'FROM <a>\nCMD ["a"] b shell'),
    ("FROM a\nCMD ['a']", "FROM <a>\nCMD ['a'] shell"),
    ('FROM a\nCMD ["a", ]', 'FROM <a>\nCMD ["a", ] shell'),
    ('FROM a\nCMD ["\\x"]', 'FROM <a>\nCMD ["\\x"] shell'),
    ('FROM a\nCMD ["\\ud800"]', "FROM <a>\nCMD <\ufffd> exec"),
    ("FROM a\nRUN [ -f /a ] && b", "FROM <a>\nRUN [ -f /a ] && b shell"),
    ("FROM a\nRUN " + "[" * 100_000, "FROM <a>\nRUN " + "[" * 100_000 + " shell"),
    ('FROM a\nENV A=1 B=\'2 3\' C="4 \\" 5" D=6\\ 7', 'FROM <a>\nENV <A|1> <B|\'2 3\'> <C|"4 \\" 5"> <D|6\\ 7>'),
    ("FROM a\nENV A  b c  ", "FROM <a>\nENV <A|b c>"),
    ("FROM a\nENV A= B=c=d", "FROM <a>\nENV <A|> <B|c=d>"),
    ('FROM a\nENV A="b', 'FROM <a>\nENV <A|"b>'),
    ("ARG A\nARG B=1 C\nFROM a", "ARG <A|>\nARG <B|1> <C|>\nFROM <a>"),
    ("FROM a\nLABEL \"a.b\"='c' d=e", "FROM <a>\nLABEL <a.b|'c'> <d|e>"),
    ("FROM a\nCOPY --from=b --chown=1:1 --link c d e", "FROM <a>\nCOPY --from=b --chown=1:1 --link=true <c> <d> <e>"),
    ('FROM a\nCOPY --from="b c" ["d e", "f"]', "FROM <a>\nCOPY --from=b c <d e> <f> exec"),
    ("FROM a\nRUN -- a", "FROM <a>\nRUN a shell"),
    ("FROM a\nRUN a --b", "FROM <a>\nRUN a --b shell"),
    ("FROM a\nEXPOSE 80 443/tcp", "FROM <a>\nEXPOSE <80> <443/tcp>"),
    ("FROM a\nHEALTHCHECK NONE", "FROM <a>\nHEALTHCHECK <NONE>"),
    ("FROM a\nHEALTHCHECK --retries=3 cmd a b", "FROM <a>\nHEALTHCHECK --retries=3 <CMD> <a b> shell"),
    ('FROM a\nHEALTHCHECK CMD ["a"]', "FROM <a>\nHEALTHCHECK <CMD> <a> exec"),
    ("FROM a\nONBUILD RUN b", "FROM <a>\nONBUILD RUN b (RUN b shell)"),
    ("FROM a\nMAINTAINER b c", "FROM <a>\nMAINTAINER b c"),
    ("FROM a\nRUN <<E\nFROM b\nE\nUSER c", "FROM <a>\nRUN <<E shell\nUSER c"),
    ("FROM a\nRUN <<-'E' cat\n\tb\n\tE\nUSER c", "FROM <a>\nRUN <<-'E' cat shell\nUSER c"),
    ("FROM a\nCOPY <<A <<B /\na\nA\nb\nB\nUSER c", "FROM <a>\nCOPY <<<A> <<<B> </>\nUSER c"),
    ("FROM a\nONBUILD RUN <<E\nUSER b\nE", "FROM <a>\nONBUILD RUN <<E (RUN <<E shell)"),
    ("FROM a\nCMD <<E", "FROM <a>\nCMD <<E shell"),
]


@pytest.mark.parametrize(("text", "expected"), INSTRUCTIONS, ids=lambda value: repr(value)[:60])
def test_instructions(text: str, expected: str) -> None:
    assert "\n".join(shown(instruction) for instruction in document(text).instructions) == expected


def test_what_looks_like_a_heredoc_and_is_none() -> None:
    arguments = ["a <<< b", "a<<E", "'a <<E'", "<< E", "$((1 << 2))", "it's <<E", "<<E it's", '["a", "<<E"]']
    text = "FROM a\n" + "".join(f"RUN {one}\n" for one in arguments) + "USER b"
    assert [instruction.keyword for instruction in document(text).instructions] == ["FROM", *["RUN"] * 8, "USER"]


HEREDOCS = [
    ("RUN <<E\na\nE", ["E:3:a"]),
    ("RUN <<-E\n\ta\n\tE", ["-E:3:\ta"]),
    ("RUN <<'E'\nE", ["'E':3:"]),
    ('RUN <<"E F" a\nb\nE F', ["'E F':3:b"]),
    ("RUN << E\na\nE", [" E:3:a"]),
    ("RUN <<A <<B\na\nA\nb\nc\nB", ["A:3:a", "B:5:b|c"]),
    ("RUN <<A << B\na\nA\nRUN b", ["A:3:a"]),
    ("RUN 3<<A\nA", ["A:3:"]),
    ("RUN a \\\n <<A\nb\nA", ["A:4:b"]),
    ("ONBUILD RUN <<A\na\nA", ["A:3:a"]),
    ("CMD <<E", []),
]


@pytest.mark.parametrize(("text", "expected"), HEREDOCS)
def test_heredocs(text: str, expected: list[str]) -> None:
    last = document(f"FROM a\n{text}").instructions[1]
    found = (last.trigger or last).heredocs
    names = (f"{'-' * h.tabs}{' ' * h.spaced}{repr(h.name) if h.quoted else h.name}" for h in found)
    assert [f"{name}:{h.line}:{'|'.join(h.lines)}" for name, h in zip(names, found, strict=True)] == expected


def test_directives() -> None:
    of = document("#syntax=a/b:1 x\n# Check = skip=all\n# escape=`\n# other=1\n# syntax=c\nFROM a")
    assert (of.directives, of.escape) == ({"syntax": "a/b:1 x", "check": "skip=all", "escape": "`"}, "`")
    assert (document("FROM a").directives, document("FROM a").escape) == ({}, "\\")


COMMAND_SPANS = [
    ("RUN a b \\\n  # c\n  d && e", ["a b \\|  # c|  d", "e"]),
    ("RUN <<E\n a b\nc \\\n  d\nE", ["a b", "c \\|  d"]),
    ("RUN <<-E\n\t\ta 'b'\n\tE", ["a 'b'"]),
    ("RUN <<E\n#!/bin/sh -e\na\nE", ["/bin/sh -e", "a"]),
    ("RUN <<E\n#!/usr/bin/perl\nprint 1\nE", ["/usr/bin/perl"]),
    ("RUN cat <<E && a\nb $(c)\nE", ["cat", "a", "c"]),
    ("RUN sh <<A && bash <<'B' && d\na\nA\nb\nB", ["sh", "a", "bash", "b", "d"]),
    ("RUN <<E bash -e\n a b\nE", ["<<E bash -e", "a b"]),
    ("RUN --network=none <<-E bash && c\n\ta\n\tE", ["<<-E bash", "a", "c"]),
    ("RUN 0<<'E' sh\na\nE", ["<<'E' sh", "a"]),
    ("RUN 3<<E sh\na\nE", ["3<<E sh"]),
    ("RUN <<E python3\nimport a\nE", ["<<E python3"]),
    ("RUN <<E cat > /b\na\nE", ["<<E cat"]),
    ('RUN ["sudo", "a", "b"]', ['"sudo", "a", "b"', '"a", "b"']),
    ('RUN ["sh", "-c", "a \\\n && b"]', ['"sh", "-c", "a \\| && b"', "a", "b"]),
    ('RUN ["sh", "-c", "a \\t b"]', ['"sh", "-c", "a \\t b"', '"a \\t b"']),
    ("HEALTHCHECK --retries=3 CMD a || b", ["a", "b"]),
    ("RUN []", []),
]


@pytest.mark.parametrize(("text", "expected"), COMMAND_SPANS)
def test_where_commands_stand(text: str, expected: list[str]) -> None:
    of = document(f"FROM x\n{text}")
    found = of.commands((1,))
    assert [spanned(of, of.span((1, "commands", number))) for number in range(len(found.found))] == expected
    assert found.error is None


def test_where_the_words_of_commands_stand() -> None:
    of = document("FROM x\nONBUILD RUN a 'b' && c")
    paths: list[DocPath] = [(0, "name"), (0, "args", 0), (0, "args", 7), (0, "text"), (1, "name"), (9, "name")]
    assert [spanned(of, of.span((1, "trigger", "commands", *path))) for path in paths] == [
        *("a", "'b'", "a 'b'", "a 'b'", "c", "a 'b' && c")
    ]


ERRORS = [
    ("", "Dockerfile:1: no FROM: not a Dockerfile, or nothing to build"),
    ("# only a comment", "Dockerfile:1: no FROM: not a Dockerfile, or nothing to build"),
    ("ARG A=1", "Dockerfile:1: no FROM: not a Dockerfile, or nothing to build"),
    ("ARG A\n RUN b", "Dockerfile:2:2: RUN before the first FROM, where only ARG may be"),
    ("FROM a\n  RUM b", 'Dockerfile:2:3: unknown instruction "RUM" (did you mean "RUN"?)'),
    ("FROM a\nqqq b", 'Dockerfile:2:1: unknown instruction "qqq"'),
    ("FROM a\np4ssw0rd! b", "Dockerfile:2:1: not an instruction"),
    ("FROM a b", "Dockerfile:1:1: FROM takes an image and, if any, AS and a name"),
    ("FROM a # b c", "Dockerfile:1:1: FROM takes an image and, if any, AS and a name"),
    ("FROM a IS b", "Dockerfile:1:1: FROM takes an image and, if any, AS and a name"),
    ("FROM a AS 1b", "Dockerfile:1:11: a stage's name has letters, digits, _, . and -, a letter first"),
    ("FROM", "Dockerfile:1:1: FROM needs an argument"),
    ("FROM a\nUSER", "Dockerfile:2:1: USER needs an argument"),
    ("FROM a\nRUN --mount=type=cache", "Dockerfile:2:1: RUN needs an argument"),
    ("FROM a\nENV A", "Dockerfile:2:5: ENV needs a name and a value (ENV NAME=value)"),
    ("FROM a\nENV A=hunter 2", "Dockerfile:2:14: a word of ENV has no = (NAME=value; quote values with spaces)"),
    ("FROM a\nENV A=1 \\\n  =2", "Dockerfile:3:3: ENV needs a name before ="),
    ("FROM a\nLABEL A=1 b", "Dockerfile:2:11: a word of LABEL has no = (NAME=value; quote values with spaces)"),
    ("FROM a\nCOPY b", "Dockerfile:2:6: COPY needs a source and a destination"),
    ('FROM a\nADD ["b"]', "Dockerfile:2:5: ADD needs a source and a destination"),
    ('FROM a\nCMD ["a", 1]', "Dockerfile:2:5: a JSON array of other things than strings (quote each item)"),
    ("FROM a\nSHELL /bin/sh", "Dockerfile:2:7: SHELL takes a JSON array of strings"),
    ("FROM a\nHEALTHCHECK curl", "Dockerfile:2:13: HEALTHCHECK takes CMD and a command, or NONE"),
    ("FROM a\nHEALTHCHECK CMD", "Dockerfile:2:13: HEALTHCHECK takes CMD and a command, or NONE"),
    ("FROM a\nHEALTHCHECK NONE b", "Dockerfile:2:13: HEALTHCHECK takes CMD and a command, or NONE"),
    ("FROM a\nONBUILD", "Dockerfile:2:1: ONBUILD needs an argument"),
    ("FROM a\nONBUILD ONBUILD RUN b", "Dockerfile:2:9: ONBUILD cannot trigger ONBUILD"),
    ("FROM a\nONBUILD from b", "Dockerfile:2:9: ONBUILD cannot trigger FROM"),
    ("FROM a\nONBUILD MAINTAINER b", "Dockerfile:2:9: ONBUILD cannot trigger MAINTAINER"),
    ("FROM a\n" + "ONBUILD " * 100_000, "Dockerfile:2:9: ONBUILD cannot trigger ONBUILD"),
    ("FROM a\nONBUILD RUM b", 'Dockerfile:2:9: unknown instruction "RUM" (did you mean "RUN"?)'),
    ("FROM a\nRUN <<E\nb", "Dockerfile:2:5: nothing ends the heredoc (it ends with a line E)"),
    ("FROM a\nRUN <<E\n\tE", "Dockerfile:2:5: nothing ends the heredoc (it ends with a line E)"),
    ("# escape=x\nFROM a", "Dockerfile:1:1: the escape directive takes \\ or `"),
    ("# syntax=a\n# syntax=b\nFROM a", "Dockerfile:2:1: the syntax directive stands twice"),
    ("FROM a\nRUN b\0c", "Dockerfile:2:6: a NUL character: this is no text"),
    ("FROM a\n" * (MAX_STAGES + 1), f"Dockerfile:{MAX_STAGES + 1}:1: more than 1,000 stages"),
    ("FROM a\nRUN " + "--b " * (MAX_PARTS + 1) + "c", "Dockerfile:2:4005: more than 1,000 flags"),
    ("FROM a\nENV " + "B=c " * (MAX_PARTS + 1), "Dockerfile:2:4005: more than 1,000 pairs"),
    ("\x7fELF\x02\x01\x01", "Dockerfile:1:1: not an instruction"),
]


@pytest.mark.parametrize(("text", "expected"), ERRORS, ids=lambda value: repr(value)[:60])
def test_errors(text: str, expected: str) -> None:
    with pytest.raises(DocumentError) as caught:
        document(text)
    assert str(caught.value) == expected


TEXT = """\
ARG A="b c"
FROM --platform=$P node:1 AS x
RUN --mount=type=cache --mount=type=bind,from=y,target=/ \\
    # comment
    one \\
  && two
ENV B=c \\
    D='e f'
HEALTHCHECK --retries=3 CMD a
COPY --from=x a  bb /
CMD ["é", "b"]
RUN <<E
text
E
ONBUILD ENV T=u
EXPOSE\t80
CMD
"""

SPANS: list[tuple[DocPath, str]] = [
    ((0,), 'ARG A="b c"'),
    ((0, "keyword"), "ARG"),
    ((0, "pairs"), 'A="b c"'),
    ((0, "pairs", "A"), '"b c"'),
    ((0, "pairs", "Z"), 'A="b c"'),
    ((1, "flags", "platform"), "$P"),
    ((1, "flags"), "--platform=$P"),
    ((1, "arguments"), "node:1 AS x"),
    ((1, "arguments", 0), "node:1"),
    ((1, "arguments", 0, "tag"), "node:1"),
    ((1, "arguments", 2), "x"),
    ((1, "arguments", 7), "node:1 AS x"),
    ((1, "elsewhere"), "FROM --platform=$P node:1 AS x"),
    ((2, "arguments"), "one \\|  && two"),
    ((2, "flags"), "--mount=type=cache --mount=type=bind,from=y,target=/"),
    ((2, "flags", "mount", 0), "type=cache"),
    ((2, "flags", "mount", 1), "type=bind,from=y,target=/"),
    ((2, "flags", "mount", 1, "from"), "y"),
    ((2, "flags", "mount", 0, "from"), "type=cache"),
    ((2, "flags", "none"), "--mount=type=cache --mount=type=bind,from=y,target=/"),
    ((2,), "RUN --mount=type=cache --mount=type=bind,from=y,target=/ \\|    # comment|    one \\|  && two"),
    ((3, "pairs", "B"), "c"),
    ((3, "pairs", "D"), "'e f'"),
    ((3, "pairs"), "B=c \\|    D='e f'"),
    ((4,), "HEALTHCHECK --retries=3 CMD a"),
    ((4, "arguments"), "CMD a"),
    ((5, "flags", "from"), "x"),
    ((5, "arguments", 1), "bb"),
    ((6, "arguments", 0), '"é"'),
    ((6, "arguments", 1), '"b"'),
    ((7,), "RUN <<E|text|E"),
    ((7, "arguments"), "<<E"),
    ((8, "trigger"), "ENV T=u"),
    ((8, "trigger", "pairs", "T"), "u"),
    ((9, "arguments", 0), "80"),
    ((10,), "CMD"),
    ((10, "arguments"), "CMD"),
    ((10, "flags"), "CMD"),
    ((99,), ""),
    ((), ""),
]


@pytest.mark.parametrize(("path", "expected"), SPANS, ids=str)
def test_spans(path: DocPath, expected: str) -> None:
    of = document(TEXT)
    assert spanned(of, of.span(path)) == expected


def test_locations_count_characters() -> None:
    location = document('FROM a\r\n  CMD ["é", "b"]\r\n').locate((1, "arguments", 1))
    assert str(location) == "Dockerfile:2:13"
    assert (location.end_line, location.end_column) == (2, 16)


MASKED = [
    ("FROM a\nENV A=s3 B='s3 s3' C=", "ENV A=**** B=**** C="),
    ("FROM a\nENV A s3 s3", "ENV A ****"),
    (
        'FROM a\nENV A=b \\\n   C="s3 \\\n  s3" D=s3 \\\n  # s3\n   E=f',
        "ENV A=**** \\|   C=****|  **** D=**** \\|  # s3|   E=****",
    ),
    ("FROM a\nARG A=s3 B", "ARG A=**** ****"),
    ("FROM a\nonbuild env A=s3", "onbuild env A=****"),
    ("FROM a\nONBUILD ARG A=s3", "ONBUILD ARG A=****"),
    ("FROM a\nLABEL A=b", "LABEL A=b"),
]


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_excerpts_mask_values_of_env_and_arg(text: str, expected: str) -> None:
    of = document(text)
    assert "|".join(of.excerpt(line) or "" for line in range(2, len(of.lines) + 1)) == expected


HOSTILE = {
    "a huge line": "FROM a\nRUN " + "x" * 2_000_000,
    "a huge quote": 'FROM a\nENV A="' + "x " * 1_000_000,
    "many continued lines": "FROM a\nRUN a" + " \\\n b" * 10_000,
    "many comments in a continued line": "FROM a\nRUN a \\\n" + "# b\n" * 10_000,
    "many empty continued lines": "FROM a\nRUN a \\" + "\n" * 10_000,
    "an open JSON array": "FROM a\nCMD [" + '"a", ' * 100_000,
    "a deep JSON array": "FROM a\nCMD " + "[" * 100_000 + "]" * 100_000,
    "many heredocs": "FROM a\n" + "RUN <<E\nb\nE\n" * 5_000,
    "many open heredocs": "FROM a\nRUN " + " ".join(f"<<E{number}" for number in range(5_000)),
    "backslashes": "FROM a\nRUN " + "\\" * 1_000_000,
    "spaces": "FROM a\nRUN a" + " " * 1_000_000 + "b",
    "a directive of spaces": "# escape=`" + " " * 1_000_000 + "x\nFROM a",
    "quotes": "FROM a\nENV A=" + "'\"" * 500_000,
    "a carriage return for each line's end": "FROM a\rRUN b\r" * 10_000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_texts_end(text: str) -> None:
    try:
        of = document(text)
    except DocumentError:
        return
    for index in range(len(of.instructions)):
        of.span((index, "arguments", 0))


_KEYWORDS = [
    "FROM",
    "from",
    "RUN",
    "ENV",
    "ARG",
    "COPY",
    "CMD",
    "HEALTHCHECK",
    "ONBUILD",
    "LABEL",
    "EXPOSE",
    "SHELL",
    "USER",
]
_PIECES = ["a", "b", "AS", "NONE", "--from=a", "--mount=from=b,c=d", "--", "A=1", "B=", "=C", "'a", '"b', "$A", "${A"]
_MARKS = [
    "[",
    "]",
    '["a"',
    '"b"]',
    ",",
    "\\",
    "`",
    "<<E",
    "<<-E",
    "E",
    "<<<",
    "#",
    "#escape=`",
    "é",
    "\t",
    "\x85",
    "\x1c",
]
_WORDS = st.sampled_from([*_KEYWORDS, *_PIECES, *_MARKS, "\ufeff"])
_TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(st.one_of(_WORDS, st.sampled_from([" ", "\n", "\\\n", "\r\n", "\nRUN ", "\nENV "])), max_size=40).map(
        lambda words: "FROM a\n" + " ".join(words)
    ),
)
_PARTS: tuple[DocPath, ...] = (
    (),
    ("keyword",),
    ("arguments",),
    ("arguments", 0),
    ("arguments", 1),
    ("flags",),
    ("flags", "from"),
    ("flags", "mount", 0, "from"),
    ("pairs",),
    ("pairs", "A"),
    ("trigger",),
    ("trigger", "pairs"),
    ("other",),
)


@settings(max_examples=500, deadline=None)
@given(_TEXTS)
def test_any_text_parses_or_raises_a_document_error(text: str) -> None:
    try:
        of = document(text)
    except DocumentError as error:
        assert error.line is None or 1 <= error.line <= len(text.split("\n"))
        return
    for index, instruction in enumerate(of.instructions):
        assert of.lines[instruction.line - 1]
        for part in _PARTS:
            _inside(of, of.span((index, *part)))
            for span in of.scalar_spans((index, *part)):
                _inside(of, span)
    for line in range(1, len(of.lines) + 1):
        assert of.excerpt(line) is not None


def _inside(of: DockerfileDocument, span: Span) -> None:
    assert (span.line, span.column) <= (span.end_line, span.end_column)
    assert span.line >= 1
    assert span.end_line <= len(of.lines)
    assert 1 <= span.column <= len(of.lines[span.line - 1]) + 1
    assert 1 <= span.end_column <= len(of.lines[span.end_line - 1]) + 1


def test_real_files_parse() -> None:
    if not REAL.is_dir():
        pytest.skip("no collection of real Dockerfiles beside the repository")
    files = [path for path in REAL.rglob("*") if path.is_file()]
    assert files
    for path in files:
        assert DockerfileDocument(str(path), path.read_text()).instructions
