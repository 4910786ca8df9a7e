"""Services of a real Swarm: mended without losing a request, and back where that fails, whatever is killed when."""

from __future__ import annotations

import subprocess
import sys
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, cast

import pytest
from msgspec import structs

from policyengine.connections.docker_errors import NoEngineError
from policyengine.connections.docker_services import MovedError, Services
from policyengine.errors import RemedyError, SourceError
from policyengine.remediation.changes import SetField
from policyengine.remediation.journal import Journal
from policyengine.remediation.plan import ImageChange, Left, Target
from policyengine.remediation.swarm import fields
from policyengine.remediation.swarm import target as targets
from policyengine.remediation.swarm.record import records
from policyengine.remediation.swarm.rules import Given
from policyengine.remediation.swarm.spec import CONTAINER, asks_for, part, same, seen, spec_of
from tests.live.load import load
from tests.live.swarm import SERVED, Swarm, swarm
from tests.live.swarm_targets import BROKEN, FIX, Fault, circumstances, planned
from tests.once import ONCE
from tests.running import SECONDS, Ended, cli

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from policyengine.connections.docker import Answer
    from policyengine.remediation.swarm.spec import Spec

pytestmark = [pytest.mark.live, ONCE]


@pytest.fixture(scope="module")
def there(busybox: Path) -> Iterator[Swarm]:
    with swarm(busybox) as made:
        made.image("1")
        made.image("2")
        yield made


@pytest.fixture(autouse=True)
def cleared(there: Swarm) -> Iterator[None]:
    yield
    there.clear()


@pytest.fixture(scope="module")
def client(there: Swarm) -> int:
    return there.client()


def spec(there: Swarm, name: str) -> Spec:
    with there.acting() as way:
        return spec_of(Services(way).one(name))


def containers(there: Swarm, id_: str) -> list[Answer]:
    """The containers of the tasks that run."""
    with there.acting() as way:
        ids = [str(seen(task, "Status", "ContainerStatus", "ContainerID")) for task in there.tasks(id_)]
        return [way.engine.container(one) for one in ids]


def left_over(there: Swarm) -> list[str]:
    """The services of which a change was begun and not finished."""
    with there.acting() as way:
        return [one.name for one in records(Services(way)) if one.done is None]


def test_no_request_is_lost_over_an_update_and_over_going_back(there: Swarm, client: int, tmp_path: Path) -> None:
    id_ = there.service("web", "policyengine-test:1", **SERVED)
    before = spec(there, "web")
    with circumstances(there.endpoint, Journal(tmp_path / "j")) as around:
        target = planned(there.endpoint, "web", FIX, around)
        with load(client, "web") as requests:
            assert targets.apply(target, around) == "2 of 2 tasks run as asked"
        assert (requests.told.failed, requests.told.served > 100) == ([], True)
        after = spec(there, "web")
        asked = {**cast("Spec", seen(before, "TaskTemplate", "ContainerSpec")), "User": "65532:65532", "ReadOnly": True}
        assert same(seen(after, "TaskTemplate", "ContainerSpec"), {**asked, "CapabilityDrop": ["ALL"]})
        assert after["UpdateConfig"] == before["UpdateConfig"], "what the operator has set is there again"
        hosts = [cast("Spec", one["HostConfig"]) for one in containers(there, id_)]
        assert [(one["CapDrop"], one["ReadonlyRootfs"]) for one in hosts] == [(["ALL"], True)] * 2
        with pytest.raises(RemedyError, match="its service asks for that already"):
            planned(there.endpoint, "web", FIX, around)
    with circumstances(there.endpoint, Journal(tmp_path / "j")) as around:
        with load(client, "web") as requests:
            assert targets.rollback("web", around) == "2 of 2 tasks run as asked"
        assert (requests.told.failed, requests.told.served > 100) == ([], True)
        assert spec(there, "web") == before
        outcomes = [(entry.target, entry.outcome) for entry in around.journal.history()]
    assert outcomes == [("service web", "replaced"), ("service web", "rolled back")]
    assert left_over(there) == []


def test_a_service_is_mended_and_rolled_back_by_the_command_line(there: Swarm, tmp_path: Path) -> None:
    (tmp_path / "policyengine.yaml").write_text(
        "version: 1\nselect: [caps-added]\nremediate: {stable: 0.5, gate: 60}\n"
    )
    there.service("cli", "policyengine-test:1", Container={"CapabilityAdd": ["CAP_NET_ADMIN"]})
    before = spec(there, "cli")

    def run(*arguments: str) -> Ended:
        return cli(*arguments, cwd=tmp_path, DOCKER_HOST=there.endpoint.host, XDG_STATE_HOME=str(tmp_path))

    ended = run("remediate", "docker://", "--apply", "--yes")
    assert "replaced service cli: 2 of 2 tasks run as asked" in ended.out.splitlines()
    assert (ended.code, ended.out.splitlines()[-1][:14]) == (0, "No violations.")
    assert not seen(spec(there, "cli"), "TaskTemplate", "ContainerSpec", "CapabilityAdd")
    assert run("remediate", "docker://", "--apply", "--yes") == Ended(0, "Nothing to do; 0 violations left.\n", "")
    assert run("rollback", "cli", "--yes").out == "2 of 2 tasks run as asked\n"
    assert spec(there, "cli") == before
    assert "service cli" in run("history").out


def test_the_plan_of_a_service(there: Swarm, tmp_path: Path) -> None:
    there.service("planned", "policyengine-test:1", Labels={"com.docker.stack.namespace": "shop"}, **SERVED)
    with circumstances(there.endpoint, Journal(tmp_path / "j")) as around:
        target = planned(there.endpoint, "planned", FIX, around)
    assert target.changes == FIX
    assert target.shown[-1].field == "user"
    assert (target.kind, target.way, target.gap, target.satisfies) == ("service", "start-first", 0.0, ("wanted",))
    assert target.steps == (
        "write down in the Swarm what the service was",
        "update the service; of each of 2 tasks, one at a time: start a new one, then stop the old one",
        "at the first task that fails, have the Swarm go back to what was before",
        "put the service's own update settings back",
        "keep what it was for 3600 s: policyengine rollback",
    )
    assert target.warnings == (
        "it is of the stack shop: the next docker stack deploy undoes this, unless its file says so, too",
        "its image is the tag policyengine-test:1: nodes run what that names now",
        "docker service rollback leads to the same afterwards: go back with policyengine rollback",
    )


def test_what_does_not_run_goes_back_and_no_request_is_lost(there: Swarm, client: int, tmp_path: Path) -> None:
    there.service("kept", "policyengine-test:1", **SERVED)
    before = spec(there, "kept")
    with circumstances(there.endpoint, Journal(tmp_path / "j")) as around:
        target = planned(there.endpoint, "kept", BROKEN, around)
        with load(client, "kept") as requests, pytest.raises(RemedyError) as caught:
            targets.apply(target, around)
        outcome = around.journal.history()[-1].outcome
    told = caught.value.message.split("; ")
    assert told[0].startswith("update rolled back due to failure or early termination of task")
    assert told[-1] == "it is again what it was before"
    assert (requests.told.failed, requests.told.served > 100) == ([], True)
    assert (spec(there, "kept"), outcome, left_over(there)) == (before, "put back", [])


def test_what_could_not_be_healthy_in_time_is_not_asked_for(there: Swarm, tmp_path: Path) -> None:
    there.service("slow", "policyengine-test:1", **SERVED)
    before = spec(there, "slow")
    check = {"test": ["CMD", "/bin/busybox", "true"], "interval": 300}
    with circumstances(there.endpoint, Journal(tmp_path / "j")) as around:
        target = planned(there.endpoint, "slow", (SetField(("healthcheck",), check),), around)
        with pytest.raises(RemedyError) as caught:
            targets.apply(target, around)
        assert around.journal.history() == []
    told = str(caught.value)
    assert told.startswith("the healthcheck of slow first runs after 300 s, and it is to be healthy in ")
    assert told.endswith(" s (set --gate-seconds or remediate.gate to more than 300)")
    assert (spec(there, "slow"), left_over(there)) == (before, [])


def test_what_the_swarm_cannot_do_is_left_with_the_reason(there: Swarm, tmp_path: Path) -> None:
    there.service("limited", "policyengine-test:1")
    with circumstances(there.endpoint, Journal(tmp_path / "j")) as around:
        target = planned(there.endpoint, "limited", (SetField(("shm_size",), 1),), around)
    assert (target.changes, target.image, target.satisfies) == ((), None, ())
    said = "shm_size of a Swarm service cannot be changed: the API of services has no such setting"
    assert target.left == (Left("wanted", said),)


PORT = {"Protocol": "tcp", "TargetPort": 8080, "PublishedPort": 18080, "PublishMode": "host"}
KINDS: dict[str, dict[str, object]] = {
    "everywhere": {"Mode": {"Global": {}}},
    "nowhere": {"Mode": {"Replicated": {"Replicas": 0}}},
    "port": {"Mode": {"Replicated": {"Replicas": 1}}, "EndpointSpec": {"Mode": "dnsrr", "Ports": [PORT]}},
    "plain": {"UpdateConfig": None},
}


def test_services_of_every_kind_change_in_what_was_asked_for_alone(there: Swarm, tmp_path: Path) -> None:
    made = {name: {**SERVED, **more} for name, more in KINDS.items()}
    made["granted"] = _granted(there)
    with ThreadPoolExecutor(len(made)) as pool:
        ids = dict(
            zip(
                made, pool.map(lambda name: there.service(name, "policyengine-test:1", **made[name]), made), strict=True
            )
        )
        before = {name: spec(there, name) for name in made}
        told = list(pool.map(lambda name: _applied(there, tmp_path, name, ids[name]), made))
    assert told == [f"{number} of {number} tasks run as asked" for number in (1, 0, 1, 2, 2)]
    for name in made:
        asked = fields.changed(before[name], FIX, Given((1, 41)))
        assert same(spec(there, name), asked), name
        assert spec(there, name).get("UpdateConfig") == before[name].get("UpdateConfig")
    assert left_over(there) == []


def _granted(there: Swarm) -> dict[str, Any]:
    """A service that is granted a secret and a config."""
    given: dict[str, list[object]] = {}
    with there.acting() as way:
        for kind in ("Secret", "Config"):
            told = way.post(f"/{kind.lower()}s/create", {"Name": "given", "Data": b64encode(b"x").decode()})
            file = {"Name": "/given", "UID": "0", "GID": "0", "Mode": 0o444}
            given[f"{kind}s"] = [{f"{kind}ID": seen(told, "ID"), f"{kind}Name": "given", "File": file}]
    container = {**cast("Spec", SERVED["Container"]), **given}
    return {**SERVED, "Container": container}


def _applied(there: Swarm, place: Path, name: str, id_: str) -> str:
    with circumstances(there.endpoint, Journal(place / f"{name}.jsonl")) as around:
        target = Target("service", name, id_, "", targets.state(Target("service", name, id_, "", ""), around), FIX)
        return targets.apply(target, around)


class _Meanwhile(Journal):
    """Somebody else changes the service when it is being waited for."""

    def __init__(self, path: Path, there: Swarm, name: str, change: Callable[[Spec], None]) -> None:
        super().__init__(path)
        self._change = (there, name, change)

    def step(self, run: str, target: str, step: str) -> None:
        super().step(run, target, step)
        there, name, change = self._change
        if step == "watch":
            with there.acting() as way:
                service = Services(way).one(name)
                change(spec_of(service))
                Services(way).update(service, spec_of(service))


def _scale(found: Spec) -> None:
    found["Mode"] = {"Replicated": {"Replicas": 3}}


def _set(found: Spec) -> None:
    part(found, *CONTAINER)["Env"] = ["A=1"]


def test_what_is_scaled_meanwhile_stays_scaled(there: Swarm, tmp_path: Path) -> None:
    there.service("scaled", "policyengine-test:1", **SERVED)
    journal = _Meanwhile(tmp_path / "j", there, "scaled", _scale)
    with circumstances(there.endpoint, journal) as around:
        assert targets.apply(planned(there.endpoint, "scaled", FIX, around), around) == "3 of 3 tasks run as asked"
    after = spec(there, "scaled")
    assert (after["Mode"], _is_mended(after)) == ({"Replicated": {"Replicas": 3}}, True)


def test_what_somebody_else_changes_meanwhile_is_theirs(there: Swarm, tmp_path: Path) -> None:
    there.service("theirs", "policyengine-test:1", **SERVED)
    before = spec(there, "theirs")
    with circumstances(there.endpoint, _Meanwhile(tmp_path / "j", there, "theirs", _set)) as around:
        target = planned(there.endpoint, "theirs", FIX, around)
        with pytest.raises(RemedyError, match="somebody else has changed it since: nothing was put back"):
            targets.apply(target, around)
    after = spec(there, "theirs")
    assert (seen(after, *CONTAINER, "Env"), _is_mended(after)) == (["A=1"], True)
    assert after["UpdateConfig"] == before["UpdateConfig"], "of ours they have not kept what they did not know of"
    assert left_over(there) == []


def test_a_service_that_has_moved_is_told_from_one_that_is_refused(there: Swarm) -> None:
    with there.acting() as way:
        asked = Services(way)
        id_ = there.service("moved", "policyengine-test:1", Mode={"Replicated": {"Replicas": 0}})
        read = asked.one(id_)
        asked.update(read, spec_of(read))
        with pytest.raises(MovedError):
            asked.update(read, spec_of(read))
        with pytest.raises(SourceError, match="renaming services is not supported") as caught:
            asked.update(asked.one(id_), {**spec_of(read), "Name": "other"})
        assert not isinstance(caught.value, MovedError)


def test_an_image_is_named_by_its_digest_and_a_registry_that_is_down_stops_nothing(
    there: Swarm, tmp_path: Path
) -> None:
    with there.registry(), there.acting() as way:
        first, second = there.push("1"), there.push("2")
        there.service("pinned", first, **SERVED)
        with circumstances(there.endpoint, Journal(tmp_path / "j")) as around:
            target = planned(there.endpoint, "pinned", FIX, around)
            digest = str(cast("list[object]", way.engine.image(first)["RepoDigests"])[0])
            assert (target.image and target.image.after) == digest, "new tasks run what runs, whatever the tag says now"
            targets.apply(target, around)
        assert seen(spec(there, "pinned"), *CONTAINER, "Image") == digest
        newer = str(cast("list[object]", way.engine.image(second)["RepoDigests"])[0])
        way.delete(f"/images/{newer}")
        way.delete(f"/images/{second}")
    before = spec(there, "pinned")
    with circumstances(there.endpoint, Journal(tmp_path / "j")) as around:
        target = structs.replace(target, changes=(), image=ImageChange(digest, newer, "it is newer"))
        with pytest.raises(RemedyError, match="it is again what it was before"):
            targets.apply(target, around)
    assert spec(there, "pinned") == before
    assert [asks_for(before, task) for task in there.tasks("pinned")] == [True, True]


def test_a_job_is_refused(there: Swarm, tmp_path: Path) -> None:
    with there.acting() as way:
        task = {"ContainerSpec": {"Image": "policyengine-test:1", "Command": ["/bin/busybox", "true"]}}
        job = way.post("/services/create", {"Name": "job", "TaskTemplate": task, "Mode": {"ReplicatedJob": {}}})
    with pytest.raises(RemedyError, match="it is a job: an update would run it again"):
        _applied(there, tmp_path, "job", str(seen(job, "ID")))


KILLED = [("watch", "good"), ("restore settings", "good"), ("put back", "broken")]
"""The step before which it is killed, and whether the tasks that it has asked for can run.

``python -m tests.soak.swarm`` takes all of them.
"""
ONE: dict[str, Any] = {"Mode": {"Replicated": {"Replicas": 1}}, **SERVED}


def test_what_is_killed_at_a_step_is_brought_to_an_end(there: Swarm, tmp_path: Path) -> None:
    killed(there, tmp_path, KILLED)


def killed(there: Swarm, place: Path, cases: Sequence[tuple[str, str]]) -> None:
    """Kill an update in each case, and recover: the service is as it was or as it is to be, and it is known which."""
    names = [f"killed-{number}" for number, _ in enumerate(cases)]
    before = _made(there, names)
    with ThreadPoolExecutor(len(names)) as pool:
        ended = list(pool.map(lambda pair: _killed(there, place, pair[0], *pair[1]), zip(names, cases, strict=True)))
    assert ended == [-9] * len(cases)
    for name, (step, fix) in zip(names, cases, strict=True):
        with circumstances(there.endpoint, Journal(place / f"{name}.jsonl")) as around:
            targets.recover(around)
            entry = around.journal.history()[-1]
            assert targets.recover(around) == []
        done = fix == "good" and step not in ("write down", "ask")
        _check(there, name, before[name], done=done)
        assert (entry.target, entry.outcome) == (f"service {name}", "recovered")
    assert left_over(there) == []


def _check(there: Swarm, name: str, before: Spec, *, done: bool) -> None:
    """A service is as it was, or as it is to be, and its one task runs so."""
    after = spec(there, name)
    assert (same(after, before), _is_mended(after)) == (not done, done), name
    assert after.get("UpdateConfig") == before.get("UpdateConfig")
    assert [asks_for(after, task) for task in there.tasks(name)] == [True], name


def _killed(there: Swarm, place: Path, name: str, step: str, fix: str) -> int:
    command = [sys.executable, "-m", "tests.live.swarm_targets", str(place), there.endpoint.host, name, step, fix]
    return subprocess.run(command, check=False, capture_output=True, timeout=SECONDS).returncode


def _is_mended(found: Spec) -> bool:
    return seen(found, "TaskTemplate", "ContainerSpec", "CapabilityDrop") == ["ALL"]


FAULTS = [Fault(request, before) for request in (2, 3) for before in (True, False)]
"""The requests of an update that change something are: write it down, update, settings back, done."""


def test_an_engine_that_dies_at_a_request_loses_nothing(there: Swarm, tmp_path: Path) -> None:
    died(there, tmp_path, FAULTS)


def died(there: Swarm, place: Path, faults: Sequence[Fault]) -> None:
    """Have the engine die at each request. An update that is under way goes on when it is there again."""
    names = [f"dying-{number}" for number, _ in enumerate(faults)]
    before = _made(there, names)
    with ThreadPoolExecutor(len(names)) as pool:
        lived = list(pool.map(lambda pair: _outlived(there, place, *pair), zip(names, faults, strict=True)))
    assert lived == [fault.request in (2, 3) for fault in faults]
    with circumstances(there.endpoint, Journal(place / "j")) as around:
        targets.recover(around)
    for name, fault in zip(names, faults, strict=True):
        _check(there, name, before[name], done=fault.request > 1)
    assert left_over(there) == []


def _made(there: Swarm, names: list[str]) -> dict[str, Spec]:
    """Services of these names, and what they ask for."""
    with ThreadPoolExecutor(len(names)) as pool:
        list(pool.map(lambda name: there.service(name, "policyengine-test:1", **ONE), names))
    return {name: spec(there, name) for name in names}


def _outlived(there: Swarm, place: Path, name: str, fault: Fault) -> bool:
    """Whether the update comes to its end by itself when the engine is there again."""
    journal = Journal(place / f"{name}.jsonl")
    with circumstances(there.endpoint, journal) as around:
        target = planned(there.endpoint, name, FIX, around)
    with circumstances(there.endpoint, journal, fault) as around:
        try:
            targets.apply(target, around)
        except NoEngineError:
            return False
    return True
