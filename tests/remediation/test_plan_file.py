"""Plans as files: what is written is what is read; only the owner reads it; nothing else is taken for one."""

from __future__ import annotations

import json
import os
import threading
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.errors import UsageError
from policyengine.remediation.changes import RemoveField, SetField
from policyengine.remediation.plan_file import _digest, as_json, from_json, read, write
from tests.commands.plans import PLAN

if TYPE_CHECKING:
    from pathlib import Path

HINT = "(make it anew: policyengine remediate SOURCE --plan FILE)"


def test_what_is_written_is_what_is_read(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o644)
    write(PLAN, path)
    assert read(path) == PLAN
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan.json"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("plan.json")
    write(PLAN, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert read(tmp_path / "plan.json") == PLAN
    assert (tmp_path / "plan.json").stat().st_mode & 0o777 == 0o600


def test_a_pipe_is_written_to(tmp_path: Path) -> None:
    """So is a device: both stay what they are."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o644)
    told: list[str] = []
    reader = threading.Thread(target=lambda: told.append(pipe.read_text()), daemon=True)
    reader.start()
    write(PLAN, pipe)
    reader.join(timeout=60)
    assert told == [as_json(PLAN)]
    assert pipe.is_fifo()
    assert pipe.stat().st_mode & 0o777 == 0o644
    assert [entry.name for entry in tmp_path.iterdir()] == ["pipe"]


def test_a_program_finds_the_version_first_and_each_change_by_its_name() -> None:
    data = json.loads(as_json(PLAN))
    assert next(iter(data)) == "version"
    assert data["targets"][0]["changes"] == [
        {"change": "set", "path": ["privileged"], "value": False},
        {"change": "add", "path": ["cap_drop"], "items": ["ALL"]},
        {"change": "remove", "path": ["cap_add", 0]},
        {"change": "set", "path": ["volumes", 1], "value": {"type": "tmpfs", "target": "/run"}},
    ]


def changed(**values: Any) -> str:
    return json.dumps({**json.loads(as_json(PLAN)), **values})


def forged(*changes: object) -> str:
    """A plan with other changes of its second target, and the digest that it would have."""
    data = json.loads(changed(digest=""))
    data["targets"][1]["changes"] = [{"change": "remove", "path": ["pid"]}, *changes]
    return json.dumps({**data, "digest": _digest(data)})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "p: no plan: Expecting property name enclosed in double quotes: line 1 column 2 (char 1) "),
        ("[" * 100000, "p: no plan: "),
        ("[]", "p: no plan: it has no version "),
        ("{}", "p: no plan: it has no version "),
        (changed(version=2), "p: a plan of version 2, and 1 is what is applied "),
        (changed(version=True), "p: a plan of version True, and 1 is what is applied "),
        (
            changed(targets=[{"kind": "container"}]),
            "p: no plan: Object missing required field `name` - at `$.targets[0]`",
        ),
        (changed(targets=[{"kind": "pod"}]), "p: no plan: Invalid enum value 'pod' - at `$.targets[0].kind`"),
        (
            changed(unsafe=False),
            "p: the plan is not what it was when it was made: what it shows may not be what it does ",
        ),
        (
            changed(digest=None),
            "p: the plan is not what it was when it was made: what it shows may not be what it does ",
        ),
        (
            forged({"change": "set", "path": ["privileged"], "value": "hunter2"}),
            "p: no plan: its value is to be a boolean - at `$.targets[1].changes[1]` ",
        ),
        (
            forged({"change": "remove", "path": [0]}),
            "p: no plan: there is no such field - at `$.targets[1].changes[1]` ",
        ),
        (changed(sources="x"), "p: no plan: Expected `array`, got `str` - at `$.sources`"),
    ],
)
def test_what_is_no_plan(text: str, told: str) -> None:
    with pytest.raises(UsageError) as refused:
        from_json(text, "p")
    assert str(refused.value).startswith(told)
    assert str(refused.value).endswith(HINT)


def test_a_plan_with_other_changes_that_make_sense_is_read() -> None:
    plan = from_json(forged({"change": "set", "path": ["labels", "a.b"], "value": "c"}), "p")
    assert plan.targets[1].changes == (RemoveField(("pid",)), SetField(("labels", "a.b"), "c"))


def test_a_file_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file or directory"):
        read(tmp_path / "none")
    with pytest.raises(UsageError, match="cannot write the plan: no such file or directory"):
        write(PLAN, tmp_path / "none" / "plan.json")
