"""``--new-since``: what is new is the difference of two full runs, always."""

from __future__ import annotations

import json
import os
from collections import Counter, defaultdict
from itertools import pairwise
from random import Random
from typing import TYPE_CHECKING, NamedTuple

import pytest

from policyengine.api import Settings, evaluate
from tests.histories import history
from tests.once import ONCE
from tests.repositories import Made, cloned, made
from tests.running import POD, Ended, cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from policyengine.model.report import Finding, Report

pytestmark = [pytest.mark.usefixtures("nobodys_configuration"), ONCE]

COUNT = min(3, int(os.environ.get("POLICYENGINE_EXAMPLES", "0")) // 20_000)
"""Histories more: ``POLICYENGINE_EXAMPLES`` sets how many."""

POLICIES = ("networkpolicy-missing", "pdb-missing", "privileged", "docker-socket", "image")

Like = tuple[str, str, str]


class Side(NamedTuple):
    """A full run over a checkout: what is to be compared, and which resources are in which files."""

    findings: list[Finding]
    files: frozenset[str]
    resources: frozenset[tuple[str, str]]
    scoped: frozenset[tuple[str, str]]


class Whole:
    """Full runs over commits of a repository, each in a checkout of its own name, which nothing is kept of."""

    def __init__(self, ours: Made, directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._ours = ours
        self._place = directory / ours.top.name
        self._monkeypatch = monkeypatch
        ours.git("worktree", "add", "--quiet", "--detach", str(self._place))
        self._known: dict[str, Side] = {}

    def at(self, commit: str) -> Side:
        if commit not in self._known:
            Made(self._place).git("checkout", "--quiet", "--detach", commit)
            self._monkeypatch.chdir(self._place)
            # Passes, too: they tell which resources there are.
            report = evaluate(".", Settings(select=POLICIES, cache=False, all=True))
            assert not report.problems
            files = frozenset(self._ours.git("ls-tree", "-r", "-z", "--name-only", commit).split("\0"))
            held = frozenset((one.location.path, str(one.resource)) for one in report.findings)
            told = [one for one in report.findings if one.status in ("fail", "unknown")]
            scoped = frozenset(bearer(one)[1:] for one in report.findings)
            self._known[commit] = Side(told, files, held, scoped)
        return self._known[commit]


def difference(before: Side, now: Side, renames: dict[str, str]) -> Counter[Like]:
    """How many findings of each kind are new: those that no finding of before can stand for, each for one.

    One stands for another of the same content in the same file; in the file that it was renamed to; in any of its
    scope where its own file is gone, and in any other where its scope has no such resource any more; and in any of the
    same scope where its resource is in its file no more. What had findings in its
    place before came from nowhere else: there it is broken anew.
    """
    there_before = {bearer(old) for old in before.findings}

    def stands_for(old: Finding, new: Finding) -> bool:
        here, there = old.location.path, new.location.path
        if here == there or renames.get(here) == there:
            return True
        if here in renames or bearer(new) in there_before:
            return False
        same = old.resource.scope == new.resource.scope
        gone = here not in now.files
        left = (here, str(old.resource)) not in now.resources
        return (same and (left or gone)) or (gone and bearer(old)[1:] not in now.scoped)

    new: Counter[Like] = Counter()
    olds, news = grouped(before.findings), grouped(now.findings)
    for like, found in news.items():
        pairs = [[at for at, old in enumerate(olds[like]) if stands_for(old, one)] for one in found]
        new[like] = len(found) - paired(pairs)
    return +new


def bearer(one: Finding) -> tuple[str, str, str]:
    """What moves from file to file: the outermost resource, and of Dockerfiles the whole."""
    scope = one.resource.scope
    outermost = "" if scope.startswith("dockerfile") else "/".join(str(one.resource).split("/")[:2])
    return one.location.path, scope, outermost


def grouped(findings: Iterable[Finding]) -> defaultdict[Like, list[Finding]]:
    groups: defaultdict[Like, list[Finding]] = defaultdict(list)
    for one in findings:
        groups[one.policy, one.status, one.content].append(one)
    return groups


def paired(pairs: list[list[int]]) -> int:
    """The most that can be paired: https://en.wikipedia.org/wiki/Maximum_cardinality_matching."""
    by: dict[int, int] = {}

    def placed(one: int, seen: set[int]) -> bool:
        for at in pairs[one]:
            if at not in seen:
                seen.add(at)
                if at not in by or placed(by[at], seen):
                    by[at] = one
                    return True
        return False

    return sum(placed(one, set()) for one in range(len(pairs)))


def renamed(ours: Made, old: str, new: str) -> dict[str, str]:
    """Old path -> new path, as git has it."""
    parts = ours.git("diff", "-z", "-M", "--name-status", "--diff-filter=R", old, new).split("\0")
    return {parts[at + 1]: parts[at + 2] for at in range(0, len(parts) - 2, 3)}


def new_since(ref: str) -> Report:
    return evaluate(".", Settings(select=POLICIES, new_since=ref))


def told_as_new(report: Report) -> Counter[Like]:
    return Counter(
        (one.policy, one.status, one.content) for one in report.findings if one.status in ("fail", "unknown")
    )


@pytest.mark.parametrize("seed", range(1, 2 + COUNT))
def test_it_is_the_difference_of_two_full_runs(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, steps = history(tmp_path / "shop", seed)
    whole = Whole(ours, tmp_path / "other", monkeypatch)
    commits = [step.commit for step in steps]
    rand = Random(seed)
    spans = list(pairwise(commits))
    spans += [(commits[low], commits[high]) for low, high in (sorted(rand.sample(range(40), 2)) for _ in range(10))]
    seen: set[str] = set()
    for number, (old, new) in enumerate(spans):
        base = ours.git("merge-base", old, new)
        expected = difference(whole.at(base), whole.at(new), renamed(ours, base, new))
        ours.git("checkout", "--quiet", "--force", "--detach", new)
        ref = old
        if number % 3 == 1:  # nothing of it is committed, nor known to git
            ours.git("reset", "--quiet", base)
            ref = "HEAD"
        monkeypatch.chdir(ours.top)
        report = new_since(ref)
        what = f"{[step.what for step in steps if step.commit in (old, new)]} {base[:9]}..{new[:9]}"
        assert told_as_new(report) == expected, what
        assert report.run.since == base
        assert len(report.findings) == len(whole.at(new).findings), what
        seen |= {policy for policy, _, _ in expected}
        ours.git("checkout", "--quiet", "--force", new)
        ours.git("clean", "--quiet", "--force", "-d")
    assert {"privileged", "networkpolicy-missing", "pdb-missing"} <= seen


PODS = {"pod.yaml": POD}
TWO = POD.replace("name: web", "name: api")


def at(line: int, path: str = "pod.yaml", name: str = "web") -> str:
    return f"{path}:{line}:37: critical privileged {name} runs privileged\n"


def check(ours: Made, *arguments: str, below: str = ".", ref: str = "HEAD") -> Ended:
    return cli("check", "--select=privileged", f"--new-since={ref}", *arguments, cwd=ours.top / below)


CHANGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "nothing": (lambda top: None, ""),
    "lines that moved": (lambda top: (top / "pod.yaml").write_text(f"# a\n# b\n{POD}"), ""),
    "a renamed file": (lambda top: (top / "pod.yaml").rename(top / "web.yaml"), ""),
    "a renamed file, and its like in one that came before it": (
        lambda top: ((top / "a.yaml").write_text(POD + "# new\n" * 50), (top / "pod.yaml").rename(top / "web.yaml")),
        at(8, "a.yaml"),
    ),
    "a copy": (lambda top: (top / "web.yaml").write_text(POD), at(8, "web.yaml")),
    "a second one in the file": (lambda top: (top / "pod.yaml").write_text(f"{POD}---\n{TWO}"), at(17, name="api")),
    "the same twice": (lambda top: (top / "pod.yaml").write_text(f"{POD}---\n{POD}"), at(17)),
    "mended here, and its like elsewhere": (
        lambda top: (
            (top / "pod.yaml").write_text(POD.replace("true", "false")),
            (top / "web.yaml").write_text(POD + "# new\n" * 50),
        ),
        at(8, "web.yaml"),
    ),
    "another one in its place": (lambda top: (top / "pod.yaml").write_text(TWO), at(8, name="api")),
    "one that was mended": (lambda top: (top / "pod.yaml").write_text(POD.replace("true", "false")), ""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_only_what_is_new_blocks(change: str, tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", PODS)
    make, expected = CHANGES[change]
    make(ours.top)
    assert check(ours, ".") == Ended(1 if expected else 0, expected, "")


def test_a_network_policy_that_was_removed_is_missed_where_nothing_changed(tmp_path: Path) -> None:
    policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: all}\nspec: {podSelector: {}}\n"
    ours = made(tmp_path / "shop", {**PODS, "policy.yaml": policy})
    (ours.top / "policy.yaml").unlink()
    ended = cli("check", "--select=networkpolicy-missing,privileged", "--new-since=HEAD", ".", cwd=ours.top)
    assert ended == Ended(1, "pod.yaml:3:18: high networkpolicy-missing no NetworkPolicy selects the Pods of web\n", "")


def test_what_was_found_before_stays_in_the_report(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", PODS)
    commit = ours.git("rev-parse", "HEAD")
    ended = check(ours, "--format=json", ".")
    told = json.loads(ended.out)
    assert ended.code == 0
    assert told["run"]["since"] == commit
    (finding,) = told["findings"]
    assert finding["status"] == "waived"
    assert finding["exemption"]["kind"] == "new-since"
    assert finding["exemption"]["reason"] == f"found at {commit[:12]}"
    assert (told["summary"]["waived"], told["summary"]["fail"]) == (1, 0)


def test_a_branch_is_compared_with_where_it_began(tmp_path: Path) -> None:
    """What main got meanwhile is not in this branch: neither its violations nor what it mended."""
    ours = made(tmp_path / "shop", PODS)
    ours.git("checkout", "--quiet", "-b", "feature")
    ours.commit({"api.yaml": TWO})
    ours.git("checkout", "--quiet", "main")
    ours.commit({"pod.yaml": POD.replace("true", "false"), "api.yaml": TWO})
    ours.git("checkout", "--quiet", "feature")
    assert check(ours, ".", ref="main") == Ended(1, at(8, "api.yaml", "api"), "")


def test_a_waiver_that_is_taken_away_makes_new(tmp_path: Path) -> None:
    waived = POD.replace("{privileged: true}", "{privileged: true} # policyengine: ignore[privileged] it may")
    ours = made(tmp_path / "shop", {"pod.yaml": waived})
    assert check(ours, ".") == Ended(0, "", "")
    ours.write(PODS)
    assert check(ours, ".") == Ended(1, at(8), "")


def test_sources_that_are_new_had_nothing(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", PODS)
    ours.write({"deploy/api.yaml": TWO})
    assert check(ours, "deploy") == Ended(1, at(8, "deploy/api.yaml", "api"), "")
    assert check(ours, "api.yaml", below="deploy") == Ended(1, at(8, "api.yaml", "api"), "")
    assert check(ours, "../pod.yaml", "api.yaml", below="deploy") == Ended(1, at(8, "api.yaml", "api"), "")


REFUSED = {
    "an unknown revision": (
        ["--new-since=mian", "."],
        'error: unknown revision "mian" (did you mean "main"?)\n',
    ),
    "an option": (
        ["--new-since=--upload-pack=x", "."],
        'error: "--upload-pack=x" is no revision (name a commit, a branch or a tag, such as origin/main)\n',
    ),
    "standard input": (
        ["--new-since=main", "-"],
        "error: -: standard input has no history (name the file, or a directory)\n",
    ),
    "a running system": (
        ["--new-since=main", "docker://"],
        "error: docker://: a running system has no history (check it in a run of its own)\n",
    ),
    "another directory": (
        ["--new-since=main", "/etc"],
        "error: /etc: lies outside the repository, and has no history in it (check it in a run of its own)\n",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_compared_is_an_error(name: str, tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", PODS)
    arguments, said = REFUSED[name]
    assert cli("check", *arguments, cwd=ours.top) == Ended(2, "", said)


def test_outside_of_a_repository(tmp_path: Path) -> None:
    assert cli("check", "--new-since=main", ".", cwd=tmp_path) == Ended(
        2, "", f"error: {tmp_path}: is in no git repository (run policyengine in the repository)\n"
    )


def test_a_shallow_clone(tmp_path: Path) -> None:
    ours = made(tmp_path / "shop", PODS)
    ours.git("checkout", "--quiet", "-b", "feature")
    ours.commit({"api.yaml": TWO})
    shallow = cloned(ours, tmp_path / "shallow", "--depth=1")
    ended = check(shallow, ".", ref="origin/main")
    assert (ended.code, ended.out) == (2, "")
    assert "the history is shallow: fetch it with `git fetch --unshallow origin main:" in ended.err
    shallow.git("fetch", "--quiet", "--unshallow", "origin", "main:refs/remotes/origin/main")
    assert check(shallow, ".", ref="origin/main") == Ended(1, at(8, "api.yaml", "api"), "")
