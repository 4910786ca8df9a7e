"""The rules that bear on a question decide it as all rules do, and are about as few however many there are."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING

import pytest

from policyengine.firewall import decisions
from policyengine.firewall.bearing import Bearing
from policyengine.firewall.deciding import decide
from policyengine.firewall.docker.facts import Attachment, Engine, EngineContainer, EngineNetwork, Published, Subnet
from policyengine.firewall.docker.network import DockerNetwork
from policyengine.firewall.docker.predicted import predicted
from policyengine.firewall.docker.surroundings import surroundings
from policyengine.firewall.host import Host, host_address, route
from policyengine.firewall.host import HostInterface as Interface
from policyengine.firewall.iptables import read
from policyengine.firewall.queries import Query
from policyengine.firewall.rules import Ruleset
from policyengine.firewall.universe import universe

if TYPE_CHECKING:
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.packets import Path
    from policyengine.firewall.rules import Field

BRIDGE = EngineNetwork("shop", bridge="br-shop", subnets=(Subnet(4, "10.9.0.0/16", (10 << 24) + (9 << 16) + 1),))
FIRST = (10 << 24) + (9 << 16) + 2
HOST = Host(
    (
        Interface("lo"),
        Interface("eth0", (host_address("192.0.2.1/24"),)),
        Interface("br0", (host_address("10.9.0.1/24"),)),
    ),
    (route("default", "eth0"), route("10.9.0.0/24", "br0")),
)

ADDRESSES = ("10.9.0.2", "10.9.0.3", "10.9.0.4", "192.0.2.1", "127.0.0.1", "198.51.100.7", "10.9.0.0/30")
PORTS = ("80", "81", "8000:8002")


def _match(rng: random.Random) -> str:
    """Conditions of a rule, some of which are about destinations and ports."""
    parts = []
    if rng.random() < 0.5:
        parts.append(f"{rng.choice(('', '', '! '))}-d {rng.choice(ADDRESSES)}")
    if rng.random() < 0.3:
        parts.append(f"{rng.choice(('', '! '))}-i {rng.choice(('br0', 'eth0'))}")
    if rng.random() < 0.2:
        parts.append(f"-m addrtype {rng.choice(('', '! '))}--dst-type LOCAL")
    if rng.random() < 0.6:
        parts.append(f"-p tcp -m tcp --dport {rng.choice(PORTS)}")
    return " ".join(parts)


def _rule(chain: str, match: str, does: str) -> str:
    """A rule that iptables-restore takes: what leaves the host has not come in, and ports are of a protocol."""
    if chain == "OUTPUT":
        match = re.sub(r"(! )?-i \S+ ?", "", match)
    if "--to-" in does and "-p tcp" not in match:
        match += " -p tcp"
    return f"-A {chain} {match} {does}"


def _to(rng: random.Random) -> str:
    if rng.random() < 0.1:
        return f"-j REDIRECT --to-ports {rng.choice(('80', '81'))}"
    return f"-j DNAT --to-destination {rng.choice(ADDRESSES[:4])}{rng.choice(('', ':80', ':81'))}"


def _dump(rng: random.Random, queues: float) -> str:
    """A dump with rules before translation, translation by calls, and rules after it."""

    def does() -> str:
        return "-j NFQUEUE --queue-num 1" if rng.random() < queues else f"-j {rng.choice(('ACCEPT', 'DROP', 'RETURN'))}"

    raw = [_rule(rng.choice(("PREROUTING", "OUTPUT")), _match(rng), does()) for _ in range(rng.randrange(4))]
    calls = [_rule(rng.choice(("PREROUTING", "OUTPUT")), _match(rng), "-j PORTS") for _ in range(3)]
    nat = [
        _rule("PORTS", _match(rng), _to(rng) if rng.random() < 0.8 else "-j RETURN") for _ in range(rng.randrange(7))
    ]
    filters = [
        _rule(rng.choice(("FORWARD", "INPUT", "OUTPUT", "OPEN")), _match(rng), does()) for _ in range(rng.randrange(8))
    ]
    policy = rng.choice(("ACCEPT", "DROP"))
    lines = ["*raw", ":PREROUTING ACCEPT", ":OUTPUT ACCEPT", *raw, "COMMIT"]
    lines += ["*nat", ":PREROUTING ACCEPT", ":OUTPUT ACCEPT", ":PORTS -", *calls, *nat, "COMMIT"]
    lines += ["*filter", f":FORWARD {policy}", ":INPUT ACCEPT", ":OUTPUT ACCEPT", ":OPEN -"]
    return "\n".join([*lines, "-A FORWARD -j OPEN", *filters, "COMMIT", ""])


def _query(rng: random.Random) -> Query:
    def one() -> Intervals:
        address = rng.choice((FIRST - 1, FIRST, FIRST + 1, FIRST + 2, (192 << 24) + 513, (198 << 24) + 1))
        return ((address, address + rng.choice((0, 0, 3))),)

    path: Path = rng.choice(("forward", "forward", "input", "output"))
    sent: dict[Field, Intervals] = {"state": ((0, 0),)}
    if rng.random() < 0.4:
        sent["destination"] = one()
    if rng.random() < 0.3:
        sent["dport"] = ((80, 81),)
    return Query(4, path, sent, {"destination": one()} if rng.random() < 0.7 else {})


@pytest.mark.parametrize("seed", range(150))
def test_rules_that_bear_on_a_question_decide_it_as_all_do(seed: int) -> None:
    rng = random.Random(seed)
    ruleset = Ruleset(tuple(read(_dump(rng, rng.choice((0, 0, 0.1))), "rules.v4", 4)), whole=True)
    known = universe(4, (ruleset,), HOST)
    for _ in range(4):
        query = _query(rng)
        few = Bearing(ruleset, HOST, 4, query.path).on(query)
        whole, less = (decide(one, HOST, query, known=known) for one in (ruleset, few))
        expected, found = whole.flows(), less.flows()
        assert (found.allowed, found.unknown) == (expected.allowed, expected.unknown)
        if not query.reached:
            assert less.verdicts() == whole.verdicts()


def test_rules_after_a_translation_are_about_where_it_leads() -> None:
    rule = "-A PREROUTING -d 192.0.2.1 -p tcp --dport 80 -j DNAT --to-destination 10.9.0.3"
    nat = f"*nat\n:PREROUTING ACCEPT\n{rule}\nCOMMIT"
    filters = "*filter\n:FORWARD ACCEPT\n-A FORWARD -d 10.9.0.3 -j DROP\n-A FORWARD -d 10.9.0.2 -j DROP\nCOMMIT\n"
    ruleset = Ruleset(tuple(read(f"{nat}\n{filters}", "rules.v4", 4)), whole=True)
    query = Query(4, "forward", {"state": ((0, 0),), "destination": (((192 << 24) + 513,) * 2,)})

    few = Bearing(ruleset, HOST, 4, "forward").on(query)

    assert decide(few, HOST, query).verdicts() == decide(ruleset, HOST, query).verdicts() == {"drop"}
    kept = [
        rule.text for table in few.tables for chain in table.chains for rule in chain.rules if "FORWARD" in rule.text
    ]
    assert len(kept) == 1


def _engine(count: int, version: tuple[int, ...], backend: str = "iptables") -> Engine:
    """As many containers, each with a port for all and one for the loopback."""
    containers = tuple(
        EngineContainer(
            f"c{at}",
            attachments=(Attachment("shop", FIRST + at),),
            ports=(Published(80, "tcp", 8000 + at, 8000 + at), Published(81, "tcp", 9000 + at, 9000 + at, "127.0.0.1")),
        )
        for at in range(count)
    )
    return Engine("shop", version, (BRIDGE,), containers, backend=backend)  # type: ignore[arg-type]


ENGINES = [((20, 10), "iptables"), ((28, 5), "iptables"), ((29, 5), "iptables"), ((29, 5), "nftables")]


def _looked_at(engine: Engine) -> int:
    """How many rules bear on who reaches a container from elsewhere."""
    query = Query(4, "forward", {"state": ((0, 0),)}, {"destination": ((FIRST + 2, FIRST + 2),)})
    few = Bearing(predicted(engine), surroundings(engine), 4, "forward").on(query)
    return sum(len(chain.rules) for table in few.tables for chain in table.chains)


@pytest.mark.parametrize(("version", "backend"), ENGINES)
def test_as_many_rules_bear_on_a_container_however_many_others_there_are(
    version: tuple[int, ...], backend: str
) -> None:
    few = _looked_at(_engine(5, version, backend))

    assert few < 35
    assert _looked_at(_engine(400, version, backend)) == few


def test_decisions_grow_with_the_containers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asking who reaches each of twice as many containers takes twice as many decisions, of rules as few."""

    def work(count: int) -> int:
        rules: list[int] = []

        def counted(ruleset: Ruleset, *rest: object, **more: object) -> object:
            rules.append(sum(len(chain.rules) for table in ruleset.tables for chain in table.chains))
            return decide(ruleset, *rest, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(decisions, "decide", counted)
        network = DockerNetwork(_engine(count, (29, 5)))
        *containers, _, lan = network.places()
        for container in containers:
            network.flows(lan, container)
            network.explain(lan, container, "tcp", 80)
        return sum(rules)

    assert work(40) <= 2 * work(20)
