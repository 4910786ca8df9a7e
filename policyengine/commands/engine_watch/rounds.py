"""Rounds of judging: of everything, and of what changed."""

from __future__ import annotations

import time
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, cast

from policyengine.commands.engine_watch.remembering import Memory
from policyengine.model.happening import Found, Noted, Watched
from policyengine.model.masking import concealed
from policyengine.remediation.docker.memory import original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from policyengine.commands.engine_watch.changes import Batch, Change
    from policyengine.commands.engine_watch.judging import Judge
    from policyengine.connections.docker import Answer
    from policyengine.inputs.docker.following import Following
    from policyengine.model.happening import Happening, Why
    from policyengine.model.report import Problem

TOGETHER = 16
"""So many containers are judged at once: the first of many that start need not wait for the last."""

_DECIDES = ("Name", "Image", "Config", "HostConfig", "Mounts")
"""What of a container's answer makes another container of it, beside when it started and its networks."""


class _Seen(NamedTuple):
    """What is compared of two answers: how healthy a container is, and what it has written, is left out."""

    started: object
    networks: tuple[str, ...]
    rest: tuple[object, ...]

    @classmethod
    def of(cls, answer: Answer) -> _Seen:
        networks = _part(_part(answer, "NetworkSettings"), "Networks")
        return cls(_started(answer), tuple(sorted(networks)), tuple(map(answer.get, _DECIDES)))


class Rounds:
    """Judges the containers of one engine and tells what was found. What has not changed is not judged again.

    ``replacing`` gives the name of the container that we replace ourselves at the moment, empty for none: it, the one
    that takes its place, and the one whose place is taken are judged when that is done.
    """

    def __init__(self, judge: Judge, tell: Callable[[Happening], None]) -> None:
        self.judge = judge
        self.replacing: Callable[[], str] = str
        self._postponed: dict[str, Change] = {}
        self._tell = tell
        self._following: Following | None = None
        self._memory = Memory()
        self._codes: dict[str, int] = {}
        self._judged: dict[str, _Seen] = {}
        self._problems: Sequence[Problem] = ()

    @property
    def following(self) -> Following:
        """What is known of the engine."""
        assert self._following is not None  # noqa: S101 - there is one before anything is judged
        return self._following

    @property
    def source(self) -> str:
        """The URL of the engine."""
        return self.following.source

    @property
    def running(self) -> int:
        """How many containers run."""
        return len(self._codes)

    @property
    def violating(self) -> int:
        """How many of them violate policies, or could not be judged."""
        return sum(map(bool, self._codes.values()))

    @property
    def exit_code(self) -> int:
        """That of a check of what runs."""
        failed = bool(self._problems or self.judge.errors)
        return max(self._codes.values(), default=0) if not failed else 2

    def begin(self, following: Following) -> None:
        """Follow an engine, the first one or the same again: look at everything."""
        self._following = following
        self.look()

    def look(self, why: Why = "look") -> None:
        """Ask for everything anew, and judge what runs."""
        self.following.look()
        names = {self.following.name(id_) for id_ in self.following.parts.containers}
        self._memory.keep(names)
        self._judged = {id_: seen for id_, seen in self._judged.items() if id_ in self.following.parts.containers}
        self._codes.clear()
        self._all(why)

    def replace(self, judge: Judge) -> None:
        """Judge by something else from now on, first of all what runs."""
        self.judge = judge
        self.following.wants = judge.wants
        self.look("settings")

    def turn(self, batch: Batch) -> None:
        """Judge what changed."""
        for id_, name in batch.removed.items():
            self._forget(id_, name)
        for id_, name in batch.vanished.items():
            self._note("vanished", id_, name, "vanished before it was judged")
        for id_ in batch.ended:
            if self._codes.pop(id_, None) is not None:
                self._note("ended", id_, self._name(id_), "runs no more")
        if batch.finished:
            batch.changed = {**self._postponed, **batch.changed}
            self._postponed = {}
        if batch.everything:
            self.look()
        elif batch.changed or batch.made:
            self._changed(batch.changed, batch.made)

    def _all(self, why: Why) -> None:
        running = (id_ for id_, one in self.following.parts.containers.items() if _runs(one))
        now = time.monotonic()
        while part := list(islice(running, TOGETHER)):
            self._judge(dict.fromkeys(part, ((why,), now)))
        for id_ in list(self.following.parts.failed):
            self._fail(id_)

    def _changed(self, changed: Mapping[str, Change], made: Iterable[str]) -> None:
        before = {id_: self._name(id_) for id_ in changed}
        self.following.refresh([*changed, *made])
        there = self.following.parts.containers
        changed = dict(self._not_ours(changed))
        for id_, change in changed.items():
            if id_ in self.following.parts.failed:
                self._fail(id_)
            elif id_ not in there and "start" in change.why:
                self._note("vanished", id_, change.name, "vanished before it was judged")
            elif id_ in there and before[id_] and _runs(there[id_]):
                self._memory.rename(before[id_], self.following.name(id_))
            if "start" in change.why and id_ in there and not _runs(there[id_]):
                self._note("vanished", id_, change.name, "ended before it was judged")
        due = (one for one in changed.items() if one[0] in there and self._is_due(*one))
        while part := list(islice(due, TOGETHER)):
            self._judge({id_: (tuple(change.why), change.since) for id_, change in part})

    def _not_ours(self, changed: Mapping[str, Change]) -> Iterator[tuple[str, Change]]:
        """What changed without what we are replacing: that waits until it is done."""
        ours = self.replacing()
        for id_, change in changed.items():
            if ours and original(self._name(id_)) == ours:
                change.why = {**(self._postponed[id_].why if id_ in self._postponed else {}), **change.why}
                self._postponed[id_] = change
            else:
                yield id_, change

    def _is_due(self, id_: str, change: Change) -> bool:
        """Whether a container runs, and is not what was judged already.

        Before an engine tells that it started a container it tells that it connected it: the start is waited for.
        """
        answer, seen = self.following.parts.containers[id_], self._judged.get(id_)
        if not _runs(answer):
            return False
        if seen is None or seen.started != _started(answer):
            return "start" in change.why
        return seen != _Seen.of(answer)

    def _judge(self, containers: Mapping[str, tuple[tuple[Why, ...], float]]) -> None:
        verdict = self.judge.judge(self.following, containers)
        for id_, (why, since) in containers.items():
            answer, report = self.following.parts.containers[id_], verdict.reports[id_]
            self._judged[id_] = _Seen.of(answer)
            self._codes[id_] = report.exit_code
            name = self.following.name(id_)
            difference = self._memory.compare(name, report)
            container = Watched(id_, name, self.following.url(id_), _image(answer))
            took = time.monotonic() - since
            changed = (difference.new, difference.gone, difference.first)
            self._tell(Found(time.time(), container, why, took, report, *changed))
        self._tell_problems(verdict.problems)

    def _tell_problems(self, problems: Sequence[Problem]) -> None:
        """Tell what keeps anything from being judged as it should be, once."""
        for one in problems:
            if one not in self._problems:
                place = f"{one.location}: " if one.location else ""
                self._tell(Noted(time.time(), "error", f"error: {place}{one.message}", failed=True))
        self._problems = problems

    def _fail(self, id_: str) -> None:
        """Tell that the engine cannot tell of a container."""
        error = self.following.parts.failed[id_]
        self._codes[id_] = 2
        message = f"error: {self.source}/container/{id_[:12]}: {concealed(str(error.message))}"
        self._tell(Noted(time.time(), "error", message, {"container": {"id": id_}}, failed=True))

    def _forget(self, id_: str, name: str) -> None:
        self._codes.pop(id_, None)
        self._judged.pop(id_, None)
        self._memory.remove(self._name(id_) or name)
        self.following.forget(id_)

    def _note(self, event: str, id_: str, name: str, text: str) -> None:
        url = f"{self.source}/container/{name or id_[:12]}"
        data = {"container": {"id": id_, "name": name, "url": url}}
        self._tell(Noted(time.time(), event, f"{url} {text}", data, detail=True))  # type: ignore[arg-type] # one of them

    def _name(self, id_: str) -> str:
        """A container's name; empty for one that is not known."""
        return self.following.name(id_) if id_ in self.following.parts.containers else ""


def _part(answer: Mapping[str, object], key: str) -> Mapping[str, object]:
    found = answer.get(key)
    return cast("Mapping[str, object]", found) if isinstance(found, dict) else {}


def _runs(answer: Answer) -> bool:
    return _part(answer, "State").get("Running") is True


def _image(answer: Answer) -> str:
    return concealed(str(_part(answer, "Config").get("Image") or ""))


def _started(answer: Answer) -> object:
    return _part(answer, "State").get("StartedAt")
