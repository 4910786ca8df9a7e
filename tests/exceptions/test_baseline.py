"""The file: what is written is what is read, wherever it lies, and nothing else is taken for one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import UsageError
from policyengine.exceptions.baseline import read, written
from policyengine.exceptions.known import Known

if TYPE_CHECKING:
    from pathlib import Path

ONE = Known("privileged", "fail", "app/a.yaml", "pod/x", "kubernetes:a", "ab12")
TEXT = """\
{
  "version": 1,
  "findings": [
    {"path": "app/a.yaml", "policy": "privileged", "status": "fail", "resource": "pod/x", "scope": "kubernetes:a", \
"content": "ab12", "count": 2},
    {"path": "app/b.yaml", "policy": "privileged", "status": "fail", "resource": "pod/é", "scope": "kubernetes:a", \
"content": "ab12"},
    {"path": "docker://local/container/x", "policy": "privileged", "status": "unknown", "resource": "pod/x", "scope": \
"kubernetes:a", "content": "ab12"}
  ]
}
"""
LIVE = ONE._replace(path="docker://local/container/x", status="unknown")
KNOWN = [LIVE, ONE, ONE._replace(path="app/b.yaml", resource="pod/é"), ONE]


def test_what_is_written() -> None:
    assert written(KNOWN, "baseline.json") == TEXT
    assert written(reversed(KNOWN), "baseline.json") == TEXT
    assert written([], "baseline.json") == '{\n  "version": 1,\n  "findings": []\n}\n'


@pytest.mark.parametrize("path", ["b.json", "deep/er/b.json", "../b.json", "app/b.json", "/b.json"])
def test_what_is_written_is_read(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert sorted(read(path, written(KNOWN, path).encode())) == sorted(KNOWN)


def test_read_from_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    assert [one.path for one in read("../b.json", written([ONE, LIVE], "b.json").encode())] == ["a.yaml", LIVE.path]
    assert [one.path for one in read(f"{tmp_path}/b.json", written([ONE], "b.json").encode())] == ["a.yaml"]


def test_two_branches_that_were_merged() -> None:
    """What both took in stands there twice, and is known as often as both say."""
    data = json.loads(TEXT)
    data["findings"] += data["findings"][:1]
    assert read("b.json", json.dumps(data).encode()).count(ONE) == 4


def test_huge_counts() -> None:
    text = written([ONE], "b.json").replace('"ab12"', f'"ab12", "count": {10**30}')
    with pytest.raises(UsageError, match="holds more than 1000000 findings"):
        read("b.json", text.encode())
    text = written([ONE], "b.json").replace('"ab12"', '"ab12", "count": 1000000')
    assert len(read("b.json", text.encode())) == 1_000_000


GOOD = json.loads(TEXT)["findings"][1]
ENTRIES: tuple[object, ...] = (
    *(None, "a", [], {}),
    {**GOOD, "path": 1},
    {name: value for name, value in GOOD.items() if name != "content"},
    *({**GOOD, "count": count} for count in (0, -1, 1.5, True, "2", None)),
    {**GOOD, "status": "pass"},
)
ENTRY = "b.json: a finding in it is not understood"
WRONG = {
    "": "b.json:1:1: malformed JSON",
    "{": "b.json:1:2: malformed JSON",
    "[" * 100_000: "b.json: malformed JSON",
    "\xff\xfe": "b.json:1:1: malformed JSON",
    "\xff": "b.json: malformed JSON",
    "[]": "b.json: not a baseline of version 1",
    "null": "b.json: not a baseline of version 1",
    '{"findings": []}': "b.json: not a baseline of version 1",
    '{"version": 2, "findings": []}': "b.json: not a baseline of version 1",
    '{"version": true, "findings": []}': "b.json: not a baseline of version 1",
    '{"version": 1}': "b.json: not a baseline of version 1",
    '{"version": 1, "findings": {}}': "b.json: not a baseline of version 1",
    **{json.dumps({"version": 1, "findings": [GOOD, entry]}): ENTRY for entry in ENTRIES},
    "<<<<<<< ours\n" + TEXT: "b.json:1:1: malformed JSON",
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_no_baseline(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read("b.json", text.encode("latin-1" if text.startswith("\xff") else "utf-8"))
    error = caught.value
    place = ":".join(str(part) for part in (error.path, error.line, error.column) if part is not None)
    assert f"{place}: {error.message}" == WRONG[text]
    assert error.hint == "policyengine baseline create writes one"
