"""An engine goes by the live rules of its host where these can be read, else by those that its version makes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.connections.host_firewall import LiveFirewall, Saved
from policyengine.errors import SourceError
from policyengine.firewall.docker.facts import Attachment, Engine, EngineContainer, EngineNetwork, Published, Subnet
from policyengine.inputs.firewall import live as rules
from policyengine.model.scope import Scope
from policyengine.networks import live
from policyengine.networks.live import by_live_rules

if TYPE_CHECKING:
    from policyengine.connections.docker_context import Endpoint
    from policyengine.firewall.docker.network import DockerNetwork

FILTER = """\
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
-A DOCKER-USER -s 198.51.100.0/24 -j DROP
COMMIT
"""
NAT = """\
*nat
:PREROUTING ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A OUTPUT {but}-m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
COMMIT
"""
BUT = "! -d 127.0.0.0/8 "

LOCAL = Scope("docker", "local", "docker://")
SUBNET = Subnet(4, "172.17.0.0/16", 0xAC110001)
WEB = EngineContainer("web", attachments=(Attachment("bridge", 0xAC110002),), ports=(Published(80, "tcp", 8080, 8080),))
ENGINE = Engine("docker://local", (20, 10), (EngineNetwork("bridge", bridge="docker0", subnets=(SUBNET,)),), (WEB,))


def interface(name: str, address: str, length: int) -> dict[str, object]:
    told = [{"family": "inet", "local": address, "prefixlen": length}]
    return {"ifname": name, "flags": ["UP"], "addr_info": told}


def said(*interfaces: dict[str, object], but: str = BUT) -> LiveFirewall:
    routes = [{"dst": "default", "dev": "eth0"}, {"dst": "172.17.0.0/16", "dev": "docker0"}]
    saved = tuple(Saved("iptables-nft", 4, text) for text in (FILTER, NAT.format(but=but)))
    return LiveFirewall('{"nftables": []}', saved, "", json.dumps(interfaces), json.dumps(routes), "", "", "")


BOTH = (interface("eth0", "192.0.2.2", 24), interface("docker0", "172.17.0.1", 16))


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "is_here", lambda _: True)
    monkeypatch.setattr(rules, "live_firewall", lambda: said(*BOTH))


def told(network: DockerNetwork | None, source: str, target: str) -> str:
    assert network is not None
    places = {one.name: one for one in network.places()}
    found = network.explain(places[source], places[target], "tcp", 80)
    return "\n".join([f"{found.verdict} by {found.rules}", *(f"{one.where}  {one.text}" for one in found.path)])


@pytest.mark.usefixtures("here")
def test_the_rules_of_the_host_decide() -> None:
    network = by_live_rules(ENGINE, LOCAL)
    assert told(network, "lan", "web") == (
        "allowed by live rules\n"
        "host://iptables-nft-save:5  -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n"
        "host://iptables-nft-save:7  -A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080"
        " -j DNAT --to-destination 172.17.0.2:80\n"
        "host://iptables-nft-save:8  -A FORWARD -o docker0 -j DOCKER\n"
        "host://iptables-nft-save:9  -A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80"
        " -j ACCEPT"
    )
    assert network is not None
    lan = next(one for one in network.places() if one.name == "lan")
    host = next(one for one in network.places() if one.name == "host")
    assert network.flows(lan, host).allowed == {}  # which the engine alone does not tell


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize(("but", "proxy"), [(BUT, True), ("", False)])
def test_whether_there_is_a_proxy_is_told_by_the_rules(but: str, proxy: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "live_firewall", lambda: said(*BOTH, but=but))
    network = by_live_rules(ENGINE, LOCAL)
    assert network is not None
    assert network.engine.userland_proxy is proxy


def test_rules_that_cannot_be_read_are_predicted_and_that_is_said(here: None, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused() -> LiveFirewall:
        raise SourceError("the rules of a host are root's to read", path="host://", hint="run it with sudo")

    monkeypatch.setattr(rules, "live_firewall", refused)
    for answer in (True, None):
        monkeypatch.setattr(live, "is_here", lambda _, answer=answer: answer)
        network = by_live_rules(ENGINE, LOCAL)
        assert network is not None
        assert network.rules == (
            "the rules of Docker 20.10 (the live rules cannot be read:"
            " host://: the rules of a host are root's to read (run it with sudo))"
        )
        assert network.ruleset.whole is False


def test_the_rules_of_this_host_are_not_those_of_an_engine_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/engine.sock")

    def elsewhere(endpoint: Endpoint) -> bool:
        asked.append(endpoint.host)
        return False

    monkeypatch.setattr(live, "is_here", elsewhere)
    assert by_live_rules(ENGINE, Scope("docker", "local", "docker://")) is None
    assert by_live_rules(ENGINE, Scope("docker", "local", "snapshot.yaml")) is None
    assert asked == ["unix:///run/engine.sock"]


@pytest.mark.usefixtures("here")
def test_an_engine_whose_bridges_are_not_here_is_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "live_firewall", lambda: said(BOTH[0]))
    assert by_live_rules(ENGINE, LOCAL) is None
