"""The comparison itself: what a row's system is, which values parameters get, what agrees."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.authentication.files import Entry
from tests.conformance.overlays import __main__ as command
from tests.conformance.overlays import covered, recorded
from tests.conformance.overlays.corpus import Row, rows
from tests.conformance.overlays.judging import outcome

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

HEAD = "rule\trows\tproducts\tpolicies\tparameters\tabout\n"
BASE = {
    "/etc/ssh/sshd_config": {"text": "Include /etc/ssh/sshd_config.d/*.conf\nUsePAM yes\n", "mode": "0o644"},
    "/etc/sudoers.d/old": {"text": "# old\n", "mode": "0o440"},
    "/etc/issue": {"text": "hello\n", "mode": "0o644"},
}


def case(rule: str, expected: str, files: dict[str, Any], *variables: str, name: str = "case") -> dict[str, Any]:
    return {
        "id": f"box/{rule}/{name}",
        "product": "box",
        "rule": rule,
        "expected": expected,
        "variables": list(variables),
        "files": files,
    }


def written(directory: Path, *cases: dict[str, Any]) -> Path:
    (directory / "base_box.json").write_text(json.dumps(BASE), encoding="utf-8")
    file = directory / "mine.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in cases), encoding="utf-8")
    return file


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The table of what is covered, and the one of what disagrees, for this test alone."""
    table, differences = tmp_path / "covered.tsv", tmp_path / "disagreements.tsv"
    table.write_text(
        HEAD
        + "mac\t1\tbox\tssh-macs\t\t*\n"
        + "levels\t1\t*\tssh-log-level\t{allowed: [INFO, $level]}\t*\n"
        + "sessions\t1\t*\tssh-max-sessions\t{most: $sessions}\t*\n"
        + "kerberos\t1\t*\tssh-kerberos\t\t*\n"
        + "quiet\t1\t*\tssh-kerberos\t{mode: effective}\t*\n"
        + "elsewhere\t1\t*\tssh-kerberos\t\t/etc/*\n"
        + "later\t1\t*\t\t\t*\n",
        encoding="utf-8",
    )
    differences.write_text("\t".join(recorded.COLUMNS) + "\n", encoding="utf-8")
    monkeypatch.setattr(covered, "FILE", table)
    monkeypatch.setattr(recorded, "FILE", differences)
    covered.covered.cache_clear()
    yield tmp_path
    covered.covered.cache_clear()


def row(files: dict[str, Any], rule: str = "kerberos", expected: str = "pass", *variables: str) -> Any:
    return case(rule, expected, files, *variables)


def text(content: str) -> dict[str, Any]:
    return {"text": content, "mode": "0o600", "uid": 3, "gid": 4}


def drop_in(content: str) -> dict[str, Any]:
    return {"/etc/ssh/sshd_config.d/a.conf": text(content)}


def only_row(directory: Path, files: dict[str, Any], *arguments: str) -> Row:
    [found] = rows(written(directory, row(files, *arguments)))
    return found


def test_files_are_put_over_the_base(tmp_path: Path) -> None:
    root = only_row(
        tmp_path,
        {
            "/etc/issue": text("other\n"),
            "/etc/motd": {"link": "issue"},
            "/etc/ssh": {"dir": True, "mode": "0o750", "uid": 0, "gid": 5},
            "/etc/sudoers.d": {"absent": True},
        },
    ).root
    assert root.content("/etc/issue", 100) == b"other\n"
    assert root.entry("/etc/issue") == Entry("file", 0o600, 3, 4, 6)
    assert root.entry("/etc/motd") == Entry("symlink", 0o777, 0, 0, target="issue")
    assert root.entry("/etc/ssh") == Entry("directory", 0o750, 0, 5)
    assert root.names("/etc") == ("issue", "motd", "ssh")
    assert root.content("/etc/ssh/sshd_config", 100) == BASE["/etc/ssh/sshd_config"]["text"].encode()


@pytest.mark.parametrize(
    ("rule", "variables", "given"),
    [
        ("sessions", ("sessions=7",), {"ssh-max-sessions": {"mode": "explicit", "most": 7}}),
        (
            "levels",
            ("level = DEBUG,ERROR",),
            {"ssh-log-level": {"mode": "explicit", "allowed": ["INFO", "DEBUG", "ERROR"]}},
        ),
        ("quiet", (), {"ssh-kerberos": {"mode": "effective"}}),
    ],
)
def test_parameters_are_given(only: Path, rule: str, variables: tuple[str, ...], given: object) -> None:
    found = only_row(only, {}, rule, "pass", *variables)
    line = covered.line_for(found)
    assert line is not None
    assert line.given(found) == given


def test_a_variable_without_a_value_is_an_error(only: Path) -> None:
    found = only_row(only, {}, "sessions")
    line = covered.line_for(found)
    assert line is not None
    with pytest.raises(KeyError, match="sessions"):
        line.given(found)


@pytest.mark.parametrize(
    ("rule", "files", "verdict", "pass_agrees", "fail_agrees"),
    [
        ("kerberos", drop_in("KerberosAuthentication no\n"), "pass", True, False),
        ("kerberos", drop_in("KerberosAuthentication yes\n"), "fail", False, True),
        ("kerberos", {}, "fail", False, True),
        ("quiet", {}, "pass", True, False),
        ("kerberos", drop_in("KerberosAuthentication perhaps\n"), "refused", False, True),
        ("kerberos", {"/etc/ssh/sshd_config": {"absent": True}}, "nothing", True, False),
        ("elsewhere", drop_in("KerberosAuthentication yes\n"), "nothing", True, False),
        (
            "quiet",
            {"/etc/ssh/sshd_config": text("Include /etc/ssh/loop\n"), "/etc/ssh/loop": {"link": "loop"}},
            "unknown",
            False,
            False,
        ),
        ("later", {}, "none", False, False),
    ],
)
def test_verdicts(
    only: Path, rule: str, files: dict[str, Any], verdict: str, *, pass_agrees: bool, fail_agrees: bool
) -> None:
    good, bad = rows(written(only, row(files, rule), row(files, rule, "fail")))
    assert (outcome(good).verdict, outcome(good).agrees) == (verdict, pass_agrees)
    assert (outcome(bad).verdict, outcome(bad).agrees) == (verdict, fail_agrees)


def test_the_command_tells_and_records(only: Path) -> None:
    file = written(
        only,
        case("kerberos", "pass", drop_in("KerberosAuthentication no\n"), name="right"),
        case("kerberos", "pass", drop_in("KerberosAuthentication yes\n"), name="wrong"),
        case("later", "pass", {}, name="none"),
    )
    said = """\
family    rule      policies        rows    refused    agree     %
--------  --------  ------------  ------  ---------  -------  ----
mine      kerberos  ssh-kerberos       2          0        1     50
mine      later     -                  1          0        0      0
mine      all                          3          0        1   33.3
all       2 rules                      3          0        1   33.3

box/kerberos/wrong: expected pass, found fail by ssh-kerberos
  ssh-kerberos: /etc/ssh/sshd_config.d/a.conf:1: system verifies passwords by Kerberos
  {}"""
    assert command.main([str(file), "--write"]).split() == said.format("not recorded").split()
    line = "mine\tbox/kerberos/wrong\tpass\tfail\t"
    assert recorded.FILE.read_text(encoding="utf-8").splitlines()[1:] == [line]
    recorded.FILE.write_text("\t".join(recorded.COLUMNS) + f"\n{line}the KDC is ours\n", encoding="utf-8")
    assert command.main([str(file), "--write"]).split() == said.format("recorded: the KDC is ours").split()
    assert recorded.FILE.read_text(encoding="utf-8").splitlines()[1:] == [f"{line}the KDC is ours"]
    assert "all       1 rules" in command.main([str(file), "--rule", "lat*", "--write"])
    assert recorded.FILE.read_text(encoding="utf-8").splitlines()[1:] == [f"{line}the KDC is ours"]
