"""Hostile policies: each ends within a second, with a clear error or without harm, in a process of its own."""

from __future__ import annotations

import resource
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.once import ONCE
from tests.policy.writing import marked, policy, written

pytestmark = ONCE

SECONDS = 1.0
"""Of processor time; four starts come on top, since processors that share a core slow each other."""

MEMORY = 2 << 30

LIST = ", ".join(f'"{port}:80"' for port in range(1000, 1400))
INPUT = f"""
services:
  web:
    image: nginx
    user: {"a" * 100_000}
    cap_add: [{", ".join(f"C{number}" for number in range(2000))}]
    ports: [{LIST}]
"""


class Ended:
    """What came of a run: exit code, both outputs, and the processor time it took."""

    def __init__(self, directory: Path, *arguments: str) -> None:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "policyengine", *arguments],
            cwd=directory,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY)),
            env={"PYTHONPATH": ":".join(sys.path), "PATH": "", "POLICYENGINE_CACHE_DIR": str(directory / "cache")},
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.seconds = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        self.code, self.out = done.returncode, done.stdout + done.stderr


@cache
def start() -> float:
    """The processor time of a run with a policy that means no harm, here and now."""
    with TemporaryDirectory() as place:
        written(Path(place), policy())
        return Ended(Path(place), "check", "--no-built-in", "-p", "sample.yaml", ".").seconds


def run(directory: Path, text: str, source: str = INPUT) -> Ended:
    written(directory, text)
    (directory / "compose.yaml").write_text(source)
    arguments = ("--no-built-in", "-p", "sample.yaml", "--format", "text", "compose.yaml")
    ended = Ended(directory, "check", *arguments)
    assert "Traceback" not in ended.out, ended.out
    assert "has a bug" not in ended.out, ended.out
    assert ended.seconds < SECONDS + 4 * start(), f"{ended.seconds:.1f} s: {ended.out[:300]}"
    return ended


def require(rules: str) -> str:
    return policy(require=f"require:\n  {rules}")


def lines(count: int, line: str) -> str:
    return "\n".join(line.format(number) for number in range(count))


def asserted(cel: str) -> str:
    return policy(assert_=f"assert:\n  - cel: ▸{cel}")


TOO_DEEP = "nested more than 200 deep"
REJECTED = [
    ("20,000 terms", asserted(" || ".join(["privileged"] * 20_000)), "the expression has 279,996 characters"),
    (
        "many operators",
        asserted("'" + "!(" * 2_000 + "privileged" + ")" * 2_000 + "'"),
        "the expression is nested too deeply",
    ),
    ("many brackets", asserted("'" + "[" * 3_000 + "]" * 3_000 + " == []'"), "the expression is nested too deeply"),
    ("nested loops in one", asserted("'" + "cap_add.all(c, " * 300 + "true" + ")" * 300 + "'"), "the expression is"),
    (
        "51 assertions",
        policy(assert_="assert:\n" + lines(50, "  - cel: mem_limit < {}") + "\n  - ▸cel: a"),
        "more than 50",
    ),
    ("huge repetition", require("user: {regex: ▸'(a{1000}){1000}'}"), "bad regex: invalid repetition size"),
    ("large program", require("user: {regex: ▸'" + r"(\pL{9}){100}" + "'}"), "bad regex: pattern too large"),
    ("open groups", require("user: {regex: ▸'" + "(" * 100_000 + "'}"), "bad regex: missing )"),
    (
        "501 patterns",
        require("user:\n    anyof:\n" + lines(501, "      - regex: a{}")).replace("require:", "▸require:"),
        "more than 500 regular",
    ),
    (
        "bomb of aliases",
        policy("a0: &a0 [x]\n" + "\n".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 60))),
        "aliases stand for more than 200,000 values",
    ),
    (
        "small bomb of aliases",
        "▸"
        + require(
            "user: {anyof: [&a0 {regex: a}"
            + "".join(f", &a{n} {{anyof: [*a{n - 1}, *a{n - 1}]}}" for n in range(1, 13))
            + "]}"
        ),
        "more than 20,000 values",
    ),
    ("deep blocks", policy("x:\n" + "".join(" " * n + "a:\n" for n in range(1, 700))), TOO_DEEP),
    ("deep items", policy("x:\n " + "- " * 10_000 + "a"), TOO_DEEP),
    ("deep flow", policy("x: " + "[" * 10_000 + "]" * 10_000), TOO_DEEP),
    ("open flow", policy("x: " + "[" * 10_000), TOO_DEEP),
    ("deep mappings", policy("x: " + "{a: " * 10_000), TOO_DEEP),
    ("190 deep anyof", require("user: " + "{anyof: [" * 190 + "{regex: a}" + "]}" * 190), TOO_DEEP),
    ("1 MB of comment", "▸#" + "a" * 1_000_000 + "\n" + policy(), "larger than 512 KiB"),
    ("1 MB of value", "▸" + policy(why="why: " + "a" * 1_000_000), "larger than 512 KiB"),
    (
        "10,000 rules",
        "▸" + policy(require="require:\n" + lines(10_000, '  labels["{0}"]: {{allowed: [a]}}')),
        "more than 20,000",
    ),
    (
        "5,000 bad rules",
        policy(require="require:\n  ▸" + lines(5_000, "  priv{0}: {{allowed: [a]}}").strip()),
        'no field "priv0"',
    ),
    (
        "in one line",
        policy(require="require: {▸" + ", ".join(f"p{n}: {{empty: true}}" for n in range(5_000)) + "}"),
        'no field "p0"',
    ),
    (
        "bad parameters",
        policy(parameters="parameters:\n  a: {▸" + ", ".join(f"a{n}: 5" for n in range(500)) + "}"),
        'unknown key "a0"',
    ),
    (
        "very many parameters",
        policy(parameters="▸parameters:\n" + lines(5_000, "  a{0}: {{type: intger, hlp: h}}")),
        "more than 600 values outside where and require, 15,001 of them in parameters",
    ),
    (
        "very many controls",
        policy(controls="▸controls:\n" + lines(5_000, "  - {{id: {0}}}")),
        "more than 600 values outside",
    ),
    (
        "long name",
        require("▸? " + "a" * 400_000 + "\n  : {empty: true}").replace("▸? ", "? ▸"),
        "container has no field",
    ),
    (
        "long path",
        require("? user▸" + ".a" * 200_000 + "\n  : {empty: true}").replace("▸.", ".▸"),
        "string has no fields",
    ),
    ("long brackets", require("? 'cap_add[]▸" + "[]" * 200_000 + "'\n  : {empty: true}"), "[] stands after a list"),
    (
        "long constraint",
        require("user:\n    ▸? " + "a" * 400_000 + "\n    : 5").replace("▸? ", "? ▸"),
        "unknown constraint",
    ),
    ("long message", policy(message="message: ▸'" + "{value}" * 10_000 + "'"), "message: max length is 1000"),
    ("huge integer", require("mem_limit: {min: ▸1" + "0" * 5_000 + "}"), "min takes a number"),
    ("huge hexadecimal", require("mem_limit: {min: ▸0x1" + "0" * 5_000 + "}"), "min takes a number"),
    ("not a number", require("mem_limit: {min: ▸.nan}"), "min takes a finite number"),
    ("infinite", require("mem_limit: {max: ▸.inf}"), "max takes a finite number"),
    ("too large a float", require("cpus: {max: ▸1e99999}"), "max takes a finite number"),
    ("names of Python", require("▸__class__.__mro__: {required: true}"), "container has no field"),
    ("tags of Python", policy("x: !!python/object/apply:os.system ['touch pwned'▸]"), "unknown tag"),
    ("a sequence as key", require("? ▸[a]\n  : {required: true}"), "a mapping or a sequence cannot be a key"),
    ("null as key", require("▸null: {required: true}"), "container has no field"),
    ("a number as key", require("▸1.5: {required: true}"), 'malformed field path "1.5"'),
    ("format of Python", policy(message="message: '{▸name.__class__}'"), "unknown placeholder"),
    ("index of Python", policy(message="message: '{▸name!r:>99999}'"), "unknown placeholder"),
]


@pytest.mark.parametrize(("text", "message"), [case[1:] for case in REJECTED], ids=[case[0] for case in REJECTED])
def test_rejected(tmp_path: Path, text: str, message: str) -> None:
    text, places = marked(text)
    ended = run(tmp_path, text)
    first = ended.out.splitlines()[0]
    assert ended.code == 2, ended.out[:500]
    assert message in first
    assert not (tmp_path / "pwned").exists()
    if places:
        assert first.startswith(f"sample.yaml:{places[0][0]}:{places[0][1]}: ")
    else:
        assert first.startswith("sample.yaml:")
    assert len(ended.out) < 60_000


HARMLESS = [
    ("catastrophic regex", "user: {regex: '(a*)*b'}", 1),
    ("another", "user: {regex: '((a+)+)+'}", 0),
    ("and another", "user: {noneof: [{regex: '(a|a)*c'}, {regex: '(.*)*x'}]}", 0),
    ("deep groups", "user: {regex: '" + "(" * 50_000 + "a" + ")" * 50_000 + "'}", 1),
    ("94 deep anyof", "user: " + "{anyof: [" * 94 + "{regex: 'a+'}" + "]}" * 94, 0),
    ("94 deep noneof", "user: " + "{noneof: [" * 94 + "{regex: 'a+'}" + "]}" * 94, 0),
    ("94 deep allof", "user: " + "{allof: [" * 94 + "{regex: 'b+'}" + "]}" * 94, 1),
    ("deep schema", "ports: " + "{allof: [" * 94 + "{minlength: 1}" + "]}" * 94, 0),
    ("many stars", "user: {matches_any: [" + ", ".join([f"'{'a*' * 100}{n}'" for n in range(2_000)]) + "]}", 1),
    ("stars only", "user: {matches_any: ['" + "*" * 100_000 + "']}", 0),
    ("many values", "user: {allowed: [" + ", ".join(f"u{n}" for n in range(19_000)) + "]}", 1),
    (
        "many networks",
        "user: {within_cidr: [" + ", ".join(f"10.{n // 256}.{n % 256}.0/24" for n in range(9_000)) + "]}",
        1,
    ),
    ("a number of 900 digits", "mem_limit: {min: 1" + "0" * 900 + "}", 0),
    ("names of Python", 'labels["__class__"]: {empty: true}', 0),
]


@pytest.mark.parametrize(("rules", "code"), [case[1:] for case in HARMLESS], ids=[case[0] for case in HARMLESS])
def test_harmless(tmp_path: Path, rules: str, code: int) -> None:
    assert run(tmp_path, require(rules)).code == code


UNJUDGED = [
    (
        "four nested loops",
        "assert:\n  - cel: cap_add.all(a, cap_add.all(b, cap_add.all(c, cap_add.all(d, a + b + c != d))))",
        "could not be judged: the expression needs",
    ),
    (
        "four loops over ports",
        "assert:\n  - cel: ports.all(a, ports.all(b, ports.all(c, ports.all(d, a.target <= d.target + c.target))))",
        "could not be judged: the expression needs",
    ),
    (
        "a slow pattern",
        "require:\n  user: {regex: '(.*a){1000}'}",
        "could not be judged: the regular expression needs too much work on a text of this length",
    ),
]


@pytest.mark.parametrize(("body", "message"), [case[1:] for case in UNJUDGED], ids=[case[0] for case in UNJUDGED])
def test_unjudged(tmp_path: Path, body: str, message: str) -> None:
    text = policy(assert_=body) if body.startswith("assert") else policy(require=body)
    ended = run(tmp_path, text)
    assert (ended.code, message in ended.out) == (2, True), ended.out[:500]


def test_a_message_stays_short(tmp_path: Path) -> None:
    text = policy(require="require:\n  user: {maxlength: 1}", message="message: '" + "{value}" * 142 + "'")
    ended = run(tmp_path, text)
    assert ended.code == 1
    assert len(ended.out) < 40_000


def test_the_same_limits_hold_for_values_of_parameters(tmp_path: Path) -> None:
    parameters = "parameters:\n  shape: {type: string, default: a, help: h}"
    written(tmp_path, policy(parameters=parameters, require="require:\n  user: {regex: !param shape}"))
    (tmp_path / "compose.yaml").write_text(INPUT)
    arguments = ("--no-built-in", "-p", "sample.yaml", "--param", "sample.shape='(a{1000}){1000}'", "compose.yaml")
    ended = Ended(tmp_path, "check", *arguments)
    assert ended.code == 2
    assert ended.out.startswith('error: parameter "sample.shape": bad regex: invalid repetition size')
