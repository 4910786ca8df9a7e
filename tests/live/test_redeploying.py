"""Containers on a real engine are replaced and rolled back; whatever is wrong with the new one, the old one serves."""

from __future__ import annotations

import os
import shutil
import socket
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from msgspec.structs import replace

from policyengine.errors import RemedyError, SourceError
from policyengine.remediation.docker import redeploying, rolling_back
from policyengine.remediation.docker.forgetting import forget
from policyengine.remediation.docker.handing_over import Handover, hand_over
from policyengine.remediation.docker.inspected import looked_up, sought
from policyengine.remediation.docker.memory import LABELS, OLD, UNDONE, Memory, Side, labels
from policyengine.remediation.docker.order import Gate
from policyengine.remediation.docker.recovering import recover
from policyengine.remediation.docker.redeploying import redeploy
from policyengine.remediation.docker.rolling_back import rollback
from policyengine.remediation.journal import Journal
from tests.live.conftest import missing
from tests.once import ONCE
from tests.remediation.docker import services
from tests.remediation.docker.faults import Ground
from tests.remediation.docker.proxy import Spoiler, between
from tests.remediation.docker.services import GATE, Maker, Service, check, order
from tests.soak import faults
from tests.soak.own import IMAGE, Daemon, own_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from policyengine.connections.docker import Engine
    from policyengine.connections.docker_acting import Acting
    from policyengine.remediation.docker.order import Order
    from policyengine.remediation.docker.steps import Step

pytestmark = [pytest.mark.live, ONCE]


@dataclass
class Own:
    """An engine of the tests' own: recovering it is about all containers that it has."""

    daemon: Daemon
    acting: Acting
    journal: Journal

    @property
    def engine(self) -> Engine:
        return self.acting.engine


@pytest.fixture(scope="module")
def own_daemon() -> Iterator[tuple[Daemon, Acting]]:
    if os.geteuid():
        missing("an engine of one's own takes root")
    for program in ("dockerd", "ip", "busybox"):
        if shutil.which(program) is None:
            missing(f"there is no {program}")
    with own_engine() as found:
        yield found


@pytest.fixture
def own(own_daemon: tuple[Daemon, Acting], tmp_path: Path) -> Own:
    return Own(*own_daemon, Journal(tmp_path / "journal.jsonl", "docker://local"))


@pytest.fixture
def maker(own: Own) -> Iterator[Maker]:
    made = Maker(own.acting, IMAGE)
    try:
        yield made
    finally:
        made.clear()


MAKERS: dict[str, Callable[[Maker], Service]] = {
    "warm": Maker.warm,
    "side-by-side": Maker.side_by_side,
    "without aliases": lambda maker: maker.side_by_side(aliases=()),
    "stop-first": Maker.stop_first,
    "group": lambda maker: maker.group(warm=True),
    "resting": Maker.resting,
}
STEPS = {
    "warm": [
        "create: make WEB.pe-new from app:1",
        "warm up: join it to WEB.pe-warm alone, which leads nowhere",
        "start: start the new WEB",
        "gate: wait until it is healthy, 60 s at most; else WEB serves as before",
        "cut over: part WEB from FIRST, SECOND, and join the new one with its ports and addresses",
        "look again: see that the new one works where it is now",
        "name old: rename WEB to WEB.pe-old",
        "name new: rename the new one to WEB",
        "retire: keep WEB.pe-old, stopped, to go back to",
    ],
    "side-by-side": [
        "create: make WEB.pe-new from app:1",
        "join: join it to FIRST, without aliases",
        "start: start the new WEB",
        "gate: wait until it is healthy, 60 s at most; else WEB serves as before",
        "take up: join the new one to FIRST with its aliases, which both have until the old one stops",
        "look again: see that the new one works where it is now",
        "name old: rename WEB to WEB.pe-old",
        "name new: rename the new one to WEB",
        "retire: keep WEB.pe-old, stopped, to go back to",
    ],
    "without aliases": [
        "create: make WEB.pe-new from app:1",
        "join: join it to FIRST",
        "start: start the new WEB",
        "gate: wait until it is healthy, 60 s at most; else WEB serves as before",
        "look again: see that the new one works where it is now",
        "name old: rename WEB to WEB.pe-old",
        "name new: rename the new one to WEB",
        "retire: keep WEB.pe-old, stopped, to go back to",
    ],
    "stop-first": [
        "create: make WEB.pe-new from app:1",
        "join: join it to FIRST",
        "stop: stop WEB, which has 10 s to end",
        "start: start the new WEB",
        "gate: wait until it is healthy, 60 s at most; else WEB serves as before",
        "look again: see that the new one works where it is now",
        "name old: rename WEB to WEB.pe-old",
        "name new: rename the new one to WEB",
        "retire: keep WEB.pe-old, stopped, to go back to",
    ],
    "resting": [
        "create: make WEB.pe-new from app:1",
        "join: join it to FIRST",
        "name old: rename WEB to WEB.pe-old",
        "name new: rename the new one to WEB",
        "retire: keep WEB.pe-old, stopped, to go back to",
    ],
}


def shown(steps: list[Step], service: Service) -> list[str]:
    names = {service.name: "WEB", **dict(zip(service.networks, ("FIRST", "SECOND"), strict=False))}
    lines = [f"{step.name}: {step.says}" for step in steps]
    for name, short in names.items():
        lines = [line.replace(name, short) for line in lines]
    return lines


@pytest.mark.parametrize("kind", MAKERS)
def test_there_and_back_again(kind: str, own: Own, maker: Maker) -> None:
    service = MAKERS[kind](maker)
    old = looked_up(own.engine, service.name)
    asked = order(own.engine, service)
    preview = redeploying.steps(own.engine, asked)
    if kind in STEPS:
        assert shown(preview, service) == STEPS[kind]

    done = redeploy(own.acting, asked, own.journal)
    assert (done.name, done.previous, done.way, done.note) == (service.name, old.id, service.way, "")
    assert (done.gap is None) == (kind == "resting")
    assert check(own.engine, service) == []
    assert looked_up(own.engine, service.name).id == done.id
    entry = own.journal.history()[0]
    assert (entry.target, entry.what, entry.outcome) == (f"container {service.name}", "again", "replaced")
    assert list(entry.steps) == [step.name for step in preview if step.member.name == service.name]

    back = rollback(own.acting, service.name, own.journal, GATE)
    assert (back.id, back.previous) == (old.id, done.id)
    assert check(own.engine, service) == []
    assert looked_up(own.engine, service.name + UNDONE).id == done.id
    assert {(entry.what, entry.outcome) for entry in own.journal.history()} == {
        ("again", "replaced"),
        ("again", "rolled back"),
    }
    with pytest.raises(RemedyError, match="was rolled back already: it is what it was before"):
        rollback(own.acting, service.name, own.journal, GATE)
    assert recover(own.acting, own.journal) == []


def test_what_was_replaced_twice_remembers_the_last_time_only(own: Own, maker: Maker) -> None:
    service = maker.side_by_side()
    first = redeploy(own.acting, order(own.engine, service), own.journal)
    second = redeploy(own.acting, order(own.engine, service), own.journal)
    found = looked_up(own.engine, service.name).labels
    assert found[f"{LABELS}replaces"] == first.id == second.previous
    assert sum(name.startswith(LABELS) for name in found) == 9
    assert sought(own.engine, first.previous) is None
    rollback(own.acting, service.name, own.journal, GATE)
    third = redeploy(own.acting, order(own.engine, service), own.journal)
    assert third.previous == first.id
    assert sought(own.engine, second.id) is None
    assert check(own.engine, service) == []


def test_after_a_restart_everything_is_as_before(own: Own, maker: Maker) -> None:
    """Of the container, and of the engine: its mode of network stays, and it finds all of its networks again."""
    warm = maker.warm()
    mode = looked_up(own.engine, warm.name).host_config.network_mode
    redeploy(own.acting, order(own.engine, warm), own.journal)
    assert looked_up(own.engine, warm.name).host_config.network_mode == mode
    own.acting.post(f"/containers/{warm.name}/restart", query={"t": "0"})
    assert check(own.engine, warm) == []
    own.daemon.stop()
    own.daemon.start()
    assert check(own.engine, warm) == []
    rollback(own.acting, warm.name, own.journal, GATE)
    assert check(own.engine, warm) == []


def test_a_follower_that_was_replaced_by_itself_before_is_one_follower(own: Own, maker: Maker) -> None:
    """What it replaced is kept, and hangs on the same container, but it is not made anew, too."""
    group = maker.group(warm=True)
    last = Service(group.followers[-1], "stop-first")
    first = redeploy(own.acting, order(own.engine, last), own.journal)
    assert looked_up(own.engine, last.name + OLD).id == first.previous
    redeploy(own.acting, order(own.engine, group), own.journal)
    assert check(own.engine, group) == []
    assert looked_up(own.engine, last.name + OLD).id == first.id
    rollback(own.acting, group.name, own.journal, GATE)
    assert check(own.engine, group) == []
    assert recover(own.acting, own.journal) == []


@pytest.mark.parametrize("named", ["name", "id"])
def test_a_container_is_not_taken_for_what_labels_of_an_image_say_was_replaced(
    named: str, own: Own, maker: Maker
) -> None:
    victim = maker.side_by_side()
    old = looked_up(own.engine, victim.name)
    side = Side({"Name": "no", "MaximumRetryCount": 0}, {}, running=True)
    replaces = old.id if named == "id" else old.called
    said = Memory(
        "run", "what", f"{maker.prefix}-copy", replaces, "stop-first", "2026-01-01T00:00:00+00:00", side, side
    )
    config = {"Image": IMAGE, "Cmd": ["/bin/busybox", "sleep", "600"], "Labels": labels(said)}
    own.acting.start(own.acting.create(config, said.name))
    assert recover(own.acting, own.journal) == []
    assert forget(own.acting, own.journal, datetime.now(UTC)) == []
    with pytest.raises(RemedyError, match=f"what {said.name} replaced is not kept any more"):
        rollback(own.acting, said.name, own.journal, GATE)
    assert check(own.engine, victim) == []


def test_what_somebody_stopped_stays_stopped_where_nothing_is_kept_any_more(own: Own, maker: Maker) -> None:
    """Another journal knows how it came about; here none does."""
    service = maker.side_by_side()
    done = redeploy(own.acting, order(own.engine, service), own.journal)
    own.acting.remove(done.previous)
    own.acting.stop(done.id)
    own.journal.path.unlink()
    assert recover(own.acting, own.journal) == []
    assert not looked_up(own.engine, service.name).state.running


def with_config(asked: Order, **changes: object) -> Order:
    body = replace(asked.body, config={**asked.body.config, **changes})
    return replace(asked, body=body, gate=Gate(seconds=GATE.seconds, stable=0.5))


def no_memory(asked: Order) -> Order:
    """Too little of it."""
    host: Any = asked.body.config["HostConfig"]
    command = ["/bin/busybox", "tail", "/dev/zero"]  # which has no end of a line
    return with_config(asked, Cmd=command, HostConfig={**host, "Memory": 8 * 2**20, "MemorySwap": 8 * 2**20})


def crashes(*script: str) -> list[str]:
    return ["/bin/busybox", "sh", "-c", *script]


BAD: dict[str, tuple[Callable[[Order], Order], str]] = {
    "unhealthy": (
        lambda asked: with_config(
            asked,
            Healthcheck={"Test": ["CMD", "/bin/busybox", "ls", "/x"], "Interval": 10**8, "Retries": 2},
        ),
        "the new container is unhealthy: ls: /x: No such file or directory; {} serves as before",
    ),
    "never healthy": (
        lambda asked: replace(
            with_config(
                asked, Healthcheck={"Test": ["CMD", "/bin/busybox", "false"], "Interval": 10**8, "Retries": 1000}
            ),
            gate=Gate(seconds=4, stable=0.5),
        ),
        "the new container is not healthy after 4 s: its healthcheck says starting; {} serves as before",
    ),
    "ends": (
        lambda asked: with_config(asked, Cmd=crashes("echo oh no; exit 3")),
        "and was restarted; {} serves as before (it said: oh no",
    ),
    "ends later": (
        lambda asked: with_config(asked, Cmd=crashes("/bin/busybox sleep 0.3; exit 4"), Healthcheck={"Test": ["NONE"]}),
        "and was restarted; {} serves as before",
    ),
    "no such program": (
        lambda asked: with_config(asked, Cmd=["/nowhere"], Entrypoint=[]),
        "no such file or directory",
    ),
    "out of memory": (no_memory, "the new container "),
    "no such image": (
        lambda asked: replace(asked, image="gone:1@sha256:" + "0" * 64),
        "No such image: gone:1@sha256:" + "0" * 64 + "; {} serves as before",
    ),
    "probe fails": (
        lambda asked: replace(asked, gate=Gate(seconds=5, stable=0.1, probe=("/bin/busybox", "false"))),
        "the new container is not healthy after 5 s: its probe fails; {} serves as before",
    ),
}


@pytest.mark.parametrize("bad", BAD)
def test_a_new_container_that_does_not_work(bad: str, own: Own, maker: Maker) -> None:
    spoilt, said = BAD[bad]
    stop_first = bad in ("ends", "no such program", "no such image", "out of memory")
    service = maker.stop_first() if stop_first else maker.side_by_side()
    old = looked_up(own.engine, service.name).id
    with pytest.raises(RemedyError) as caught:
        redeploy(own.acting, spoilt(order(own.engine, service)), own.journal)
    assert said.format(service.name) in str(caught.value)
    assert looked_up(own.engine, service.name).id == old
    assert check(own.engine, service) == []
    assert [entry.outcome for entry in own.journal.history()] == ["put back"]
    assert recover(own.acting, own.journal) == []


def test_a_probe_that_succeeds(own: Own, maker: Maker) -> None:
    service = maker.side_by_side()
    probe = ("/bin/busybox", "wget", "-q", "-O", "-", "http://127.0.0.1:8080/")
    redeploy(own.acting, replace(order(own.engine, service), gate=Gate(GATE.seconds, 5, probe)), own.journal)
    assert check(own.engine, service) == []


def test_a_port_that_is_taken(own: Own, maker: Maker) -> None:
    """What is to be published besides is somebody else's."""
    service = maker.warm()
    asked = order(own.engine, service)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        host: Any = asked.body.config["HostConfig"]
        bindings = {**host["PortBindings"], "9090/tcp": [{"HostIp": "127.0.0.1", "HostPort": port}]}
        more = with_config(
            asked,
            HostConfig={**host, "PortBindings": bindings},
            ExposedPorts={"8080/tcp": {}, "9090/tcp": {}},
        )
        with pytest.raises(RemedyError, match=rf"{port}.*serves as before"):
            redeploy(own.acting, more, own.journal)
    assert check(own.engine, service) == []


def test_a_port_that_was_taken_when_the_old_one_was_to_have_it_back(own: Own, maker: Maker) -> None:
    """The engine then leaves in it what keeps it from being joined ever again, while it runs: it is started anew."""
    service = maker.warm()
    old = looked_up(own.engine, service.name)
    side = Side(old.restart, old.networks, running=True)
    for network in service.networks:
        own.acting.disconnect(network, old.id)
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", service.port))
        taken.listen()
        with pytest.raises(SourceError, match="address already in use"):
            own.acting.connect(service.networks[0], old.id, side.endpoints[service.networks[0]])
    assert check(own.engine, service) != []
    hand_over(own.acting, [Handover(service.name, old.id, side, "", side, "", service.name + ".pe-warm")])
    assert check(own.engine, service) == []


def test_what_is_refused(own: Own, maker: Maker) -> None:
    service, group = maker.side_by_side(), maker.group(warm=True)
    asked, of_group = order(own.engine, service), order(own.engine, group)

    def refused(meant: Order) -> str:
        with pytest.raises(RemedyError) as caught:
            redeploy(own.acting, meant, own.journal)
        return str(caught.value).replace(service.name, "WEB").replace(group.name, "LEAD")

    assert refused(replace(of_group, followers=())) == (
        "LEAD-one, LEAD-two would be cut off: what hangs on LEAD must follow it"
    )
    stranger = own.acting.create({"Image": IMAGE, "Cmd": ["true"]}, service.name + OLD)
    assert refused(asked) == "a container is called WEB.pe-old which policyengine did not make (rename it)"
    own.acting.remove(stranger)
    own.acting.rename(service.name, service.name + "-else")
    assert refused(asked) == "WEB is another container, or gone, since this was planned"
    own.acting.rename(service.name + "-else", service.name)
    host: Any = asked.container["HostConfig"]
    assert refused(replace(asked, container={**asked.container, "HostConfig": {**host, "AutoRemove": True}})) == (
        "WEB was started with --rm: when it stops it is gone, and there is nothing to go back to "
        "(whoever runs it, a unit of systemd or a script, waits for its end: change it there)"
    )
    assert check(own.engine, service) == []
    assert own.journal.history() == []


def test_a_new_container_that_vanishes(own: Own, maker: Maker, tmp_path: Path) -> None:
    """Killed when the old one had stopped; then somebody removes the new one: the journal knows the old one."""
    service = maker.stop_first()
    with between(tmp_path / "proxy", str(own.daemon.socket)) as proxy:
        ground = Ground(own.acting, proxy, tmp_path)
        proxy.spoiler = Spoiler("kill after", 0, is_meant=lambda asked: asked.endswith("/stop"))
        assert ground.killed(service, "redeploy") == "ended with -9"
    own.acting.remove(f"{service.name}.pe-new")
    assert not looked_up(own.engine, service.name).state.running
    recovered = recover(own.acting, Journal(tmp_path / "journal.jsonl"))
    assert [(one.name, one.serves) for one in recovered] == [(service.name, "old")]
    assert check(own.engine, service) == []


def test_what_somebody_changes_afterwards_is_left_alone(own: Own, maker: Maker) -> None:
    service = maker.side_by_side()
    redeploy(own.acting, order(own.engine, service), own.journal)
    own.acting.stop(service.name, 0)
    own.acting.start(service.name + OLD)
    assert recover(own.acting, own.journal) == []
    assert not looked_up(own.engine, service.name).state.running
    assert looked_up(own.engine, service.name + OLD).state.running


def test_forgetting(own: Own, maker: Maker) -> None:
    service, rolled_back = maker.side_by_side(), maker.resting()
    for one in (service, rolled_back):
        redeploy(own.acting, order(own.engine, one, soak=60), own.journal)
    rollback(own.acting, rolled_back.name, own.journal, GATE)
    now = datetime.now(UTC)
    assert forget(own.acting, own.journal, now) == []
    assert sorted(forget(own.acting, own.journal, now + timedelta(seconds=120))) == sorted(
        [service.name + OLD, rolled_back.name + UNDONE]
    )
    assert check(own.engine, service) == []
    assert check(own.engine, rolled_back) == []
    with pytest.raises(RemedyError, match="is not kept any more"):
        rollback(own.acting, service.name, own.journal, GATE)
    assert forget(own.acting, own.journal, now + timedelta(seconds=120)) == []


def test_faults(own: Own, tmp_path: Path) -> None:
    """Thirty of those that ``python -m tests.soak.faults`` makes hundreds of."""
    with between(tmp_path / "proxy", str(own.daemon.socket)) as proxy:
        ground = Ground(own.acting, proxy, tmp_path)
        maker = Maker(own.acting, IMAGE)
        try:
            made = [maker.warm(), maker.side_by_side(), maker.stop_first()]
            results = faults.run(ground, made, 30, seed=1)
        finally:
            maker.clear()
    assert len(results) == 30
    assert [result for result in results if result.wrong] == []


def test_a_rollback_is_shown_as_it_is_done(own: Own, maker: Maker) -> None:
    service = maker.warm()
    redeploy(own.acting, order(own.engine, service), own.journal)
    taken: list[Step] = []
    preview = rolling_back.steps(own.engine, service.name, GATE)
    rollback(own.acting, service.name, own.journal, GATE, taken.append)
    assert shown(taken, service) == shown(preview, service)
    assert [step.name for step in taken] == [line.split(":")[0] for line in STEPS["warm"]][1:]
    assert services.check(own.engine, service) == []
