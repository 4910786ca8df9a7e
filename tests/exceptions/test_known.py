"""What was known, and what is new: renames, moves, and what was not judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.exceptions.known import Known, Matching
from policyengine.exceptions.seen import Seen, Sighting, placed
from policyengine.model.location import Location
from policyengine.model.report import Finding, Place, ResourceRef, Status

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / HERE).touch()


def known(path: str, scope: str = "kubernetes:one", *, resource: str = "pod/web", content: str = "c") -> Known:
    return Known("privileged", "fail", path, resource, scope, content)


def finding(one: Known, status: Status = "fail") -> Finding:
    kind, _, name = one.resource.rpartition("/")[0].rpartition("/")[2], "", one.resource.rpartition("/")[2]
    parent = one.resource.removesuffix(f"{kind}/{name}").rstrip("/") or None
    resource = ResourceRef(kind, name, "kubernetes", one.scope, parent)
    places = (Place(Location(one.path, 1, 1, 1, 1)),)
    return Finding(one.policy, status, "high", "runtime", "", "", resource, places, "f", content=one.content)


def seen(*now: Known, judged: tuple[str, ...] = ()) -> Seen:
    sighting = Sighting()
    for path in {*(one.path for one in now), *judged}:
        held = [("", one.scope, one.resource) for one in now if one.path == path]
        sighting.add(path, (), held, whole=True)
    return sighting.seen()


HERE = "here.yaml"
GONE = "gone.yaml"

CASES = {
    "the same": ([known(HERE)], [known(HERE)], [], []),
    "twice known, once there": ([known(HERE)] * 2, [known(HERE)], [], [known(HERE)]),
    "once known, twice there": ([known(HERE)], [known(HERE)] * 2, [1], []),
    "other content": ([known(HERE)], [known(HERE, content="d")], [0], [known(HERE)]),
    "a file called otherwise": ([known(GONE)], [known("b.yaml")], [], []),
    "a project called otherwise": ([known(GONE, "compose:a")], [known("b/c.yaml", "compose:b")], [], []),
    "a file gone, and its like where it was judged before": (
        [known(GONE), known("b.yaml", content="d")],
        [known("b.yaml", content="d"), known("b.yaml")],
        [1],
        [known(GONE)],
    ),
    "its like in another namespace of the file": (
        [known(HERE), known(HERE, "kubernetes:two", content="d")],
        [known(HERE, content="d"), known(HERE, "kubernetes:two")],
        [0, 1],
        [known(HERE), known(HERE, "kubernetes:two", content="d")],
    ),
    "a scope called otherwise": ([known(HERE, "compose:a")], [known(HERE, "compose:b")], [], []),
    "its like elsewhere": ([known(HERE)], [known(HERE, content="d"), known("b.yaml")], [0, 1], [known(HERE)]),
    "part of a resource": (
        [known(GONE, resource="pod/web/container/a"), known("b.yaml", resource="pod/web/container/b", content="d")],
        [known("b.yaml", resource="pod/web/container/a"), known("b.yaml", resource="pod/web/container/b", content="d")],
        [0],
        [known(GONE, resource="pod/web/container/a")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_new(name: str) -> None:
    before, now, new, left = CASES[name]
    matching = Matching(before, seen(*now))
    assert matching.new([finding(one) for one in now]) == set(new)
    assert sorted(matching.left) == sorted(left)


def test_what_left_its_file() -> None:
    before, now = [known(HERE)], [known("b.yaml")]
    assert Matching(before, seen(*now, judged=(HERE,))).new(map(finding, now)) == set()
    assert Matching(before, seen(*now)).new(map(finding, now)) == {0}, "the file was not judged"
    other = [known("b.yaml", "kubernetes:two")]
    assert Matching(before, seen(*other, judged=(HERE,))).new(map(finding, other)) == {0}, "another scope"


def test_renames() -> None:
    """What history says goes before what can be guessed."""
    before = [known(GONE), known("other.yaml", content="d")]
    now = [known("b.yaml"), known("c.yaml")]
    matching = Matching(before, seen(*now), {GONE: "c.yaml"})
    assert matching.new(map(finding, now)) == {0}
    lost = [known("b.yaml", "compose:b")]
    assert Matching([known(GONE, "compose:a")], seen(*lost), {GONE: "b.yaml"}).new(map(finding, lost)) == set()
    assert Matching([known(GONE)], seen(*now), {GONE: "elsewhere.yaml"}).new(map(finding, now)) == {0, 1}


def test_only_violations_can_be_known() -> None:
    one = known(HERE)
    statuses: list[Status] = ["waived", "pass", "error", "not_applicable"]
    assert Matching([one], seen(one)).new([finding(one, status) for status in statuses]) == set()
    assert Matching([one], seen(one)).new([finding(one, "unknown")]) == {0}


LIVE = "docker://local/container/web"


def test_live_objects() -> None:
    """They are gone only when their engine was judged as a whole."""
    before = [known(LIVE, "docker:local")]
    whole, single, failed, other = Sighting(), Sighting(), Sighting(), Sighting()
    held = [("docker://local/container/api", "docker:local", "container/api")]
    whole.add("docker://", (), held, whole=True)
    single.add("docker://local/container/api", (), held, whole=True)
    failed.add("docker://", (), held, whole=False)
    other.add("compose.yaml", (), [("", "compose:a", "service/web")], whole=True)
    now = [finding(known("docker://local/container/api", "docker:local"))]
    for sighting, gone in ((whole, True), (single, False), (failed, False), (other, False)):
        assert sighting.seen().is_gone(LIVE, "docker:local") is gone
        assert Matching(before, sighting.seen()).new(now) == (set() if gone else {0})


def test_parts_are_judged_with_what_refers_to_them() -> None:
    sighting = Sighting()
    sighting.add("a/compose.yaml", ("base.yaml",), [("", "compose:a", "service/web")], whole=True)
    found = sighting.seen()
    assert found.was_judged("base.yaml", "compose:a")
    assert not found.was_judged("base.yaml", "compose:b")


def test_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/usr/bin")
    paths = ["a.yaml", "../bin/a.yaml", "/usr/bin/a.yaml", "../lib/a", "-", "docker://x/../y"]
    assert [placed(path) for path in paths] == ["a.yaml", "a.yaml", "a.yaml", "../lib/a", "-", "docker://x/../y"]
