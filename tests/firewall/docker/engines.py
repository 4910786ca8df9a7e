"""Engines as documented by the commands that bring them about, and tables as their programs print them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from policyengine.firewall.addresses import number
from policyengine.firewall.docker.facts import Attachment, EngineContainer, EngineNetwork, Published, Subnet

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.firewall.docker.facts import GatewayMode
    from policyengine.firewall.rules import Family, Ruleset

OPTION = "com.docker.network.bridge."
DOCKER0 = EngineNetwork("bridge", bridge="docker0", subnets=(Subnet(4, "172.17.0.0/16", number("172.17.0.1", 4)),))


@dataclass
class Commands:
    """``docker network create`` and ``docker run`` as they are written; each network's first address is .2."""

    networks: list[EngineNetwork] = field(default_factory=lambda: [DOCKER0])
    containers: list[EngineContainer] = field(default_factory=list)

    def run(self, text: str) -> Commands:
        """All commands of a text, which may go over several lines."""
        for line in re.sub(r"\\\s*\n", " ", text).splitlines():
            words = shlex.split(line)
            if words[:3] == ["docker", "network", "create"]:
                self._create(words[3:])
            elif words[:2] == ["docker", "run"]:
                self._start(words[2:])
        return self

    def _create(self, words: list[str]) -> None:
        flags = list(_flags(words))
        options = dict(value.split("=", 1) for flag, value in flags if flag == "-o")
        modes: dict[Family, GatewayMode] = {}
        if mode := options.get(f"{OPTION}gateway_mode_ipv4"):
            modes[4] = mode  # type: ignore[assignment]
        subnet = next(value for flag, value in flags if flag == "--subnet")
        gateway = number(next(value for flag, value in flags if flag == "--gateway"), 4)
        self.networks.append(
            EngineNetwork(
                options[f"{OPTION}name"],
                bridge=options[f"{OPTION}name"],
                subnets=(Subnet(4, subnet, gateway),),
                internal="--internal" in words,
                icc=options.get(f"{OPTION}enable_icc") != "false",
                modes=modes,
            )
        )

    def _start(self, words: list[str]) -> None:
        flags = dict(_flags(words))
        network = next(one for one in self.networks if one.name == flags["--network"])
        address = (network.subnets[0].gateway or 0) + 1
        attached = (Attachment(network.name, ipv4=address),)
        ports = (_published(flags["-p"]),) if "-p" in flags else ()
        self.containers.append(EngineContainer(flags["--name"], attachments=attached, ports=ports))


def _flags(words: list[str]) -> Iterator[tuple[str, str]]:
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word.startswith("-") and word != "--internal":
            yield word, following


def _published(text: str) -> Published:
    host_ip, published, target = ["", *text.split(":")][-3:]
    return Published(int(target), "tcp", int(published), int(published), host_ip)


def lines(ruleset: Ruleset, family: Family = 4) -> dict[str, list[str]]:
    """The rules of each table as iptables-save prints them: chains by name, those of hooks before."""
    return {
        table.name: [
            rule.text
            for chain in sorted(table.chains, key=lambda one: (one.hook is None, one.name if one.hook is None else ""))
            for rule in chain.rules
        ]
        for table in ruleset.tables
        if family in table.families
    }


def nft(ruleset: Ruleset, family: Family = 4) -> dict[str, list[str]]:
    """The rules of each chain as nft prints them; a map's rule once."""
    return {
        chain.name: list(dict.fromkeys(rule.text for rule in chain.rules))
        for table in ruleset.tables
        if family in table.families
        for chain in table.chains
    }


def documented(lines_: Iterable[str]) -> list[str]:
    """The ``-A`` lines among others."""
    return [line.strip() for line in lines_ if line.strip().startswith("-A ")]
