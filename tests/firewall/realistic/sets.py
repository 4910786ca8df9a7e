"""Rules that name sets: a few large ones (lists of the blocked, countries), and machines that do the same thing."""

from __future__ import annotations

import random

from tests.firewall.realistic.dump import Made, dump, table

PORTS = ("22", "22", "80", "443", "443", "5432", "8080")


def made(rules: int, seed: int) -> Made:
    """About this many rules about sixty groups of machines, behind four lists of 2,000 networks each."""
    chance = random.Random(seed)
    lines: list[str] = []
    blocked = [f"blocked{number}" for number in range(4)]
    for name in blocked:
        _listed(lines, name, "net", [_network(chance) for _ in range(2000)])
    groups = [f"group{number}" for number in range(60)]
    for name in groups:
        _listed(lines, name, "ip", [_machine(chance) for _ in range(chance.randrange(2, 20))])
    chain = ["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"]
    chain += [f"-m set --match-set {name} src -j DROP" for name in blocked]
    chain += [_rule(chance, groups) for _ in range(rules - len(chain))]
    return Made(dump(table("filter", {"FORWARD": chain}, ["FORWARD"])), "\n".join((*lines, "")))


def _listed(lines: list[str], name: str, kind: str, entries: list[str]) -> None:
    lines.append(f"create {name} hash:{kind} family inet hashsize 1024 maxelem 65536")
    lines += [f"add {name} {entry}" for entry in dict.fromkeys(entries)]


def _network(chance: random.Random) -> str:
    return f"{chance.randrange(11, 223)}.{chance.randrange(256)}.{chance.randrange(256)}.0/24"


def _machine(chance: random.Random) -> str:
    return f"10.{chance.randrange(4)}.{chance.randrange(256)}.{chance.randrange(1, 255)}"


def _rule(chance: random.Random, groups: list[str]) -> str:
    source = chance.choice(("", f"-m set --match-set {chance.choice(groups)} src ", f"-s {_machine(chance)}/32 "))
    to = chance.choice((f"-m set --match-set {chance.choice(groups)} dst ", f"-d {_machine(chance)}/32 "))
    return f"{source}{to}-p tcp -m tcp --dport {chance.choice(PORTS)} -j {chance.choice(('ACCEPT',) * 4 + ('DROP',))}"
