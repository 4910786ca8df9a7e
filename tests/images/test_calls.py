from __future__ import annotations

import pytest

from policyengine.images.calls import Arg, assigned, exported, program, read, replaced, without_user

from .calls import calls

VALUED = frozenset(("t", "o", "option"))

ARGUMENTS = [
    ("-yqq install curl", [("y", None), ("q", None), ("q", None)], ["install", "curl"]),
    ("install -t sid curl", [("t", "sid")], ["install", "curl"]),
    ("-tsid curl", [("t", "sid")], ["curl"]),
    ("-yt sid curl", [("y", None), ("t", "sid")], ["curl"]),
    ("-q=2 curl", [("q", "2")], ["curl"]),
    ("--option=a=b --option c d", [("option", "a=b"), ("option", "c")], ["d"]),
    ("--yes - curl", [("yes", None)], ["-", "curl"]),
    ("-y -- -t --option", [("y", None)], ["-t", "--option"]),
    ("-t", [("t", None)], []),
]


@pytest.mark.parametrize(("text", "options", "operands"), ARGUMENTS)
def test_options_are_told_from_operands(text: str, options: list[tuple[str, str | None]], operands: list[str]) -> None:
    found = read(replaced(text.split(), {}), VALUED)
    assert [(option.name, option.value) for option in found.options] == options
    assert [arg.text for arg in found.operands] == operands


def test_long_options_may_stand_behind_one_dash() -> None:
    found = read(replaced(["-ldflags", "-s -w", "-race", "-tags=a", "."], {}), frozenset(("ldflags",)), long_dash=True)
    assert [(option.name, option.value) for option in found.options] == [
        ("ldflags", "-s -w"),
        ("race", None),
        ("tags", "a"),
    ]
    assert found.operands == (Arg(".", 4),)


def test_known_variables_are_replaced() -> None:
    known = {"A": "x y", "URL": "https://example.com"}
    assert replaced(["$A", "${URL}/file", "$B", "a$A"], known) == [
        Arg("x", 0),
        Arg("y", 0),
        Arg("https://example.com/file", 1),
        Arg("$B", 2),
        Arg("a$A", 3),
    ]


PROGRAMS = [
    ("pip install a", ("pip", ("install", "a"), 0)),
    ("/venv/bin/python3.12 -m pip install a", ("pip", ("install", "a"), 2)),
    ("python -u -m pip list", ("pip", ("list",), 3)),
    ("python app.py -m pip", ("python", ("app.py", "-m", "pip"), 0)),
    ("python -m", ("python", ("-m",), 0)),
]


@pytest.mark.parametrize(("script", "found"), PROGRAMS)
def test_a_module_of_python_is_a_program(script: str, found: tuple[str, tuple[str, ...], int]) -> None:
    assert program(calls(script)[0]) == found


def test_variables_that_are_exported() -> None:
    assert [list(exported(call)) for call in calls("export A=1 B='x y' C && echo D=2")] == [
        [("A", "1", 0), ("B", "x y", 1)],
        [],
    ]


ASSIGNED = [
    ("deps='gcc make' && apt-get install $deps", {"deps": "gcc make"}),
    ('set -e; A=1; B="two"\nC=x/y', {"A": "1", "B": "two", "C": "x/y"}),
    ("A=$B; C=`d`; E=$(f)", {}),
    ("A=1; A=2", {}),
    ("A=1; A+=2", {}),
    ("A=1; read A", {}),
    ("A=1; for A in 2 3; do echo; done", {}),
    ("curl --data=A=1 x?B=2", {}),
]


@pytest.mark.parametrize(("script", "found"), ASSIGNED)
def test_variables_with_one_value(script: str, found: dict[str, str]) -> None:
    assert assigned(script) == found


def test_users_are_left_out_of_addresses() -> None:
    assert without_user("https://user:secret@example.com/a@b") == "https://example.com/a@b"
    assert without_user("https://example.com/a@b") == "https://example.com/a@b"
