"""``policyengine baseline`` as users run it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.inputs import inputs
from tests.exceptions.saying import write
from tests.once import ONCE
from tests.running import COMPOSE, POD, Ended, cli

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = ONCE

ONLY = ("--select", "privileged,host-network")


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    write(tmp_path, {"app/pod.yaml": POD, "more/pod.yaml": POD.replace("name: web", "name: api")})
    return tmp_path


def baseline(shop: Path, *arguments: str, cwd: Path | None = None) -> Ended:
    command, *rest = arguments
    return cli("baseline", command, *rest, *(() if command == "show" else ONLY), cwd=cwd or shop)


def check(shop: Path, *arguments: str) -> Ended:
    return cli("check", ".", *ONLY, *arguments, cwd=shop)


def test_create_show_check_and_begin_anew(shop: Path) -> None:
    assert baseline(shop, "create") == Ended(0, "2 findings in policyengine-baseline.json; 2 added, 0 removed\n", "")
    assert json.loads((shop / "policyengine-baseline.json").read_text())["findings"][0]["path"] == "app/pod.yaml"
    assert check(shop) == Ended(0, "", "")
    assert check(shop, "--no-exceptions").code == 1
    assert baseline(shop, "show") == Ended(
        0,
        """\
File           Policy      Status    Resource                 Count
-------------  ----------  --------  ---------------------  -------
app/pod.yaml   privileged  fail      pod/web/container/web        1
more/pod.yaml  privileged  fail      pod/api/container/api        1

2 findings in policyengine-baseline.json
""",
        "",
    )
    again = baseline(shop, "create")
    assert again.code == 2
    assert again.err == (
        "error: policyengine-baseline.json: there is a baseline already (policyengine baseline update takes out what "
        "was mended; --force begins anew)\n"
    )
    write(shop, {"app/pod.yaml": POD.replace("privileged: true", "privileged: false")})
    assert baseline(shop, "create", "--force").out == "1 finding in policyengine-baseline.json; 1 added, 0 removed\n"


def test_update(shop: Path) -> None:
    baseline(shop, "create")
    (shop / "more/pod.yaml").rename(shop / "more/moved.yaml")
    write(shop, {"app/pod.yaml": COMPOSE, "new.yaml": POD.replace("name: web", "name: new")})
    assert check(shop).out == (
        "new.yaml:8:37: critical privileged new runs privileged\n"
        "policyengine-baseline.json: notice 1 finding of the baseline found no more: policyengine baseline update "
        "takes them out\n"
    )
    done = "1 finding in policyengine-baseline.json; 0 added, 1 removed; 1 new not taken in (--add does)\n"
    assert baseline(shop, "update") == Ended(0, done, "")
    assert '"path": "more/moved.yaml"' in (shop / "policyengine-baseline.json").read_text()
    assert check(shop).code == 1
    assert baseline(shop, "update", "--add").out == ("2 findings in policyengine-baseline.json; 1 added, 0 removed\n")
    assert check(shop) == Ended(0, "", "")


def test_what_was_not_judged_stays(shop: Path) -> None:
    baseline(shop, "create")
    whole = (shop / "policyengine-baseline.json").read_text()
    kept = "2 findings in policyengine-baseline.json; 0 added, 0 removed\n"
    assert baseline(shop, "update", "app").out == kept
    assert cli("baseline", "update", "--select", "host-network", cwd=shop).out == kept
    write(shop, {"more/pod.yaml": "kind: [\n"})
    broken = baseline(shop, "update")
    assert (broken.code, broken.out) == (2, kept)
    assert "more/pod.yaml:2:1: malformed YAML" in broken.err
    assert (shop / "policyengine-baseline.json").read_text() == whole
    write(shop, {"more/pod.yaml": "# nothing\n"})
    assert baseline(shop, "update").out == "1 finding in policyengine-baseline.json; 0 added, 1 removed\n"


def test_a_file_that_moved_to_where_nobody_looked_is_not_forgotten(shop: Path) -> None:
    baseline(shop, "create")
    (shop / "sub").mkdir()
    (shop / "app/pod.yaml").rename(shop / "sub/x.yaml")
    kept = "2 findings in policyengine-baseline.json; 0 added, 0 removed\n"
    assert baseline(shop, "update", "more/pod.yaml") == Ended(0, kept, "")
    assert baseline(shop, "update", "more") == Ended(0, kept, "")
    assert cli("check", "more/pod.yaml", *ONLY, cwd=shop) == Ended(0, "", "")
    assert check(shop) == Ended(0, "", "")
    assert baseline(shop, "update") == Ended(0, kept, "")
    assert '"path": "sub/x.yaml"' in (shop / "policyengine-baseline.json").read_text()
    (shop / "sub/x.yaml").unlink()
    assert baseline(shop, "update", "sub").out == "1 finding in policyengine-baseline.json; 0 added, 1 removed\n"


def test_part_of_a_project(shop: Path) -> None:
    """What was known of files that are not judged hides nothing of those that are."""
    baseline(shop, "create")
    write(shop, {"new/pod.yaml": POD})
    assert cli("check", "new/pod.yaml", *ONLY, cwd=shop).code == 1
    assert cli("check", "-", *ONLY, cwd=shop, stdin=POD).code == 1
    assert cli("check", "app/pod.yaml", *ONLY, cwd=shop) == Ended(0, "", "")


def test_from_elsewhere(shop: Path) -> None:
    """Paths are the baseline's directory's, wherever it lies and whoever asks from where."""
    assert baseline(shop, "create", "..", "--baseline", "../known.json", cwd=shop / "app").code == 0
    assert [one["path"] for one in json.loads((shop / "known.json").read_text())["findings"]] == [
        *("app/pod.yaml", "more/pod.yaml"),
    ]
    for source, cwd in ((".", shop), (".", shop / "app"), ("..", shop / "app"), (str(shop), shop / "more")):
        known = str(shop / "known.json") if cwd == shop else "../known.json"
        assert cli("check", source, "--baseline", known, *ONLY, cwd=cwd) == Ended(0, "", "")


def test_it_is_found_above(shop: Path) -> None:
    baseline(shop, "create")
    assert cli("check", ".", *ONLY, cwd=shop / "app") == Ended(0, "", "")


def test_where_there_is_none(shop: Path) -> None:
    for command in ("update", "show"):
        ended = baseline(shop, command)
        assert (ended.code, ended.err) == (2, "error: there is no baseline (policyengine baseline create writes one)\n")
    assert "no such file" in baseline(shop, "update", "--baseline", "none.json").err
    write(shop, {"policyengine-baseline.json": "{"})
    told = "policyengine-baseline.json:1:2: malformed JSON (policyengine baseline create writes one)\n"
    assert baseline(shop, "update") == Ended(2, "", f"error: {told}")
    judged = check(shop)
    assert (judged.code, judged.err.count("malformed JSON") + judged.out.count("malformed JSON")) == (2, 1)
    assert judged.out.count("runs privileged") == 2


def test_other_exceptions_are_not_taken_in(shop: Path) -> None:
    """What is let pass is not; what a waiver was for until yesterday is not either: it blocks."""
    waivers = "version: 1\nwaivers:\n  - {policy: privileged, path: more, reason: why, expires: 2020-01-01}\n"
    write(shop, {"policyengine-waivers.yaml": waivers})
    write(shop, {"app/pod.yaml": f"# policyengine: ignore[privileged] why\n\n{POD}"})
    assert baseline(shop, "create").out == "0 findings in policyengine-baseline.json; 0 added, 0 removed\n"
    assert baseline(shop, "update", "--add").out.startswith("0 findings in")
    assert check(shop).code == 1


def test_nothing_is_written_where_exceptions_are_not_understood(shop: Path) -> None:
    """What a waiver would block for is not taken in because nobody can read the waiver."""
    wrong = "error: policyengine-waivers.yaml:1:1: waivers are a mapping (begin with version: 1)\n"
    write(shop, {"policyengine-waivers.yaml": "no\n"})
    assert baseline(shop, "create") == Ended(2, "policyengine-baseline.json is not written\n", wrong)
    assert not (shop / "policyengine-baseline.json").exists()
    assert baseline(shop, "create", "--waivers", "").code == 0
    write(shop, {"new.yaml": POD})
    assert baseline(shop, "update", "--add") == Ended(2, "policyengine-baseline.json is not written\n", wrong)
    assert "new.yaml" not in (shop / "policyengine-baseline.json").read_text()


def test_unknown_ones_are_taken_in_when_they_fail_the_run(shop: Path) -> None:
    write(shop, {"app/pod.yaml": "FROM debian:12\nUSER $WHO\n"})
    (shop / "app/pod.yaml").rename(shop / "Dockerfile")
    user = ("--select", "user-root", ".")
    assert cli("baseline", "create", *user, cwd=shop).out.startswith("0 findings")
    assert cli("baseline", "create", "--force", "--unknown", "fail", *user, cwd=shop).out.startswith("1 finding ")
    assert cli("check", *user, "--unknown", "fail", cwd=shop).code == 0
    assert cli("baseline", "update", *user, cwd=shop).out.startswith("1 finding ")


def test_where_there_is_nothing_to_check_it_is_told(tmp_path: Path) -> None:
    looked = f"looked for {', '.join(sorted(inputs()))}"
    told = f"warning: nothing to check was found in . ({looked})\n"
    assert cli("baseline", "create", cwd=tmp_path) == Ended(
        0, "0 findings in policyengine-baseline.json; 0 added, 0 removed\n", told
    )
    assert cli("baseline", "update", cwd=tmp_path).err == told


def test_a_place_that_cannot_be_written(shop: Path) -> None:
    told = "error: none/b.json: cannot write: no such file or directory\n"
    assert cli("baseline", "create", "--baseline", "none/b.json", cwd=shop) == Ended(2, "", told)
