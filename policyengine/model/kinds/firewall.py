"""Firewalls of hosts: the rules of netfilter, whichever program they are written by."""

from policyengine.model.types import INTEGER, STRING, STRINGS, Field, Kind, list_of, object_of, one_of

FAMILIES = one_of("ipv4", "ipv6")
PROGRAMS = one_of("iptables-nft", "iptables-legacy", "nft")
HOOKS = one_of("ingress", "prerouting", "input", "forward", "output", "postrouting")
POLICIES = one_of("accept", "drop")

DEFAULTS = list_of(
    object_of(
        families=Field(list_of(FAMILIES), "the packets that it is for"),
        does=Field(one_of("accept", "drop", "reject"), "what becomes of them"),
        rule=Field(STRING, "the rule, or the chain's policy, that has them so"),
    )
)
IN_CHAIN = {
    "families": Field(list_of(FAMILIES), "the packets that it is for"),
    "table": Field(STRING, "the table that it is in"),
    "chain": Field(STRING, "the chain that it is in"),
    "rule": Field(STRING, "the rule, as its program writes it"),
}

KIND = Kind(
    "firewall",
    "The packet filter of a host: rules of iptables, nftables, ufw or firewalld, of files or of this host (host://)",
    {
        "name": Field(STRING, "the file or the directory that it is read from"),
        "program": Field(
            one_of("iptables", "ipset", "nftables", "ufw", "firewalld", "netfilter"),
            "whose files these are; netfilter of live rules",
        ),
        "families": Field(list_of(FAMILIES), "the packets that any of its tables sees"),
        "tables": Field(
            list_of(
                object_of(
                    name=Field(STRING, "filter, nat, inet filter, ..."),
                    program=Field(PROGRAMS, "the program that it is of"),
                    family=Field(FAMILIES, "the packets that see it: a table of both is there twice"),
                    chains=Field(INTEGER, "how many chains it has"),
                    rules=Field(INTEGER, "how many rules its chains have"),
                )
            ),
            "its tables",
        ),
        "chains": Field(
            list_of(
                object_of(
                    name=Field(STRING, "INPUT, DOCKER-USER, ..."),
                    table=Field(STRING, "the table that it is in"),
                    family=Field(FAMILIES, "the packets that see it"),
                    hook=Field(HOOKS, "where packets enter it, of a base chain"),
                    priority=Field(INTEGER, "its place among the chains of its hook, of a base chain"),
                    policy=Field(POLICIES, "what becomes of packets that no rule decides about, of a base chain"),
                    type=Field(one_of("filter", "nat", "route"), "what its rules may do, of a base chain"),
                    rules=Field(INTEGER, "how many rules it has"),
                )
            ),
            "the chains of all tables",
        ),
        "policies": Field(
            list_of(
                object_of(
                    family=Field(FAMILIES, "the packets that it is for"),
                    hook=Field(one_of("input", "forward", "output"), "received by the host, passing, or sent by it"),
                    policy=Field(POLICIES, "drop where any base chain of the hook has that for its policy"),
                )
            ),
            "the default policy of each hook, for the families that it has tables of",
        ),
        "rules": Field(INTEGER, "how many rules it has"),
        "defaults": Field(
            object_of(
                input=Field(DEFAULTS, "of what the host receives"),
                forward=Field(DEFAULTS, "of what passes the host"),
                output=Field(DEFAULTS, "of what the host sends"),
            ),
            "what becomes of new connections that no rule singles out, by a policy or by a rule that takes the rest",
        ),
        "shadowed_rules": Field(
            list_of(
                object_of(
                    **IN_CHAIN,
                    by=Field(
                        STRINGS,
                        "the earlier rules of its chain that have decided all that it matches; [] of a"
                        " rule that no packet can match",
                    ),
                )
            ),
            "rules that no packet gets to: what they match is decided by those before them, one alone or several",
        ),
        "past_input": Field(
            list_of(
                object_of(
                    families=Field(list_of(FAMILIES), "the packets that it is for"),
                    port=Field(STRING, "the port of the host: tcp/8080"),
                    rule=Field(STRING, "the rule that translates it"),
                    packet=Field(STRING, "a packet that gets through so"),
                )
            ),
            "ports that translation (DNAT) opens, though the host's rules for input drop or reject the same packets;"
            " unknown where that hangs on what is not modelled",
        ),
        "ineffective_drops": Field(
            list_of(
                object_of(
                    **IN_CHAIN,
                    translated_by=Field(STRING, "the rule that has changed the destination by then"),
                )
            ),
            "rules that are to drop what comes to a published port and do not: they match where it was sent to, which"
            " translation (DNAT) has changed",
        ),
        "unmodelled": Field(STRINGS, "matches and targets of its rules that are not modelled: what decides is unknown"),
    },
)
