"""What a firewall's rules come to together: defaults, shadowed rules, what gets past INPUT, drops without effect."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from policyengine.documents.load import document
from policyengine.firewall.before_translation import before_translation
from policyengine.firewall.host import Host, host_address, route
from policyengine.firewall.host import HostInterface as Interface
from policyengine.inputs import firewall
from policyengine.inputs.context import Context
from policyengine.model.plain import plain
from policyengine.model.unknown import Unknown, first_unknown

if TYPE_CHECKING:
    from policyengine.model.resource import Resource


def read(text: str, path: str = "rules.v4") -> Resource:
    (found,) = firewall.read(document(path, text.encode()), Context())
    return found


def filter_(*rules: str, policies: str = "DROP DROP ACCEPT", chains: str = "") -> str:
    hooks = zip(("INPUT", "FORWARD", "OUTPUT"), policies.split(), strict=True)
    heads = [f":{name} {policy} [0:0]" for name, policy in hooks] + [f":{name} - [0:0]" for name in chains.split()]
    return "\n".join(["*filter", *heads, *rules, "COMMIT", ""])


DNAT = "-A DOCKER ! -i docker0 -p tcp -m tcp --dport 18080 -j DNAT --to-destination 172.17.0.2:80"
NAT = f"""*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
{DNAT}
COMMIT
"""

DOCKER = (
    "-A FORWARD -j DOCKER-USER",
    "-A FORWARD -o docker0 -j DOCKER",
    "-A FORWARD -i docker0 ! -o docker0 -j ACCEPT",
    "-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT",
)


def docker(*user: str, nat: str = NAT, own: tuple[str, ...] = ()) -> Resource:
    listed = [f"-A DOCKER-USER {one}" for one in user]
    return read(nat + filter_(*own, *DOCKER, *listed, "-A DOCKER-USER -j RETURN", chains="DOCKER DOCKER-USER"))


DEFAULTS: dict[str, tuple[str, tuple[str, str, str]]] = {
    "policies": (filter_(), ("drop :INPUT DROP", "drop :FORWARD DROP", "accept :OUTPUT ACCEPT")),
    "a rule that takes the rest": (
        filter_("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", "-A INPUT -j REJECT", policies="ACCEPT ACCEPT ACCEPT"),
        ("reject -A INPUT -j REJECT", "accept :FORWARD ACCEPT", "accept :OUTPUT ACCEPT"),
    ),
    "a rule that lets the rest in": (
        filter_("-A INPUT -p tcp -m tcp --dport 22 -j DROP", "-A INPUT -j ACCEPT"),
        ("accept -A INPUT -j ACCEPT", "drop :FORWARD DROP", "accept :OUTPUT ACCEPT"),
    ),
    "a chain of its own that takes the rest": (
        filter_("-A INPUT -j MINE", "-A MINE -i lo -j ACCEPT", "-A MINE -j DROP", policies="ACCEPT ACCEPT ACCEPT",
                chains="MINE"),
        ("drop -A MINE -j DROP", "accept :FORWARD ACCEPT", "accept :OUTPUT ACCEPT"),
    ),
    "all but the loopback": (
        filter_("-A INPUT ! -i lo -j DROP", policies="ACCEPT ACCEPT ACCEPT"),
        ("drop -A INPUT ! -i lo -j DROP", "accept :FORWARD ACCEPT", "accept :OUTPUT ACCEPT"),
    ),
    "one interface, one network, old connections and a rate are not the rest": (
        filter_(
            "-A INPUT -i eth0 -j DROP",
            "-A INPUT -s 10.0.0.0/8 -j DROP",
            "-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j DROP",
            "-A INPUT -m limit --limit 3/min -j DROP",
            policies="ACCEPT ACCEPT ACCEPT",
        ),
        ("accept :INPUT ACCEPT", "accept :FORWARD ACCEPT", "accept :OUTPUT ACCEPT"),
    ),
    "most ports": (
        filter_("-A INPUT -p tcp -m tcp --dport 1024:65535 -j ACCEPT"),
        ("accept -A INPUT -p tcp -m tcp --dport 1024:65535 -j ACCEPT", "drop :FORWARD DROP", "accept :OUTPUT ACCEPT"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DEFAULTS)
def test_what_becomes_of_what_no_rule_singles_out(name: str) -> None:
    text, expected = DEFAULTS[name]
    found: Any = plain(read(text).facts["defaults"])
    assert tuple(f"{found[hook][0]['does']} {found[hook][0]['rule']}" for hook in found) == expected


def nft(hook: str, *rules: str, policy: str = "accept") -> Resource:
    """A table of both families with one chain, as ``nft -j list ruleset`` has it."""
    of: dict[str, object] = {"family": "inet", "table": "filter"}
    chain = {**of, "name": "in", "type": "filter", "hook": hook, "prio": 0, "policy": policy}
    objects: list[object] = [{"metainfo": {"json_schema_version": 1}}, {"table": {"family": "inet", "name": "filter"}}]
    objects += [{"chain": chain}, *({"rule": {**of, "chain": "in", "expr": json.loads(one)}} for one in rules)]
    return read(json.dumps({"nftables": objects}, indent=1), "rules.json")


SSH = '[{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": 22}}, %s]'
IPV4 = '[{"match": {"op": "==", "left": {"meta": {"key": "nfproto"}}, "right": "ipv4"}}, %s]'


def test_what_is_the_same_of_both_families_is_told_once() -> None:
    found = nft("input", SSH % '{"drop": null}', SSH % '{"accept": null}')
    assert plain(found.facts["defaults"])["input"] == [  # type: ignore[index]
        {"families": ["ipv4", "ipv6"], "does": "accept", "rule": ":in ACCEPT"}
    ]
    shadowed: Any = plain(found.facts["shadowed_rules"])
    assert [(one["families"], one["rule"]) for one in shadowed] == [(["ipv4", "ipv6"], "tcp dport 22 accept")]
    assert len([one for one in found.origins.places if one[0] == "shadowed_rules"]) == 1  # type: ignore[attr-defined]


def test_what_is_not_the_same_is_told_of_each_family() -> None:
    found = nft("input", IPV4 % '{"drop": null}')
    assert plain(found.facts["defaults"])["input"] == [  # type: ignore[index]
        {"families": ["ipv4"], "does": "drop", "rule": "meta nfproto ipv4 drop"},
        {"families": ["ipv6"], "does": "accept", "rule": ":in ACCEPT"},
    ]


def test_a_dump_without_the_chain_does_not_tell_and_a_default_is_where_it_is_written() -> None:
    found = read(NAT)
    assert plain(found.facts["defaults"])["input"] == [  # type: ignore[index]
        {"families": ["ipv4"], "does": plain(found.facts["defaults"]["input"][0]["does"])}  # type: ignore[index]
    ]
    assert "no chain of the dump" in found.facts["defaults"]["input"][0]["does"].why  # type: ignore[index]
    assert str(read(filter_()).where(("defaults", "input", 0, "does"))) == "rules.v4:2:1"
    closed = read(filter_("-A INPUT -j REJECT"))
    assert str(closed.where(("defaults", "input", 0, "does"))) == "rules.v4:5:1"


def test_rules_are_shadowed_by_several_together() -> None:
    low, high, all_ = (f"-A INPUT -p tcp -m tcp --dport {ports} -j" for ports in ("0:1023", "1024:65535", "22"))
    found = read(filter_(f"{low} DROP", f"{high} ACCEPT", f"{all_} ACCEPT", "-A INPUT -p udp -j ACCEPT"))
    assert plain(found.facts["shadowed_rules"]) == [
        {"families": ["ipv4"], "table": "filter", "chain": "INPUT", "rule": f"{all_} ACCEPT", "by": [f"{low} DROP"]}
    ]
    assert str(found.where(("shadowed_rules", 0, "by"))) == "rules.v4:7:1"


INPUT = "-A INPUT -p tcp -m tcp --dport {} -j ACCEPT"


@pytest.mark.parametrize(
    ("own", "user", "nat", "expected"),
    [
        ((), (), NAT, ["tcp/18080"]),
        ((INPUT.format(22),), (), NAT, ["tcp/18080"]),
        ((INPUT.format(18080),), (), NAT, []),
        (("-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 18080 -j ACCEPT",), (), NAT, ["tcp/18080"]),
        ((), ("-p tcp -m tcp --dport 80 -j DROP",), NAT, []),
        ((), ("-p tcp -m tcp --dport 18080 -j DROP",), NAT, ["tcp/18080"]),
        ((), ("-p tcp -m conntrack --ctorigdstport 18080 -j DROP",), NAT, []),
        (
            ("-A INPUT -s 10.0.0.0/8 -p tcp -m tcp --dport 18080 -j ACCEPT",),
            ("! -s 10.0.0.0/8 -p tcp -m conntrack --ctorigdstport 18080 -j DROP",),
            NAT,
            [],
        ),
        ((), ("-i eth0 -p tcp -m conntrack --ctorigdstport 18080 --ctdir REPLY -j DROP",), NAT, ["tcp/18080"]),
        ((), ("-p tcp -m conntrack --ctorigdstport 18080 --ctdir ORIGINAL -j DROP",), NAT, []),
        ((), ("-m limit --limit 3/min -j LOG",), NAT, ["tcp/18080"]),
        ((), (), NAT.replace("--dport 18080", "--dport 18080:18089"), ["tcp/18080-18089"]),
        ((), (), NAT.replace(" -m tcp --dport 18080", "").replace(":80\n", "\n"), []),  # no port is published
        ((), (), NAT.replace("PREROUTING -m", "POSTROUTING -m").replace("-j DNAT", "-j RETURN #"), []),
    ],
)
def test_published_ports_get_past_the_rules_for_input(
    own: tuple[str, ...], user: tuple[str, ...], nat: str, expected: list[str]
) -> None:
    found: Any = plain(
        docker(*user, nat=nat.replace(" # --to-destination 172.17.0.2:80", ""), own=own).facts["past_input"]
    )
    assert [one["port"] for one in found] == expected


OFFICE = "-m set --match-set office src"


@pytest.mark.parametrize(
    ("own", "user", "hangs_on"),
    [
        ((), f"{OFFICE} -j DROP", "set office src"),
        ((), "-m time --timestart 08:00 -j RETURN -m comment --comment x", None),
        ((), "-m time --timestart 08:00 --timestop 18:00 -j DROP", "time --timestart 08:00 --timestop 18:00"),
        ((), "-j NFQUEUE --queue-num 1", "NFQUEUE"),
        ((f"-A INPUT {OFFICE} -j ACCEPT",), "-j RETURN", "set office src"),
        ((f"-A INPUT {OFFICE} -j ACCEPT",), f"{OFFICE} -j DROP", "set office src"),
        (("-A INPUT -j NFQUEUE --queue-num 1",), "-j RETURN", "NFQUEUE"),
        ((f"-A INPUT {OFFICE} -j DROP", "-A INPUT -m set ! --match-set office src -j DROP"), "-j RETURN", None),
        (("-A INPUT -p tcp -m tcp --dport 18080 -j ACCEPT",), f"{OFFICE} -j DROP", ""),
    ],
)
def test_what_hangs_on_what_is_not_modelled_gets_past_perhaps(
    own: tuple[str, ...], user: str, hangs_on: str | None
) -> None:
    found = docker(user, own=own).facts["past_input"]
    if not hangs_on:
        assert (plain(found), first_unknown(found)) == (
            [] if hangs_on == "" else plain(docker().facts["past_input"]),
            None,
        )
        return
    assert first_unknown(found) == Unknown(
        "past_input",
        "tcp/18080 is published, and whether it gets past the rules for input hangs on what is not modelled: "
        + hangs_on,
    )
    assert list(found) == []  # type: ignore[call-overload]


def test_what_gets_past_is_shown_by_a_packet_where_it_is_published() -> None:
    found = docker()
    assert plain(found.facts["past_input"]) == [
        {
            "families": ["ipv4"],
            "port": "tcp/18080",
            "rule": DNAT,
            "packet": "NEW tcp 198.51.100.77:40000 -> 203.0.113.10:18080  in eth0  out docker0",
        }
    ]
    assert str(found.where(("past_input", 0, "port"))) == "rules.v4:6:1"


PORT = "-p tcp -m tcp --dport 18080 -j DROP"


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        (PORT, True),
        ("-i eth0 " + PORT, True),
        ("-p tcp -m tcp --dport 18000:18999 -j REJECT", True),
        ("-s 10.0.0.0/8 " + PORT, True),
        ("-d 172.17.0.2/32 " + PORT, True),
        ("-m conntrack --ctstate NEW " + PORT, True),
        ("-p tcp -m tcp --dport 80 -j DROP", False),
        ("-p tcp -m tcp --dport 80:18080 -j DROP", False),
        ("-p tcp -m conntrack --ctorigdstport 18080 -j DROP", False),
        ("-d 172.17.0.2/32 -j DROP", False),
        ("-s 10.0.0.0/8 -j DROP", False),
        ("-p tcp -m tcp --dport 18081 -j DROP", False),
        ("-p udp -m udp --dport 18080 -j DROP", False),
        ("-i docker0 " + PORT, False),  # what a container sends
        ("-o eth0 " + PORT, False),
        ("-d 8.8.8.8/32 " + PORT, False),
        ("-m conntrack --ctstate ESTABLISHED " + PORT, False),
        ("-p tcp -m tcp --dport 18080 -j ACCEPT", False),
    ],
)
def test_a_drop_by_the_port_as_it_was_has_no_effect(user: str, expected: bool) -> None:
    found: Any = plain(docker(user).facts["ineffective_drops"])
    assert [one["rule"] for one in found] == ([f"-A DOCKER-USER {user}"] if expected else [])


def test_what_has_no_effect_is_told_with_what_translates() -> None:
    found = docker(PORT)
    assert plain(found.facts["ineffective_drops"]) == [
        {
            "families": ["ipv4"],
            "table": "filter",
            "chain": "DOCKER-USER",
            "rule": f"-A DOCKER-USER {PORT}",
            "translated_by": DNAT,
        }
    ]
    assert str(found.where(("ineffective_drops", 0))) == "rules.v4:18:1"


def test_routes_say_by_which_interface_what_is_translated_leaves() -> None:
    eth0, docker0 = Interface("eth0", (host_address("192.0.2.5/24"),)), Interface("docker0")
    host = Host((eth0, docker0), (route("172.17.0.0/16", "docker0"), route("default", "eth0")))

    def mistaken(*user: str) -> list[str]:
        whole: Any = docker(*user).whole
        return [one.rule.text for one in before_translation(whole.ruleset, host)]

    assert mistaken(f"-o docker0 {PORT}") == [f"-A DOCKER-USER -o docker0 {PORT}"]
    assert mistaken(f"-o eth0 {PORT}") == []
    assert mistaken("-d 192.0.2.5/32 -j DROP") == ["-A DOCKER-USER -d 192.0.2.5/32 -j DROP"]
    assert mistaken("-d 192.0.2.6/32 -j DROP") == []
