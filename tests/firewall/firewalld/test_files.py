"""firewalld's files, and the rules that they come to."""

from __future__ import annotations

import random

import pytest

from policyengine.errors import DocumentError
from policyengine.firewall import firewalld
from policyengine.firewall.rules import Call, Table
from policyengine.firewall.written import Written
from tests.firewall.nft.rendering import shown

FILES = {
    "firewalld.conf": "# mine\nDefaultZone=office\nIPv6_rpfilter=no\nRFC3964_IPv4=no\n",
    "zones/office.xml": """<?xml version="1.0" encoding="utf-8"?>
<zone>
  <interface name="eth0"/>
  <service name="app"/>
  <port port="9000-9010" protocol="udp"/>
  <forward-port port="8080" protocol="tcp" to-port="80" to-addr="10.0.0.2"/>
  <masquerade/>
  <icmp-block name="echo-request"/>
  <rule family="ipv4" priority="-3">
    <source ipset="friends" invert="true"/>
    <port port="22" protocol="tcp"/>
    <reject type="tcp-reset"/>
  </rule>
  <forward/>
</zone>
""",
    "zones/guests.xml": '<zone target="DROP"><source address="10.9.0.1/16"/></zone>',
    "policies/out.xml": """<policy target="ACCEPT" priority="7">
  <ingress-zone name="office"/>
  <egress-zone name="guests"/>
</policy>
""",
    "services/app.xml": """<service>
  <port port="5432" protocol="tcp"/>
  <destination ipv4="10.0.0.1"/>
</service>
""",
    "ipsets/friends.xml": '<ipset type="hash:net"><entry>10.1.0.0/16</entry><entry>10.2.0.7</entry></ipset>',
}


def files(**changed: str | None) -> dict[str, Written]:
    told = FILES | {name.replace("__", "/").replace("_xml", ".xml"): text for name, text in changed.items()}
    told = {name.replace("_conf", ".conf"): text for name, text in told.items()}
    return {name: Written(name, text) for name, text in told.items() if text is not None}


def decisive(tables: tuple[Table, ...], family: int, *chains: str) -> list[str]:
    """The rules of an IP family that do not only jump from one chain of firewalld to the next."""
    return [
        f"{chain.name}  {rule.where}  {shown(rule)}"
        for table in tables
        for chain in table.chains
        for rule in chain.rules
        if family in table.families and (not chains or chain.name in chains)
        if rule.any_of != ((),) or not isinstance(rule.action, Call)
    ]


def test_files_come_to_rules() -> None:
    others = "source=0-167837695,167903232-167903238,167903240-4294967295"
    expected = [
        "nat_PREROUTING_ZONES  zones/guests.xml:1:21  source=168361984-168427519 -> goto nat_PRE_guests",
        "nat_PREROUTING_ZONES  zones/office.xml:3:3  in=eth0 -> goto nat_PRE_office",
        "nat_POSTROUTING_ZONES  zones/guests.xml:1:21  destination=168361984-168427519 -> goto nat_POST_guests",
        "nat_POSTROUTING_ZONES  zones/office.xml:3:3  out=eth0 -> goto nat_POST_office",
        "filter_INPUT  firewalld.conf:1  state=1-2 -> accept",
        "filter_INPUT  firewalld.conf:1  state=0-2 & nat=1,3 -> accept",
        "filter_INPUT  firewalld.conf:1  in=lo -> accept",
        "filter_INPUT  firewalld.conf:1  state=3 -> drop",
        "filter_INPUT  firewalld.conf:1  all -> reject",
        "filter_INPUT_ZONES  zones/guests.xml:1:21  source=168361984-168427519 -> goto filter_IN_guests",
        "filter_INPUT_ZONES  zones/office.xml:3:3  in=eth0 -> goto filter_IN_office",
        "filter_FORWARD  firewalld.conf:1  state=1-2 -> accept",
        "filter_FORWARD  firewalld.conf:1  state=0-2 & nat=1,3 -> accept",
        "filter_FORWARD  firewalld.conf:1  in=lo -> accept",
        "filter_FORWARD  firewalld.conf:1  state=3 -> drop",
        "filter_FORWARD  firewalld.conf:1  all -> reject",
        "filter_FORWARD_ZONES  zones/guests.xml:1:21  source=168361984-168427519 -> goto filter_FWD_guests",
        "filter_FORWARD_ZONES  zones/office.xml:3:3  in=eth0 -> goto filter_FWD_office",
        "filter_FORWARD_POLICIES_post  policies/out.xml:1:1  in=eth0 & destination=168361984-168427519"
        " -> jump filter_FWD_policy_out",
        "filter_OUTPUT  firewalld.conf:1  state=1-2 -> accept",
        "filter_OUTPUT  firewalld.conf:1  out=lo -> accept",
        "filter_IN_guests  zones/guests.xml:1:1  all -> drop",
        "filter_FWD_guests  zones/guests.xml:1:1  all -> drop",
        "filter_IN_office  zones/office.xml:2:1  protocol=1,58 -> accept",
        "filter_IN_office  zones/office.xml:2:1  all -> reject",
        f"filter_IN_office_pre  zones/office.xml:9:3  {others} & protocol=6 & dport=22 -> reject",
        "filter_IN_office_deny  zones/office.xml:8:3  protocol=1 & icmp=2048-2303 -> reject",
        "filter_IN_office_allow  zones/office.xml:4:3  destination=167772161 & protocol=6 & dport=5432 -> accept",
        "filter_IN_office_allow  zones/office.xml:5:3  protocol=17 & dport=9000-9010 -> accept",
        "filter_FWD_office  zones/office.xml:2:1  all -> reject",
        "filter_FWD_office_allow  zones/office.xml:3:3  out=eth0 -> accept",
        "nat_PRE_office_allow  zones/office.xml:6:3  protocol=6 & dport=8080 -> dnat 167772162 :80",
        "nat_POST_office_allow  zones/office.xml:7:3  !out=lo -> masquerade",
        "filter_FWD_policy_out  policies/out.xml:1:1  all -> accept",
    ]
    assert decisive(firewalld.read(files(), {}), 4) == expected


def test_rules_are_in_the_language_of_nft() -> None:
    tables = firewalld.read(files(), {})
    chains = {chain.name: [rule.text for rule in chain.rules] for chain in tables[0].chains}
    assert chains["filter_IN_office_pre"] == [
        "meta nfproto ipv4 ip saddr != @friends tcp dport 22 meta l4proto tcp reject with tcp reset"
    ]
    assert chains["filter_IN_office_allow"] == ["ip daddr 10.0.0.1 tcp dport 5432 accept", "udp dport 9000-9010 accept"]
    assert chains["filter_INPUT_ZONES"] == [
        "ip saddr 10.9.0.0/16 goto filter_IN_guests",
        'iifname "eth0" goto filter_IN_office',
        "goto filter_IN_office",
    ]


def test_chains_in_which_nothing_happens_are_left_out() -> None:
    tables = firewalld.read(files(), {})
    assert [[chain.name for chain in table.chains if chain.name.startswith("nat_")] for table in tables] == [
        [
            *("nat_PREROUTING", "nat_PREROUTING_ZONES", "nat_POSTROUTING", "nat_POSTROUTING_ZONES", "nat_OUTPUT"),
            *("nat_PRE_guests", "nat_POST_guests", "nat_PRE_office", "nat_PRE_office_allow"),
            *("nat_POST_office", "nat_POST_office_allow"),
        ],
        ["nat_PREROUTING", "nat_POSTROUTING", "nat_OUTPUT"],
    ]
    assert [rule.text for chain in tables[0].chains for rule in chain.rules if chain.name.startswith("nat_")] == [
        "jump nat_PREROUTING_ZONES",
        "ip saddr 10.9.0.0/16 goto nat_PRE_guests",
        'iifname "eth0" goto nat_PRE_office',
        "goto nat_PRE_office",
        "jump nat_POSTROUTING_ZONES",
        "ip daddr 10.9.0.0/16 goto nat_POST_guests",
        'oifname "eth0" goto nat_POST_office',
        "goto nat_POST_office",
        "jump nat_PRE_office_allow",
        "meta nfproto ipv4 tcp dport 8080 dnat to 10.0.0.2:80",
        "jump nat_POST_office_allow",
        'meta nfproto ipv4 oifname != "lo" masquerade',
    ]


def test_rules_and_policies_stand_by_their_priorities() -> None:
    rule = '<rule priority="{0}"><port port="{1}" protocol="tcp"/><accept/></rule>'
    told = "".join(rule.format(*pair) for pair in ((9, 1), (-1, 2), (-7, 3), (9, 4), (-1, 5), (2, 6)))
    own = files(zones__office_xml=f'<zone><interface name="eth0"/>{told}</zone>')
    host = '<ingress-zone name="ANY"/><egress-zone name="HOST"/><port port="{}" protocol="tcp"/>'
    for name, priority, port in (("a", -1, 7), ("b", -9, 8), ("c", 5, 9), ("d", 3, 10)):
        text = f'<policy target="CONTINUE" priority="{priority}">{host.format(port)}</policy>'
        own[f"policies/{name}.xml"] = Written(name, text)
    (table, _) = firewalld.read(own, {})
    chains = {chain.name: [rule.text for rule in chain.rules] for chain in table.chains}
    assert chains["filter_IN_office_pre"] == [f"tcp dport {port} accept" for port in (3, 2, 5)]
    assert chains["filter_IN_office_post"] == [f"tcp dport {port} accept" for port in (6, 1, 4)]
    assert chains["filter_INPUT_POLICIES_pre"] == [f"jump filter_IN_policy_{name}" for name in "ba"]
    assert chains["filter_INPUT_POLICIES_post"] == [f"jump filter_IN_policy_{name}" for name in "dc"]
    assert [
        (chain.name, chain.hook, chain.priority, chain.policy, chain.type) for chain in table.chains if chain.hook
    ] == [
        ("nat_PREROUTING", "prerouting", -90, "accept", "nat"),
        ("nat_POSTROUTING", "postrouting", 110, "accept", "nat"),
        ("nat_OUTPUT", "output", -90, "accept", "nat"),
        ("filter_PREROUTING", "prerouting", 10, "accept", "filter"),
        ("filter_INPUT", "input", 10, "accept", "filter"),
        ("filter_FORWARD", "forward", 10, "accept", "filter"),
        ("filter_OUTPUT", "output", 10, "accept", "filter"),
    ]


SETS = {
    ("hash:ip,port", "10.0.0.1,udp:53"): "source=167772161 & protocol=17 & sport=53",
    ("hash:ip,port", "10.0.0.1,80-90"): "source=167772161 & protocol=6 & sport=80-90",
    ("hash:net,iface", "10.0.0.0/8,eth1"): "source=167772160-184549375 & out=eth1",
    ("hash:ip", "10.0.0.1-10.0.0.9"): "source=167772161-167772169",
    ("hash:mac", "02:00:00:00:00:0A"): "card=2199023255562",
}


@pytest.mark.parametrize(("kind", "entry"), SETS)
def test_entries_of_sets_are_asked_for_as_firewalld_does(kind: str, entry: str) -> None:
    """Of ``hash:net,iface`` the interface is that of the other side: a source is asked for where it leaves."""
    own = files(
        ipsets__friends_xml=f'<ipset type="{kind}"><entry>{entry}</entry></ipset>',
        zones__office_xml='<zone><interface name="eth0"/><rule><source ipset="friends"/><drop/></rule></zone>',
    )
    (found,) = decisive(firewalld.read(own, {}), 4, "filter_IN_office_deny")
    assert found == f"filter_IN_office_deny  zones/office.xml:1:31  {SETS[kind, entry]} -> drop"


def test_a_rule_may_block_icmp() -> None:
    rule = '<rule family="ipv4"><icmp-block name="echo-reply"/></rule>'
    own = files(zones__office_xml=f'<zone><interface name="eth0"/>{rule}</zone>')
    assert decisive(firewalld.read(own, {}), 4, "filter_IN_office_deny") == [
        "filter_IN_office_deny  zones/office.xml:1:31  protocol=1 & icmp=0-255 -> reject"
    ]


def test_zones_of_lower_priority_come_first() -> None:
    own = files(zones__guests_xml='<zone ingress-priority="5"><source address="10.9.0.0/16"/></zone>')
    found = decisive(firewalld.read(own, {}), 4, "filter_INPUT_ZONES", "nat_POSTROUTING_ZONES")
    assert found == [
        "nat_POSTROUTING_ZONES  zones/guests.xml:1:28  destination=168361984-168427519 -> goto nat_POST_guests",
        "nat_POSTROUTING_ZONES  zones/office.xml:3:3  out=eth0 -> goto nat_POST_office",
        "filter_INPUT_ZONES  zones/office.xml:3:3  in=eth0 -> goto filter_IN_office",
        "filter_INPUT_ZONES  zones/guests.xml:1:28  source=168361984-168427519 -> goto filter_IN_guests",
    ]


def test_the_files_of_a_directory_are_one_zone() -> None:
    own = files(zones__office_xml=None)
    own["zones/office/a.xml"] = Written("a.xml", '<zone><interface name="eth0"/></zone>')
    own["zones/office/b.xml"] = Written("b.xml", '<zone><port port="22" protocol="tcp"/></zone>')
    found = decisive(firewalld.read(own, {}), 4, "filter_INPUT_ZONES", "filter_IN_office_allow")
    assert found[1:] == [
        "filter_INPUT_ZONES  a.xml:1:7  in=eth0 -> goto filter_IN_office",
        "filter_IN_office_allow  b.xml:1:7  protocol=6 & dport=22 -> accept",
    ]


def test_what_firewalld_brings_along_is_known_in_part() -> None:
    own = {"firewalld.conf": Written("firewalld.conf", "")}
    found = decisive(firewalld.read(own), 4, "filter_IN_public_allow", "filter_IN_public")
    assert found == [
        "filter_IN_public  firewalld.conf:1  protocol=1,58 -> accept",
        "filter_IN_public  firewalld.conf:1  all -> reject",
        "filter_IN_public_allow  firewalld.conf:1  protocol=6 & dport=22 -> accept",
    ]
    own["zones/public.xml"] = Written("zones/public.xml", '<zone>\n<service name="rare"/></zone>')
    found = decisive(firewalld.read(own), 4, "filter_IN_public_allow")
    assert found == ["filter_IN_public_allow  zones/public.xml:2:1  <service rare undefined> -> accept"]


def test_a_set_whose_entries_come_later_may_hold_anything() -> None:
    timed = '<ipset type="hash:ip"><option name="timeout" value="60"/><entry>10.0.0.1</entry></ipset>'
    own = files(ipsets__friends_xml=timed)
    (found,) = decisive(firewalld.read(own, {}), 4, "filter_IN_office_pre")
    assert found == (
        "filter_IN_office_pre  zones/office.xml:9:3  "
        "!<inet firewalld filter_IN_office_pre rule 1: in @friends by then> & protocol=6 & dport=22 -> reject"
    )


def test_strict_forwarding_leaves_what_others_forward_open() -> None:
    own = files(firewalld_conf="DefaultZone=office\nStrictForwardPorts=yes\n")
    assert decisive(firewalld.read(own, {}), 4, "filter_INPUT_dnat") == [
        "filter_INPUT_dnat  firewalld.conf:1  <service that firewalld forwards undefined> -> accept",
        "filter_INPUT_dnat  firewalld.conf:1  all -> reject",
    ]


DIRECT = """<direct>
  <chain ipv="ipv4" table="filter" chain="own"/>
  <rule ipv="ipv4" table="filter" chain="INPUT" priority="1">-p tcp --dport 22 -j own</rule>
  <rule ipv="ipv4" table="filter" chain="INPUT_direct" priority="0">-s 10.0.0.1,10.0.0.2 -j DROP</rule>
  <rule ipv="eb" table="filter" chain="INPUT" priority="0">-j DROP</rule>
  <passthrough ipv="ipv6">-t mangle -I PREROUTING -m comment --comment "not ours" -j DROP</passthrough>
</direct>
"""


def test_direct_rules_are_those_of_iptables() -> None:
    own = files() | {"direct.xml": Written("direct.xml", DIRECT)}
    tables = [table for table in firewalld.read(own, {}) if table.program == "iptables-nft"]
    assert [(table.name, table.families) for table in tables] == [("filter", (4,)), ("mangle", (6,))]
    assert [
        f"{rule.where}  {rule.text}  {shown(rule)}" for one in tables for chain in one.chains for rule in chain.rules
    ] == [
        "direct.xml:4:3  -A INPUT -s 10.0.0.1 -j DROP  source=167772161 -> drop",
        "direct.xml:4:3  -A INPUT -s 10.0.0.2 -j DROP  source=167772162 -> drop",
        "direct.xml:3:3  -A INPUT -p tcp --dport 22 -j own  protocol=6 & dport=22 -> jump own",
        'direct.xml:6:3  -I PREROUTING -m comment --comment "not ours" -j DROP  all -> drop',
    ]
    assert [str(one) for one in firewalld.frames(own["direct.xml"])] == ["direct.xml:5:3"]


ZONE = '<zone>\n  <interface name="eth0"/>\n  {}\n</zone>'
IN_ZONE = {
    '<port port="70000" protocol="tcp"/>': '3:3: "70000" is no port',
    '<port port="80" protocol="icmp"/>': '3:3: "icmp" is no protocol with ports (tcp, udp, sctp, dccp)',
    '<port port="80"/>': "3:3: a <port> without protocol",
    '<port port="80" protocol="tcp" to="1"/>': '3:3: <port> has no attribute "to"',
    "<ports/>": "3:3: <zone> has no <ports>",
    '<service name="gone"/>': '3:3: there is no service "gone"',
    '<protocol value="gone"/>': '3:3: "gone" is no protocol',
    '<icmp-block name="gone"/>': '3:3: there is no type "gone" of ICMP',
    '<source address="10.0.0.300"/>': '3:3: "10.0.0.300" is no IPv4 address',
    '<source ipset="gone"/>': '3:3: there is no set "gone"',
    '<source mac="02:00:00:00:00:01"/>': (
        "3:3: a zone is bound to a card by its address: firewalld passes over mac here"
    ),
    "<source/>": "3:3: a <source> with no address and no set",
    '<source address="10.9.0.1/16"/>': "3:3: 10.9.0.1/16 is bound to the zone guests already",
    '<interface name="a b"/>': '3:3: "a b" is no name of an interface',
    '<forward-port port="1" protocol="tcp"/>': "3:3: a forward-port without to-port and to-addr",
    '<forward-port port="1" protocol="tcp" to-addr="10.0.0.0/8"/>': '3:3: "10.0.0.0/8" is no address',
    '<rule><port port="1" protocol="tcp"/></rule>': "3:3: a rule that does nothing: it has no action and no log",
    "<rule><accept/></rule>": "3:3: a rule about nothing: it has no element, no source and no destination",
    "<rule><masquerade/><accept/></rule>": "3:22: a rule with <masquerade> has no action",
    "<rule><accept/><drop/></rule>": "3:18: a rule with both <accept> and <drop>",
    '<rule family="ipv5"><accept/></rule>': '3:3: "ipv5" is no family: it is ipv4 or ipv6',
    '<rule priority="x"><accept/></rule>': '3:3: the priority "x" is no number between -32768 and 32767',
    '<rule><source address="10.0.0.1"/><drop/></rule>': "3:9: a rule with addresses wants a family",
    '<rule family="ipv6"><source address="10.0.0.1"/><drop/></rule>': '3:23: "10.0.0.1" is no IPv6 address',
    '<rule family="ipv6"><source ipset="friends"/><drop/></rule>': (
        '3:3: the set "friends" has addresses of IPv4, and the rule is for IPv6'
    ),
    '<rule><source ipset="friends"/><accept><limit value="x"/></accept></rule>': (
        '3:34: "x" is no limit: it is a number and a unit, as in 5/m'
    ),
    '<rule><source ipset="friends"/><reject type="x"/></rule>': '3:34: "x" is no type of reject for IPv4',
    '<rule family="ipv4"><port port="1" protocol="udp"/><reject type="tcp-reset"/></rule>': (
        "3:3: a reset answers TCP only, and the rule is about something else"
    ),
    '<rule family="ipv4"><destination address="10.0.0.7"/><service name="app"/><accept/></rule>': (
        "3:56: a rule with a destination, and the service app has one itself"
    ),
}


@pytest.mark.parametrize("said", IN_ZONE)
def test_what_is_wrong_in_a_zone_says_where(said: str) -> None:
    with pytest.raises(DocumentError) as error:
        firewalld.read(files(zones__office_xml=ZONE.format(said)), {})
    assert str(error.value) == f"zones/office.xml:{IN_ZONE[said]}"


POLICY = '<policy target="ACCEPT">{}</policy>'
FROM_OFFICE = '<ingress-zone name="office"/>'
WRONG = {
    ("firewalld_conf", "\nFirewallBackend=iptables\n"): (
        'firewalld.conf:2: FirewallBackend is "iptables": only the rules for nftables are known'
        " (give what iptables-save and ip6tables-save write)"
    ),
    ("firewalld_conf", "DefaultZone=gone\n"): (
        'firewalld.conf:1: the default zone is "gone", and there is no such zone'
    ),
    ("zones__office_xml", '<zone>\n  <port port="1"'): ("zones/office.xml:2:3: malformed or cut off: unclosed token"),
    ("zones__office_xml", ""): "zones/office.xml:1:1: malformed or cut off: no element found",
    ("zones__office_xml", "<!DOCTYPE zone [<!ENTITY a 'b'>]>\n<zone>&a;</zone>"): (
        "zones/office.xml:1:16: a declaration of types (DOCTYPE) is refused, for it may define entities"
    ),
    ("zones__office_xml", "<a>" * 20): "zones/office.xml:1:49: nested too deeply",
    ("zones__office_xml", "<policy/>"): "zones/office.xml:1:1: a <policy> where a <zone> belongs",
    ("zones__office_xml", '<zone target="LET"/>'): 'zones/office.xml:1:1: "LET" is no target of a zone',
    ("policies__out_xml", '<policy target="ACCEPT" priority="0"/>'): (
        "policies/out.xml:1:1: a policy cannot have the priority 0, which zones have"
    ),
    ("policies__out_xml", POLICY.format('<ingress-zone name="gone"/>')): (
        'policies/out.xml:1:25: there is no zone "gone"'
    ),
    ("policies__out_xml", POLICY.format(f'{FROM_OFFICE}<ingress-zone name="ANY"/>')): (
        "policies/out.xml:1:25: ANY and HOST stand alone, and not beside other zones"
    ),
    ("policies__out_xml", POLICY.format(f'{FROM_OFFICE}<egress-zone name="HOST"/><masquerade/>')): (
        "policies/out.xml:1:80: a policy from or to HOST cannot masquerade"
    ),
    (
        "policies__out_xml",
        POLICY.format(f'{FROM_OFFICE}<egress-zone name="HOST"/><forward-port port="1" protocol="tcp" to-port="2"/>'),
    ): ("policies/out.xml:1:80: <forward-port> has no effect between these zones, and firewalld does not load it"),
    ("services__app_xml", '<service><port port="x" protocol="tcp"/></service>'): (
        'services/app.xml:1:10: "x" is no port'
    ),
    ("ipsets__friends_xml", '<ipset type="hash:net">\n<entry>10.0.0.1,tcp:1</entry></ipset>'): (
        'ipsets/friends.xml:2:1: "10.0.0.1,tcp:1" is no entry of a set of net'
    ),
    ("ipsets__friends_xml", '<ipset type="list:set"/>'): 'ipsets/friends.xml:1:1: "list:set" is no type of a set',
    ("direct_xml", '<direct>\n<rule ipv="ipv4" table="filter" chain="gone" priority="0">-j DROP</rule></direct>'): (
        'direct.xml:2:1: there is no chain "gone" in table filter'
    ),
    ("direct_xml", '<direct><passthrough ipv="ipv4">-F INPUT</passthrough></direct>'): (
        'direct.xml:1:9: "-F" is no command of iptables-save'
    ),
}


@pytest.mark.parametrize(("name", "text"), WRONG)
def test_what_is_wrong_says_where(name: str, text: str) -> None:
    with pytest.raises(DocumentError) as error:
        firewalld.read(files(**{name: text}), {})
    assert str(error.value) == WRONG[name, text]


@pytest.mark.parametrize("name", [name for name in FILES if name.endswith(".xml")])
def test_every_cut_of_a_file_is_refused(name: str) -> None:
    text = FILES[name].rstrip()
    for end in range(len(text)):
        with pytest.raises(DocumentError):
            firewalld.read(files() | {name: Written(name, text[:end])}, {})


def test_whatever_is_changed_is_read_or_refused() -> None:
    lot = random.Random(7)
    told = files() | {"direct.xml": Written("direct.xml", DIRECT)}
    refused = 0
    for _ in range(600):
        name = lot.choice([*told])
        text, at = told[name].text, lot.randrange(len(told[name].text))
        other = lot.choice(('"', "<", "0", "-", ":", "/", "x", " ", "é", "\x00", "99999999999999999999", "..", "²"))
        changed = text[:at] + other + text[at + lot.randint(0, 3) :]
        try:
            firewalld.read(told | {name: Written(name, changed)}, {})
        except DocumentError as error:
            assert error.path, error
            assert error.line, error
            refused += 1
    assert refused > 250
