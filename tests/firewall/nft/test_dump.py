"""Dumps as text: places, and what is malformed, cut off, or not told by nft."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.errors import DocumentError
from policyengine.firewall import nft
from policyengine.firewall.rules import Chain, Stop
from policyengine.model.location import Location
from tests.firewall.nft.namespace import listed
from tests.firewall.nft.rendering import rules

if TYPE_CHECKING:
    from collections.abc import Mapping

DUMP = """{"nftables": [{"metainfo": {"version": "1.0.6", "json_schema_version": 1}},
 {"table": {"family": "ip", "name": "t", "handle": 1}},
 {"chain": {"family": "ip", "table": "t", "name": "c", "type": "filter", "hook": "input", "prio": 0, "policy": "drop"}},
 {"rule": {"family": "ip", "table": "t", "chain": "c", "handle": 2, "expr": [{"accept": null}]}}]}
"""


def with_(*objects: Mapping[str, object]) -> str:
    known = json.loads(DUMP)["nftables"]
    return json.dumps({"nftables": [*known, *objects]}, indent=1)


def rule(*statements: object, **fields: object) -> dict[str, object]:
    return {"rule": {"family": "ip", "table": "t", "chain": "c", "expr": list(statements), **fields}}


def test_rules_have_the_place_where_they_stand() -> None:
    (table,) = nft.read(DUMP, "rules.json")
    (chain,) = table.chains
    assert chain == Chain("c", chain.rules, Location("rules.json", 3, 2, 3, 120), "input", 0, "drop", "filter")
    assert chain.rules[0].where == Location("rules.json", 4, 2, 4, 97)
    assert (chain.rules[0].text, chain.rules[0].action) == ("accept", Stop("accept"))


WRONG = {
    "": "rules.json:1: not a dump of nftables (give what nft -j list ruleset writes)",
    "table ip t {": "rules.json:1: not a dump of nftables (give what nft -j list ruleset writes)",
    DUMP[:200]: "rules.json:3:64: malformed or cut off: Unterminated string starting at",
    DUMP[:133]: "rules.json:3:2: malformed or cut off: Expecting value",
    DUMP[:130]: "rules.json:2:55: the list of objects is cut off or malformed here",
    DUMP[:-2]: "rules.json:4:98: something other than the end of the dump follows",
    DUMP + "{}": "rules.json:4:98: something other than the end of the dump follows",
    DUMP.replace('version": 1}', 'version": 2}'): "rules.json:1:15: written in another version of the schema than 1",
    '{"nftables": [{"add": {"table": {"family": "ip", "name": "t"}}}]}': (
        'rules.json:1:15: "add" is a command: this is not what is loaded, but what is to be'
        " (give what nft -j list ruleset writes)"
    ),
    '{"nftables": [3]}': "rules.json:1:15: not an object of a dump",
    '{"nftables": [{"table": 3}]}': "rules.json:1:15: a malformed table",
    '{"nftables": [{"table": {"family": "ip"}}]}': "rules.json:1:15: a table without name",
    '{"nftables": [' + "[" * 100_000: "rules.json:1:15: nested too deeply",
}


@pytest.mark.parametrize("text", WRONG, ids=range(len(WRONG)))
def test_what_is_malformed_says_where(text: str) -> None:
    with pytest.raises(DocumentError) as error:
        nft.read(text, "rules.json")
    assert str(error.value) == WRONG[text]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (rule(chain="gone"), "a rule of the chain gone, which the dump does not have"),
        (rule(table="gone"), "a rule of the table ip gone, which the dump does not have"),
        (rule({"jump": {"target": "gone"}}), "a rule that goes on to the chain gone, which its table does not have"),
        (rule(expr=3), "a rule without statements"),
        (rule(3), "a malformed statement"),
        (rule({"match": {"op": "=="}}), "a malformed match"),
        (
            rule({"match": {"op": "==", "left": {"meta": {"key": "l4proto"}}, "right": "@gone"}}),
            'a rule with the set "gone", which its table does not have',
        ),
        ({"set": {"family": "ip", "table": "t", "name": "s", "elem": 3}}, 'the elements of the set "s" are malformed'),
        (
            rule({"xt": {"type": "match", "name": "recent"}}),
            "a rule with an extension of xtables (it is of iptables-nft's own, which nft does not tell: give what"
            " iptables-save and ip6tables-save write for it)",
        ),
    ],
)
def test_what_does_not_fit_is_an_error(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(DocumentError) as error:
        nft.read(with_(wrong), "rules.json")
    assert str(error.value).partition(": ")[2] == message
    text = with_(wrong)
    assert error.value.line == text.count("\n", 0, text.rindex("\n  {\n")) + 2


def test_tables_that_are_read_elsewhere_are_left() -> None:
    text = with_(rule({"xt": {"type": "match", "name": "recent"}}))
    assert nft.read(text, "rules.json", leaving={("ip", "t")}) == ()


def test_frames_are_passed_over_and_said() -> None:
    text = with_({"table": {"family": "bridge", "name": "b"}}, {"table": {"family": "arp", "name": "a"}})
    assert [table.name for table in nft.read(text, "rules.json")] == ["ip t"]
    assert [one.table for one in nft.passed_over(text, "rules.json")] == [("bridge", "b"), ("arp", "a")]


@pytest.mark.parametrize("flags", ["dormant", ["dormant"], ["owner", "dormant"]])
def test_a_dormant_table_does_nothing(flags: object) -> None:
    text = with_({"table": {"family": "ip6", "name": "asleep", "flags": flags}})
    assert [table.name for table in nft.read(text, "rules.json")] == ["ip t"]


@pytest.mark.parametrize("flags", ["owner", ["owner", "persist"], []])
def test_other_flags_change_nothing(flags: object) -> None:
    text = json.dumps(json.loads(DUMP.replace('"handle": 1', f'"flags": {json.dumps(flags)}')))
    assert rules(nft.read(text, "rules.json")) == ["all -> accept"]


@pytest.mark.parametrize("flags", ["t", ["novel"], ["owner", 8]])
def test_whether_a_table_with_an_unknown_flag_is_asked_is_unknown(flags: object) -> None:
    text = json.dumps(json.loads(DUMP.replace('"handle": 1', f'"flags": {json.dumps(flags)}')))
    asleep = f"the table ip t is dormant (flags {flags})"
    assert rules(nft.read(text, "rules.json")) == [f"<{asleep}> -> accept", "all -> accept"]


def test_nothing_is_said_of_a_real_table_that_is_asleep() -> None:
    ruleset = """table ip asleep {
        flags dormant;
        chain input { type filter hook input priority 0; policy drop; ip saddr 10.0.0.0/8 drop; }
    }"""
    found = nft.read(listed(ruleset), "rules.json")
    assert not found or rules(found)[0].startswith("<the table ip asleep is dormant")


def test_an_unknown_statement_leaves_it_undecided_and_an_unknown_match_is_an_unknown() -> None:
    match = {"match": {"op": "==", "left": {"novel": {"key": "x"}}, "right": 3}}
    found = nft.read(with_(rule({"novel": {"to": 1}}, {"accept": None}), rule(match, {"drop": None})), "rules.json")
    assert rules(found) == ["all -> accept", "all -> ? novel to 1", "<ip t c rule 3: novel key x 3> -> drop"]


INGRESS = {"family": "netdev", "table": "n", "name": "c", "type": "filter", "hook": "ingress", "prio": 0}


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"dev": "eth0"}, ["in=eth0 -> drop", "in=eth0 -> drop"]),
        ({"dev": ["eth0", "eth1"]}, ["in=eth0,eth1 -> drop", "in=eth0,eth1 -> drop"]),
        ({}, ["<in by a device of the chain netdev n c> -> drop"] * 2),
        ({"dev": "eth0", "hook": "egress"}, ["out=eth0 -> drop", "out=eth0 -> drop"]),
        ({"dev": "eth0", "policy": "accept"}, ["in=eth0 -> accept"]),
    ],
)
def test_chains_at_devices_are_for_their_packets(told: dict[str, object], expected: list[str]) -> None:
    table = {"table": {"family": "netdev", "name": "n"}}
    chain = {"chain": {**INGRESS, "policy": "drop", **told}}
    found = nft.read(with_(table, chain, rule({"return": None}, family="netdev", table="n")), "rules.json")
    ours = tuple(one for one in found if one.name == "netdev n" and one.families == (4,))
    assert rules(ours) == expected
    assert ours[0].chains[0].policy == "accept"


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        ("drop", ["in=eth0 -> jump more", "in=eth0 -> drop", "in=eth0 -> drop"]),
        ("accept", ["in=eth0 -> goto more"]),
    ],
)
def test_what_comes_back_from_where_a_chain_at_a_device_has_gone_meets_its_policy(
    policy: str, expected: list[str]
) -> None:
    table = {"table": {"family": "netdev", "name": "n"}}
    chain = {"chain": {**INGRESS, "policy": policy, "dev": "eth0"}}
    more = {"chain": {"family": "netdev", "table": "n", "name": "more"}}
    goto = rule({"goto": {"target": "more"}}, family="netdev", table="n")
    found = nft.read(with_(table, chain, more, goto), "rules.json")
    ours = tuple(one for one in found if one.name == "netdev n" and one.families == (4,))
    assert rules(ours) == expected


CARD = {
    "match": {"op": "==", "left": {"payload": {"protocol": "ether", "field": "saddr"}}, "right": "02:00:00:00:00:01"}
}


@pytest.mark.parametrize(
    ("hook", "call", "known"),
    [
        ("forward", {"jump": {"target": "own"}}, True),
        ("postrouting", {"jump": {"target": "own"}}, False),
        ("postrouting", {"goto": {"target": "between"}}, False),
        ("postrouting", {"vmap": {"key": {"meta": {"key": "l4proto"}}, "data": "@calls"}}, False),
        ("postrouting", {"accept": None}, True),
    ],
)
def test_a_card_is_known_until_a_packet_leaves(hook: str, call: object, known: bool) -> None:
    """After routing, the kernel asks what the driver has left of the frame."""
    base = {"chain": {"family": "ip", "table": "t", "name": "b", "type": "filter", "hook": hook, "prio": 0}}
    chains = [{"chain": {"family": "ip", "table": "t", "name": name}} for name in ("own", "between")]
    calls = {"family": "ip", "table": "t", "name": "calls", "type": "inet_proto", "map": "verdict"}
    text = with_(
        base,
        *chains,
        {"map": {**calls, "handle": 9, "elem": [["tcp", {"jump": {"target": "between"}}]]}},
        rule(call, chain="b"),
        rule({"jump": {"target": "own"}}, chain="between"),
        rule(CARD, {"accept": None}, chain="own"),
    )
    told = [one for one in rules(nft.read(text, "x")) if "card" in one or "ether" in one]
    name = "card=2199023255553" if known else "<ip t own rule 1: ether saddr 02:00:00:00:00:01>"
    assert told == [f"{name} -> accept"]
