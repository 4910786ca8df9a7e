"""Rules in nft's language, as nft tells them in JSON, and the conditions that they are read as."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from policyengine.firewall import nft
from tests.firewall.nft.namespace import listed
from tests.firewall.nft.rendering import rules

if TYPE_CHECKING:
    from collections.abc import Iterable

PORTED = "6,17,33,132,136"
UNPORTED = "0-5,7-16,18-32,34-131,133-135,137-255"
SETS = """
set blocked { type ipv4_addr; flags interval; elements = { 10.0.0.0/8, 192.168.1.1-192.168.1.9, 203.0.113.7 }
}
set seen { type ipv4_addr; flags dynamic,timeout; timeout 1h; elements = { 1.2.3.4 }
}
set pairs { type ipv4_addr . inet_service; flags interval; elements = { 10.1.0.0/16 . 80-90, 10.1.0.0/16 . 443 }
}
set names { type ifname; flags interval; elements = { "eth0", "wg*" }
}
set counted { type inet_service; counter; elements = { 22 counter }
}
set full { type ipv4_addr; size 9; flags dynamic
}
map verdicts { type inet_service : verdict; elements = { 22 : accept, 80 : jump other, 25 : drop }
}
map rest { type ipv4_addr : verdict; flags interval; elements = { 10.0.0.0/8 : jump other, * : drop }
}
"""

CASES = {
    "tcp dport 22 accept": ["protocol=6 & dport=22 -> accept"],
    "tcp dport != 22 accept": ["protocol=6 & dport=0-21,23-65535 -> accept"],
    "tcp dport { 22, 80-90 } drop": ["protocol=6 & dport=22,80-90 -> drop"],
    "tcp dport != { 22, 80-90 } drop": ["protocol=6 & dport=0-21,23-79,91-65535 -> drop"],
    "ether saddr 02:00:00:00:00:0a accept": ["card=2199023255562 -> accept"],
    "ether saddr != 02:00:00:00:00:0a accept": ["card=0-2199023255561,2199023255563-281474976710655 -> accept"],
    "ether saddr { 00:00:00:00:00:01, 00:00:00:00:00:02 } drop": ["card=1-2 -> drop"],
    "udp sport < 1024 drop": ["protocol=17 & sport=0-1023 -> drop"],
    "udp sport > 1023 drop": ["protocol=17 & sport=1024-65535 -> drop"],
    "udp sport <= 1024 drop": ["protocol=17 & sport=0-1024 -> drop"],
    "udp sport >= 1023 drop": ["protocol=17 & sport=1023-65535 -> drop"],
    "tcp dport & 0xfffe == 22 drop": ["protocol=6 & dport=22-23 -> drop"],
    "meta l4proto { tcp, udp } th dport 53 accept": ["protocol=6,17 & dport=53 -> accept"],
    "th dport 53 accept": [
        f"protocol={PORTED} & dport=53 | protocol={UNPORTED} & <th dport 53> -> accept",
    ],
    "ip protocol icmp accept": ["protocol=1 -> accept"],
    "meta l4proto != tcp drop": ["protocol=0-5,7-255 -> drop"],
    "icmp type echo-request accept": ["protocol=1 & icmp=2048-2303 -> accept"],
    "icmp type destination-unreachable icmp code port-unreachable drop": ["protocol=1 & icmp=771 -> drop"],
    "ip saddr 10.0.0.0/8 accept": ["source=167772160-184549375 -> accept"],
    "ip saddr != 10.0.0.0/8 accept": ["source=0-167772159,184549376-4294967295 -> accept"],
    "ip saddr & 255.255.0.0 == 10.0.0.0 accept": ["source=167772160-167837695 -> accept"],
    "ip saddr & 0.0.0.255 == 0.0.0.7 accept": ["<ip saddr & 0.0.0.255 == 0.0.0.7> -> accept"],
    "ip saddr & 0.0.0.255 != 0.0.0.7 accept": ["!<ip saddr & 0.0.0.255 == 0.0.0.7> -> accept"],
    "ip saddr @blocked drop": ["source=167772160-184549375,3232235777-3232235785,3405803783 -> drop"],
    "ip saddr 1.2.3.4 ip saddr 1.2.3.5 drop": ["never -> drop"],
    "ip6 saddr fe80::/10 accept": ["never -> accept"],
    "meta nfproto ipv6 drop": ["never -> drop"],
    "meta nfproto ipv4 drop": ["all -> drop"],
    "meta protocol ip accept": ["all -> accept"],
    "ct state established,related accept": ["state=1-2 -> accept"],
    "ct state { established, related } accept": ["state=1-2 -> accept"],
    "ct state != new drop": ["state=1-4 -> drop"],
    "ct state != invalid,new drop": ["all -> drop"],  # no state is both: the kernel compares the whole
    "ct state & (invalid | new) == 0 drop": ["state=1-2,4 -> drop"],
    "ct state untracked accept": ["state=4 -> accept"],
    "ct state vmap { established : accept, invalid : drop }": ["state=3 -> drop", "state=1 -> accept"],
    "ct direction original accept": [
        "state=0 | state=2 & protocol=0,2-57,59-255 | state=1 & <ct direction original>"
        " | state=2 & protocol=1,58 & <ct direction original> -> accept"
    ],
    "ct direction reply accept": [
        "state=1 & !<ct direction original> | state=2 & protocol=1,58 & !<ct direction original> -> accept"
    ],
    "ct direction != original accept": [
        "state=1 & !<ct direction original> | state=2 & protocol=1,58 & !<ct direction original> -> accept"
    ],
    "ct direction { original, reply } accept": ["state=0-2 -> accept"],
    "ct direction vmap { original : accept, reply : drop }": [
        "state=0 | state=2 & protocol=0,2-57,59-255 | state=1 & <ct direction original>"
        " | state=2 & protocol=1,58 & <ct direction original> -> accept",
        "state=1 & !<ct direction original> | state=2 & protocol=1,58 & !<ct direction original> -> drop",
    ],
    "ct status dnat accept": ["state=0-2 & nat=1,3 -> accept"],
    "ct status assured accept": ["state=0-2 & <ct status assured> -> accept"],
    "ct original ip daddr 1.2.3.4 accept": ["state=0-2 & odestination=16909060 -> accept"],
    "meta l4proto tcp ct original proto-dst 8080 drop": ["protocol=6 & state=0-2 & odport=8080 -> drop"],
    "tcp flags & (fin|syn|rst|ack) == syn drop": ["protocol=6 & flags=2,10,34,42 -> drop"],
    "tcp flags & syn == 0 drop": [
        "protocol=6 & flags=0-1,4-5,8-9,12-13,16-17,20-21,24-25,28-29,32-33,36-37,40-41,44-45,48-49,52-53,56-57,60-61"
        " -> drop"
    ],
    "tcp flags == syn|ack drop": ["protocol=6 & flags=18 & !<tcp flags ecn> & !<tcp flags cwr> -> drop"],
    "tcp flags != syn drop": [
        "protocol=6 & flags=0-1,3-63 | protocol=6 & flags=2 & <tcp flags ecn>"
        " | protocol=6 & flags=2 & !<tcp flags ecn> & <tcp flags cwr> -> drop"
    ],
    'iifname "eth0" accept': ["in=eth0 -> accept"],
    'iifname != "eth*" drop': ["!in=eth* -> drop"],
    'iifname { "a", "b" } accept': ["in=a,b -> accept"],
    'iifname != { "a", "b" } accept': ["!in=a,b -> accept"],
    "iifname @names accept": ["in=eth0,wg* -> accept"],
    'iif "lo" accept': ["in=lo -> accept"],
    'oifname "docker0" accept': ["out=docker0 -> accept"],
    "fib daddr type local accept": ["destination local -> accept"],
    "fib daddr type { local, broadcast } accept": ["destination local | destination broadcast -> accept"],
    "fib saddr type != local drop": ["!source local -> drop"],
    "fib saddr . iif oif missing drop": ["<fib saddr . iif oif missing> -> drop"],
    "ip saddr . tcp dport @pairs accept": ["protocol=6 & source=167837696-167903231 & dport=80-90,443 -> accept"],
    "ip saddr . tcp dport != { 10.0.0.1 . 22 } drop": [
        "protocol=6 & source=0-167772160,167772162-4294967295"
        " | protocol=6 & source=167772161 & dport=0-21,23-65535 -> drop"
    ],
    'iifname . ip saddr { "a" . 10.0.0.1, "b" . 10.0.0.1 } accept': ["in=a,b & source=167772161 -> accept"],
    "tcp dport vmap @verdicts": [
        "protocol=6 & dport=22 -> accept",
        "protocol=6 & dport=25 -> drop",
        "protocol=6 & dport=80 -> jump other",
    ],
    "ip saddr vmap @rest": [
        "source=167772160-184549375 -> jump other",
        "source=0-167772159,184549376-4294967295 -> drop",
    ],
    "ip protocol vmap { tcp : goto other, udp : return }": ["protocol=6 -> goto other", "protocol=17 -> return"],
    "tcp dport @counted accept": ["protocol=6 & dport=22 -> accept"],
    "ip saddr @seen drop": ["source=16909060 & <inet t c rule 1: 1.2.3.4 still in @seen> -> drop"],
    "limit rate 5/second accept": ["<inet t c rule 1: limit rate 5/second burst 5 packets> -> accept"],
    "add @full { ip saddr } accept": ["<inet t c rule 1: add @full { ip saddr }> -> accept"],
    "meta mark 0x1 accept": ["<inet t c rule 1: meta mark 1> -> accept"],
    "meta mark set 0x2 accept": ["all -> accept"],
    "meta skuid 1000 accept": ["<meta skuid 1000> -> accept"],
    "ip ttl != 64 drop": ["!<ip ttl 64> -> drop"],
    "tcp window 5 drop": ["protocol=6 & <tcp window 5> -> drop"],
    "meta pkttype broadcast drop": ["<meta pkttype broadcast> -> drop"],
    'counter log prefix "x " drop': ["all -> drop"],
    "tcp dport 5 reject with tcp reset": ["protocol=6 & dport=5 -> reject"],
    "reject with tcp reset": ["protocol=6 -> reject"],
    "meta l4proto gre reject": ["protocol=47 -> reject"],
    "meta l4proto gre reject with icmpx type no-route": ["protocol=47 -> reject"],
    "meta l4proto gre reject with icmp type host-unreachable": ["protocol=47 -> reject"],
    "meta l4proto gre reject with icmpv6 type no-route": ["never -> reject"],
    "counter": ["all -> on"],
    "continue": ["all -> on"],
    "jump other": ["all -> jump other"],
    "tcp dport set 80": ["protocol=6 -> ? tcp dport set 80"],
}


def table(rule: str, name: str = "t") -> str:
    return f"table inet {name} {{ {SETS}\n chain other {{\n }}\n chain c {{\n {rule}\n }}\n}}\n"


def numbered(rules: Iterable[str]) -> str:
    """All rules at once, each in a table of its own."""
    return "".join(table(rule, f"t{number}") for number, rule in enumerate(rules))


def read(text: str) -> list[str]:
    found = nft.read(text, "rules.json")
    return rules(tuple(one for one in found if one.families == (4,)))


@pytest.fixture(scope="module")
def told() -> dict[str, list[str]]:
    """What each rule is read as."""
    found = [one for one in nft.read(listed(numbered(CASES)), "rules.json") if one.families == (4,)]
    shown = {one.name: [line.replace(f"{one.name} c", "inet t c") for line in rules((one,))] for one in found}
    return {rule: shown[f"inet t{number}"] for number, rule in enumerate(CASES)}


@pytest.mark.parametrize("rule", CASES)
def test_a_rule_is_read_as_it_is_meant(rule: str, told: dict[str, list[str]]) -> None:
    assert told[rule] == CASES[rule]


@pytest.mark.parametrize(
    "rule",
    [
        "ip saddr vmap { 10.0.0.0/8 : jump other, 192.0.2.0/24 : drop }",
        "ip saddr . tcp dport vmap { 10.0.0.1 . 22 : accept }",
        "ip saddr vmap @rest",
    ],
)
def test_what_is_looked_up_by_an_address_of_ipv4_is_not_found_for_ipv6(rule: str) -> None:
    found = [one for one in nft.read(listed(table(rule)), "rules.json") if one.families == (6,)]
    assert rules(tuple(found)) == ["all -> on"]


def test_packets_of_ipv6_see_the_rules_as_theirs() -> None:
    text = listed(table("ip6 saddr 2001:db8::/32 accept\n ip saddr 10.0.0.1 drop\n icmpv6 type echo-request accept"))
    found = tuple(one for one in nft.read(text, "rules.json") if one.families == (6,))
    low = 0x20010DB8 << 96
    assert rules(found) == [
        f"source={low}-{low | (1 << 96) - 1} -> accept",
        "never -> drop",
        "protocol=58 & icmp=32768-33023 -> accept",
    ]


def test_what_a_refusal_asks_for_is_left_out_of_a_listing() -> None:
    """nft lists ``meta nfproto ipv4 reject with icmp type ...`` without its beginning, and resets without "tcp"."""
    text = listed(
        "table ip u { chain c { ip saddr 10.0.0.1 reject with tcp reset; }; }\n"
        "table inet t { chain c { meta nfproto ipv4 reject with icmp type port-unreachable; }; }\n"
    )
    assert "nfproto" not in text
    assert "l4proto" not in text
    found = {(one.name, *one.families): rules((one,)) for one in nft.read(text, "rules.json")}
    assert found == {
        ("ip u", 4): ["source=167772161 & protocol=6 -> reject"],
        ("inet t", 4): ["all -> reject"],
        ("inet t", 6): ["never -> reject"],
    }


def test_what_rules_add_to_a_set_is_unknown() -> None:
    text = listed(table("update @full { ip saddr }\n ip saddr @full drop\n ip saddr != @full accept"))
    assert read(text) == [
        "<inet t c rule 1: update @full { ip saddr }> -> on",
        "<inet t c rule 2: in @full by then> -> drop",
        "!<inet t c rule 3: in @full by then> -> accept",
    ]


NAT = {
    "tcp dport 80 dnat to 10.0.0.2:8080": ["protocol=6 & dport=80 -> dnat 167772162 :8080"],
    "dnat to 10.0.0.2-10.0.0.5": ["all -> dnat 167772162-167772165"],
    "dnat to tcp dport map { 1 : 10.0.0.1, 2 : 10.0.0.2 }": [
        "protocol=6 & dport=1 -> dnat 167772161",
        "protocol=6 & dport=2 -> dnat 167772162",
    ],
    "dnat ip to tcp dport map { 1 : 10.0.0.1 . 80 }": ["protocol=6 & dport=1 -> dnat 167772161 :80"],
    "dnat to numgen inc mod 2 map { 0 : 10.0.0.1, 1 : 10.0.0.2 }": ["all -> dnat 167772161-167772162"],
    "tcp dport 90 redirect to :9090": ["protocol=6 & dport=90 -> redirect :9090"],
    "udp dport 91 redirect": ["protocol=17 & dport=91 -> redirect"],
}


@pytest.mark.parametrize("rule", NAT)
def test_translations_of_the_destination(rule: str) -> None:
    text = listed(f"table ip n {{ chain p {{ type nat hook prerouting priority dstnat\n {rule}\n }}\n}}\n")
    assert read(text) == NAT[rule]


SOURCE_NAT = {
    'oifname "eth0" masquerade': ["out=eth0 -> masquerade"],
    "meta l4proto tcp masquerade to :1024-2048": ["protocol=6 -> masquerade :1024-2048"],
    "snat to 1.2.3.4": ["all -> snat 16909060"],
    "snat ip prefix to ip saddr map { 10.0.0.0/24 : 1.1.1.0/24 }": [
        "all -> ? snat ip prefix to ip saddr map { 10.0.0.0/24 : 1.1.1.0/24 }"
    ],
}


@pytest.mark.parametrize("rule", SOURCE_NAT)
def test_translations_of_the_source(rule: str) -> None:
    text = listed(f"table ip n {{ chain p {{ type nat hook postrouting priority srcnat\n {rule}\n }}\n}}\n")
    assert read(text) == SOURCE_NAT[rule]


def test_notrack_goes_on() -> None:
    text = listed(
        "table ip r { chain p { type filter hook prerouting priority raw\n tcp dport 53 notrack accept\n }\n}\n"
    )
    assert read(text) == ["protocol=6 & dport=53 -> notrack", "protocol=6 & dport=53 -> accept"]


def test_rules_are_written_as_nft_reads_them() -> None:
    """What reports show of a rule is loaded again and is the same rule."""
    first = listed(numbered(CASES))
    found = {one.name: one for one in nft.read(first, "rules.json")}
    texts = [found[f"inet t{number}"].chains[1].rules[0].text for number in range(len(CASES))]
    again = listed(numbered(texts))
    assert dict(zip(texts, _statements(again), strict=True)) == dict(zip(texts, _statements(first), strict=True))


def _statements(text: str) -> list[object]:
    return [one["rule"]["expr"] for one in json.loads(text)["nftables"] if "rule" in one]
