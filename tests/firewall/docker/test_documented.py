"""Docker's documented rule sets are what is predicted from the commands that they are documented with.

The rule sets are moby's (Apache-2.0): ``integration/network/bridge/{iptables,nftables}doc/generated`` and the golden
files of ``daemon/libnetwork/drivers/bridge/internal/{iptabler,nftabler}``.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest

from policyengine.firewall.addresses import number
from policyengine.firewall.docker.facts import Attachment, Engine, EngineContainer, EngineNetwork, Published, Subnet
from policyengine.firewall.docker.predicted import predicted
from tests.firewall.docker.engines import Commands, documented, lines, nft

if TYPE_CHECKING:
    from policyengine.firewall.rules import Family

MOBY = Path(__file__).parents[4] / "shared" / "corpora" / "firewall" / "moby"
DOCS = MOBY / "integration" / "network" / "bridge"
GOLDEN = MOBY / "daemon" / "libnetwork" / "drivers" / "bridge" / "internal"

pytestmark = pytest.mark.skipif(not MOBY.is_dir(), reason="the corpora are not there")

CASES = sorted(path.stem for path in DOCS.glob("iptablesdoc/generated/*.md"))
NFT_CASES = sorted(path.stem for path in DOCS.glob("nftablesdoc/generated/*.md"))


def described(case: str, backend: Literal["iptables", "nftables"] = "iptables") -> tuple[Engine, str]:
    """The engine that a page describes, and the page."""
    page = (DOCS / f"{backend}doc" / "generated" / f"{case}.md").read_text(encoding="utf-8")
    # What the page's commands say of the second network is not what its rules are for: they are those without icc.
    commands = page.replace("enable_icc=true", "enable_icc=false")
    found = Commands().run("\n".join(line for line in commands.splitlines() if line.startswith("\t")))
    if case == "swarm-portmap":
        gateway = Subnet(4, "172.18.0.0/16", number("172.18.0.1", 4))
        relay = number("172.18.0.2", 4)
        bridge = EngineNetwork("docker_gwbridge", bridge="docker_gwbridge", subnets=(gateway,), icc=False, relay=relay)
        found.networks.append(bridge)
        port = Published(80, "tcp", 8080, 8080, ingress=True)
        found.containers.append(EngineContainer("busybox.1", ports=(port,), service="busybox"))
    engine = Engine(
        "docker://local",
        version=(29, 0),
        networks=tuple(found.networks),
        containers=tuple(found.containers),
        backend=backend,
        userland_proxy=case != "usernet-portmap-noproxy",
        forward_policy="accept",
    )
    return engine, page


@pytest.mark.parametrize("case", CASES)
def test_iptables(case: str) -> None:
    engine, page = described(case)
    told = dumps(page)
    rules = lines(predicted(engine))
    assert {name: rules[name] for name in told} == told
    assert told


TABLES = {"INPUT FORWARD OUTPUT": "filter", "PREROUTING INPUT OUTPUT POSTROUTING": "nat", "PREROUTING OUTPUT": "raw"}
"""Which table a dump is of, by the chains that have a policy."""


def dumps(page: str) -> dict[str, list[str]]:
    """The rules of each table that a page shows as ``iptables -S`` prints it."""
    found = {}
    for dump in re.findall(r"(?:^    -[PNA] .*\n)+", page, re.M):
        if policies := re.findall(r"-P (\S+)", dump):
            found[TABLES[" ".join(policies)]] = documented(dump.splitlines())
    return found


@pytest.mark.parametrize("case", NFT_CASES)
def test_nftables(case: str) -> None:
    engine, page = described(case, "nftables")
    table = re.search(r"^    table ip docker-bridges \{\n(.*?)^    \}", page, re.M | re.S)
    assert table is not None
    assert nft(predicted(engine)) == chains(table[1])


def chains(table: str) -> dict[str, list[str]]:
    """The rules of each chain in what ``nft list table`` prints, without counts."""
    found: dict[str, list[str]] = {}
    for name, body in re.findall(r"chain (\S+) \{(.*?)\n\s*\}", table, re.S):
        rules = [line.strip() for line in body.splitlines() if line.strip() and not line.strip().startswith("type ")]
        found[name] = [re.sub(r"counter packets \d+ bytes \d+", "counter", rule) for rule in rules]
    return found


IPTABLES_GOLDEN = sorted(path.name for path in GOLDEN.glob("iptabler/testdata/TestIptabler/hairpin*"))
NFT_GOLDEN = sorted(path.name for path in GOLDEN.glob("nftabler/testdata/TestNftabler/hairpin*"))


def optioned(name: str) -> Engine:
    """The engine of the options that a golden file is named by."""
    options = dict(re.findall(r"(\w+)=([\w-]+?)(?=,|__)", name))
    on = {key for key, value in options.items() if value == "true"}
    mode = options.get("gwm", "nat")
    network = EngineNetwork(
        "dummy",
        bridge="br-dummy",
        subnets=(Subnet(4, "192.168.0.0/24"), Subnet(6, "fd49:efd7:54aa::/64")),
        internal="internal" in on,
        icc="icc" in on,
        masquerade="masq" in on,
        modes={4: mode, 6: mode},
        snat={4: "192.168.123.0", 6: "fd34:d0d4:672f::123"} if "snat" in on else {},
    )
    attached = (Attachment("dummy", number("192.168.0.2", 4), number("fd49:efd7:54aa::1", 6)),)
    hosts = ("127.0.0.1", "::1") if "bindlh" in on else ("0.0.0.0", "::")
    container = EngineContainer(
        "c1", attachments=attached, ports=tuple(Published(80, "tcp", 8080, 8080, ip) for ip in hosts)
    )
    return Engine(
        "docker://local",
        version=(29, 0),
        networks=(network,),
        containers=(container,),
        backend="nftables" if name.endswith(("__ip.golden", "__ip6.golden")) else "iptables",
        userland_proxy="hairpin" not in on,
        forward_policy="accept",
    )


def of_no_engine(name: str, rule: str) -> bool:
    """What only these tests of moby's have: a port of the host in the mode ``routed`` (an engine gives none there), a
    guest of Windows, and FORWARD without DOCKER-USER, which the daemon adds elsewhere."""
    routed = "gwm=routed" in name and ("8080" in rule or "MASQ TO OWN" in rule or "dport 80 -j MASQUERADE" in rule)
    return routed or "loopback0" in rule or "DOCKER-USER" in rule


@pytest.mark.parametrize("name", IPTABLES_GOLDEN)
def test_iptables_by_options(name: str) -> None:
    text = (GOLDEN / "iptabler" / "testdata" / "TestIptabler" / name).read_text(encoding="utf-8")
    family: Family = 6 if "__ip6" in name else 4
    tables = re.findall(r"^\*(\w+)\n(.*?)^COMMIT", text, re.M | re.S)
    told = {
        table: [one for one in documented(body.splitlines()) if not of_no_engine(name, one)] for table, body in tables
    }
    found = lines(predicted(optioned(name)), family)
    assert {table: [one for one in found[table] if not of_no_engine(name, one)] for table in told} == told


@pytest.mark.parametrize("name", NFT_GOLDEN)
def test_nftables_by_options(name: str) -> None:
    text = (GOLDEN / "nftabler" / "testdata" / "TestNftabler" / name).read_text(encoding="utf-8")
    family: Family = 6 if "__ip6" in name else 4
    told = {chain: [one for one in rules if not of_no_engine(name, one)] for chain, rules in chains(text).items()}
    found = nft(predicted(optioned(name)), family)
    assert {chain: [one for one in rules if not of_no_engine(name, one)] for chain, rules in found.items()} == told
