"""Files of the containers of an engine, one after the other: what one of them, or the engine, does not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.connections.docker import DEFAULTS
from policyengine.connections.docker_errors import NoEngineError, StuckError
from policyengine.inputs.context import Context
from policyengine.inputs.docker import live_files
from policyengine.inputs.docker.snapshot import LiveAnswers, Snapshot
from policyengine.model.kinds.sshd import KIND
from policyengine.model.scope import Scope
from policyengine.model.unknown import Unknown
from tests.authentication.layers.tars import M, directory
from tests.inputs.test_container_files import Engine

if TYPE_CHECKING:
    from policyengine.connections.docker_files import Seen, Taken
    from policyengine.errors import SourceError
    from policyengine.inputs.docker.node import Node

NAMES = [f"c{number:02}" for number in range(30)]


class Files:
    """The files of an engine's containers, which are all alike; of some of them there is an error."""

    def __init__(self, errors: dict[str, SourceError]) -> None:
        config = [directory("/etc"), directory("/etc/ssh")]
        self._engine = Engine([*config, M("/etc/ssh/sshd_config", "PermitRootLogin yes\n")])
        self._errors = errors
        self.engine = self
        self.limits = DEFAULTS

    def taken(self, container: str, path: str, limit: int) -> Taken | None:
        if container in self._errors:
            raise self._errors[container]
        return self._engine.take(path, limit)

    def seen(self, _: str, path: str) -> Seen | None:
        return self._engine.see(path)

    def service(self, _: str) -> dict[str, object]:
        raise AssertionError


def read(errors: dict[str, SourceError]) -> tuple[dict[str, object], list[str]]:
    """What is told of root's login by container, and the problems."""
    context = Context(wanted=frozenset((KIND.name, field) for field in KIND.fields))
    containers = [{"Id": name, "Name": f"/{name}", "State": {"Status": "running"}} for name in NAMES]
    snapshot = Snapshot(LiveAnswers({"context": "local", "containers": containers}), Scope("docker", ""), context)
    nodes: list[Node] = snapshot.containers
    found: dict[str, object] = {}
    try:
        for one in live_files._of_containers(nodes, snapshot, Files(errors)):  # type: ignore[arg-type]
            found[one.name] = one.facts["permit_root_login"]
    except NoEngineError as error:
        context.failed(error)
    return found, [one.message for one in context.problems]


def test_all_are_read_in_their_order() -> None:
    found, problems = read({})
    assert (found, list(found), problems) == (dict.fromkeys(NAMES, "yes"), NAMES, [])


def test_one_that_hangs_hides_no_other() -> None:
    found, problems = read({"c03": StuckError("late")})
    assert isinstance(found.pop("c03"), Unknown)
    assert (found, problems) == ({name: "yes" for name in NAMES if name != "c03"}, ["late"])


@pytest.mark.parametrize(
    ("errors", "read_of", "problems"),
    [
        ({"c03": StuckError("late"), "c05": StuckError("late again")}, 6, ["late", "late again"]),
        ({"c03": NoEngineError("ended")}, 4, ["ended"]),
    ],
)
def test_an_engine_that_ends_is_asked_no_more(
    errors: dict[str, SourceError], read_of: int, problems: list[str]
) -> None:
    found, told = read(errors)
    assert list(found) == NAMES[:read_of]
    assert {name for name, value in found.items() if isinstance(value, Unknown)} == errors.keys()
    assert told == problems
