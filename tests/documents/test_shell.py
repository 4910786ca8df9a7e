from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyengine.documents.shell import MAX_PIPES, MAX_SCRIPT, Command, parse


def shown(command: Command) -> str:
    """A command in one line: its variables, its words parted by |, its input, what it reads from and writes to."""
    parts = [f"{name}={'?' if value is None else value}" for name, value in command.variables]
    parts.append("|".join(word.text if word.known else f"?{word.text}" for word in command.words))
    if command.script:
        parts.append(f"<{command.script.text!r}")
    if command.reads_from:
        parts.append("from " + ",".join(word.text for word in command.reads_from))
    if command.piped:
        parts.append("piped")
    return " ".join(parts)


SCRIPTS = [
    ("", []),
    ("# nothing", []),
    ("a b c", ["a|b|c"]),
    ("a && b || c; d & e\nf", ["a", "b", "c", "d", "e", "f"]),
    ("A=1 B+=2 D=$E F='g h' make C=3", ["A=1 B=? D=? F=g h make|C=3"]),
    ("A=1", [""]),
    ("export A=\"b c\" D; unset E; local f='g'", ["export|A=b c|D", "unset|E", "local|f=g"]),
    ('a "b c" \'d e\' f\\ g $\'h\\n\' "i\\"j\\k" k"l"\'m\'', ['a|b c|d e|f g|h\n|i"j\\k|klm']),
    ("a $B ${C} d$E \"f $G\" '$H' $(i) `j`", ["a|?$B|?${C}|?d$E|?f $G|$H|?$(i)|?`j`", "i", "j"]),
    ('$A b; "$C/d" e; $(f) g', ["?$A|b", "?$C/d|e", "?$(f)|g", "f"]),
    ("a > b 2>&1 < c", ["a"]),
    ("a > b c", ["a|c"]),
    ("> a b", ["b"]),
    ("if a; then b; elif c; then d; else e; fi", ["a", "b", "c", "d", "e"]),
    ("[ -f a ] && [[ -f $(b) ]] && test c", ["b", "test|c"]),
    ("for a in b $(c); do d; done", ["c", "d"]),
    ("while a; do b; done < <(c)", ["a", "b", "c"]),
    ("case $a in b) c;; *) d;; esac", ["c", "d"]),
    ("f() { a; }; ( b; c ); { d; }", ["a", "b", "c", "d"]),
    ("! a; time b", ["a", "time|b"]),
    ("x=$(a $(b))", ["", "a|?$(b)", "b"]),
    ("a | b |& c", ["a piped", "b from a piped", "c from a,b"]),
    ("a | (b && c) | d", ["a piped", "b from a piped", "c from a piped", "d from a,b,c"]),
    ("a | { b | c; }", ["a piped", "b from a piped", "c from b"]),
    ("a $(b | c) | d", ["a|?$(b | c) piped", "b piped", "c from b", "d from a"]),
    ("cat <<E > f\nx $(y)\nE\nb", ["cat <'x $(y)\\n'", "y", "b"]),
    ("cat <<'E'\nx $(y)\nE\n", ["cat <'x $(y)\\n'"]),
    ("a && sh <<E\nb\nE\n", ["a", "sh <'b\\n'"]),
    ("a | sh <<E\nb\nE\n", ["a piped", "sh <'b\\n' from a"]),
    ("sh <<< 'a b'", ["sh <'a b'"]),
    ("wget https://a/$b_c-$d_e-f.tgz g", ["wget|?https://a/$b_c-$d_e-f.tgz|g"]),
    ('é "ü" && ö 🐳 | ß', ["é|ü", "ö|🐳 piped", "ß from ö"]),
]


@pytest.mark.parametrize(("text", "expected"), SCRIPTS, ids=[text[:40] for text, _ in SCRIPTS])
def test_commands(text: str, expected: list[str]) -> None:
    script = parse(text)
    assert [shown(command) for command in script.commands if command.words] == [line for line in expected if line]
    assert script.error is None


@pytest.mark.parametrize(
    ("text", "error", "names"),
    [
        ("a && && b", 2, ["a", "b"]),
        ("a; if b; then", 13, ["a", "b"]),
        ('a "b', 2, ["a"]),
        ("é é; )", 0, ["é"]),
        ("a\nb )\nc", 4, ["a", "b", "c"]),
    ],
)
def test_what_is_no_script_is_told_and_what_is_around_it_is_read(text: str, error: int, names: list[str]) -> None:
    script = parse(text)
    assert (script.error, [command.words[0].text for command in script.commands]) == (error, names)


def test_offsets_are_those_of_characters() -> None:
    text = "é 'ü' && ö  \"a b\" 🐳"
    commands = parse(text).commands
    assert [text[command.start : command.end] for command in commands] == ["é 'ü'", 'ö  "a b" 🐳']
    assert [text[w.start : w.end] for command in commands for w in command.words] == ["é", "'ü'", "ö", '"a b"', "🐳"]


def test_a_word_is_literal_where_its_text_is_what_is_written() -> None:
    words = parse('a \'b\' "c d" "e\\"f" g\\h $\'i\'').commands[0].words
    assert [word.literal for word in words] == [True, True, True, False, False, False]


def test_input_that_stands_elsewhere() -> None:
    given = parse("a").commands[0].words[0]
    assert parse("sh < x", {3: given}).commands[0].script is given


HOSTILE = {
    "long": "a " * MAX_SCRIPT,
    "pipes": "a|" * MAX_PIPES + "a|",
    **{
        repr(piece): piece * (MAX_SCRIPT // len(piece))
        for piece in ("(", "$(", "{ ", "a|", "<<E\n", "a) ", "`", "if a;")
    },
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_scripts_end_and_are_not_understood(text: str) -> None:
    assert parse(text).error is not None


def test_reading_from_many_commands_is_bounded() -> None:
    last = parse(" | ".join(f"a{number}" for number in range(300))).commands[-1]
    assert len(last.reads_from) == 20
    assert last.reads_from[-1].text == "a298"


@settings(max_examples=300, deadline=None)
@given(st.text("ab|&;()<>$\"'`\\{} \n#=é🐳[]!", max_size=60))
def test_any_text_is_read(text: str) -> None:
    script = parse(text)
    assert script.error is None or 0 <= script.error <= len(text)
    for command in script.commands:
        assert 0 <= command.start <= command.end <= len(text)
        assert all(0 <= word.start <= word.end <= len(text) for word in command.words)


def test_variables_that_a_script_sets_for_itself() -> None:
    text = "A=1 B='x y'\nC+=3 make; D=4 make\nif t; then E=$X; fi; export F=1; G=(a b); ä; H=`ls`; Y=\n"
    assert [(one.name, one.value, text[one.start : one.end]) for one in parse(text).assignments] == [
        ("A", "1", "A=1"),
        ("B", "x y", "B='x y'"),
        ("E", None, "E=$X"),
        ("G", None, "G=(a b)"),
        ("H", None, "H=`ls`"),
        ("Y", "", "Y="),
    ]
