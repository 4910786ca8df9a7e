from __future__ import annotations

from pathlib import Path

import pytest

from policyengine.errors import UsageError
from policyengine.outputs import formats, turns_round
from policyengine.outputs.select import Target, check_way, default, parse

KNOWN = ", ".join(formats())


@pytest.fixture(autouse=True)
def _in_an_empty_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dir").mkdir()


@pytest.mark.parametrize(
    ("specs", "expected"),
    [
        ([], ()),
        (["full"], (Target("full"),)),
        (["json=-"], (Target("json"),)),
        (
            ["sarif=out.sarif", "full", "json=dir/a=b.json"],
            (Target("sarif", Path("out.sarif")), Target("full"), Target("json", Path("dir/a=b.json"))),
        ),
    ],
)
def test_parse(specs: list[str], expected: tuple[Target, ...]) -> None:
    assert parse(specs) == expected


@pytest.mark.parametrize(
    ("specs", "message"),
    [
        (["jsn"], 'unknown format "jsn" (did you mean "json"?)'),
        (["options"], f'unknown format "options" (formats are {KNOWN})'),
        (["xyz=out"], f'unknown format "xyz" (formats are {KNOWN})'),
        ([""], f'unknown format "" (formats are {KNOWN})'),
        (["json="], 'no file after "json=" (write json=FILE, or json alone for standard output)'),
        (
            ["full", "sarif=x", "json"],
            'formats "full" and "json" both go to standard output (give one of them a file: --format json=FILE)',
        ),
        (["text", "text=-"], 'formats "text" and "text" both go to standard output (give one of them a file: '),
        (["json=x", "sarif=dir/../x"], 'formats "json" and "sarif" both go to dir/../x (give one of them a file: '),
        (["json=none/x"], "none: cannot write: there is no such directory"),
        (["json=dir"], "dir: cannot write: this is a directory"),
    ],
)
def test_what_is_impossible_is_said_before_anything_is_judged(specs: list[str], message: str) -> None:
    with pytest.raises(UsageError) as raised:
        parse(specs)
    assert str(raised.value).startswith(message)
    assert list(Path().iterdir()) == [Path("dir")]


def test_default() -> None:
    assert default(terminal=True) == (Target("full"),)
    assert default(terminal=False) == (Target("text"),)


def test_a_report_goes_by_finding_or_by_control() -> None:
    targets = parse(["full", "json=out.json"])
    assert check_way(None, targets) == ""
    assert check_way("control", targets) == "control"


@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("contrl", '--by: unknown way "contrl" (did you mean "control"?)'),
        ("policy", '--by: unknown way "policy" (a report can go by control)'),
        ("", '--by: unknown way "" (a report can go by control)'),
    ],
)
def test_ways_that_are_none(way: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        check_way(way, parse(["full"]))
    assert str(raised.value) == message


@pytest.mark.parametrize("name", ["github", "gitlab"])
def test_a_format_that_cannot_be_turned_round_says_so(name: str) -> None:
    able = ", ".join(one for one in formats() if turns_round(one))
    with pytest.raises(UsageError) as raised:
        check_way("control", parse(["full", f"{name}=out"]))
    assert str(raised.value) == f'the format "{name}" cannot go by control (formats that can are {able})'
