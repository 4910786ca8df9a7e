"""The extensions of iptables(8) that are known, but whose matches and targets are not modelled.

From iptables-extensions(8) and xtables-addons(8). An extension that stands nowhere is an error, so that a misread line
is never taken for a rule that does something else.
"""

from __future__ import annotations

MODELLED = frozenset(
    [
        "mac",
        "tcp",
        "udp",
        "sctp",
        "dccp",
        "udplite",
        "multiport",
        "conntrack",
        "state",
        "icmp",
        "icmp6",
        "icmpv6",
        "iprange",
        "addrtype",
        "set",
        "comment",
        "ipv6-icmp",
        "standard",
    ]
)
"""Matches whose options are read (``matches.py``)."""

WITHOUT_EFFECT = frozenset({"comment", "nfacct"})
"""Matches that hold for every packet."""

BY_PACKET = frozenset(
    [
        "ah",
        "bpf",
        "cgroup",
        "cpu",
        "dccp",
        "devgroup",
        "dscp",
        "dst",
        "ecn",
        "esp",
        "eui64",
        "frag",
        "geoip",
        "hbh",
        "helper",
        "hl",
        "ipcomp",
        "ipp2p",
        "ipv4options",
        "ipv6header",
        "ipvs",
        "length",
        "length2",
        "mh",
        "ndpi",
        "osf",
        "owner",
        "physdev",
        "pkttype",
        "policy",
        "realm",
        "rpfilter",
        "rt",
        "socket",
        "string",
        "tcpmss",
        "time",
        "tos",
        "ttl",
        "u32",
        "unclean",
        "connlabel",
        "iface",
        "dhcpmac",
        "layer7",
        "opendpi",
    ]
)
"""Matches that ask the packet alone: two rules that ask the same get the same answer."""

BY_RULE = frozenset(
    [
        "cluster",
        "condition",
        "connbytes",
        "connlimit",
        "connmark",
        "connrate",
        "dstlimit",
        "fuzzy",
        "hashlimit",
        "iplimit",
        "limit",
        "lscan",
        "mark",
        "nth",
        "psd",
        "quota",
        "quota2",
        "random",
        "rateest",
        "recent",
        "statistic",
        "account",
        "pknock",
        "tarpit",
        "gradm",
    ]
)
"""Matches that depend on when, how often and after which rules they are asked: each asks for itself."""

COMPLEMENTED = frozenset(
    [
        "cpu",
        "devgroup",
        "dscp",
        "helper",
        "hl",
        "length",
        "owner",
        "physdev",
        "pkttype",
        "realm",
        "tcpmss",
        "tos",
        "ttl",
        "u32",
    ]
)
"""Those of them that with their one option negated hold just where they do not hold otherwise. Others have packets for
which both is false: of no socket (``cgroup``), without the header (``ah``, ``rt``)."""

OPTIONS = {
    "--tcp-option": "tcp",
    "--chunk-types": "sctp",
    "--dccp-types": "dccp",
    "--dccp-option": "dccp",
    "--ctreplsrc": "conntrack",
    "--ctrepldst": "conntrack",
    "--ctreplsrcport": "conntrack",
    "--ctrepldstport": "conntrack",
    "--ctstatus": "conntrack",
    "--ctexpire": "conntrack",
}
"""Options of modelled matches that are not modelled themselves. They ask the packet, each for itself: the match holds
where all of its options do."""

MODIFYING = {
    "addrtype": frozenset({"--limit-iface-in", "--limit-iface-out"}),
    "set": frozenset(
        [
            "--return-nomatch",
            "--packets-eq",
            "--packets-lt",
            "--packets-gt",
            "--bytes-eq",
            "--bytes-lt",
            "--bytes-gt",
            "--update-counters",
            "--update-subcounters",
        ]
    ),
}
"""Options that change what the others of their match mean: with one of them the whole match is not modelled."""

OWN = {
    "addrtype": frozenset({"--src-type", "--dst-type"}),
    "conntrack": frozenset(
        [
            "--ctdir",
            "--ctproto",
            "--ctorigsrc",
            "--ctorigdst",
            "--ctorigsrcport",
            "--ctorigdstport",
            *(option for option, module in OPTIONS.items() if module == "conntrack"),
        ]
    ),
    "ndpi": frozenset({"--proto"}),
    "policy": frozenset({"--proto"}),
    "set": frozenset({"--match-set", "--set"}),
}
"""Options that mean something else in a match that is not modelled, or beside another (``--ctstate``)."""

PASSING = frozenset(
    [
        "LOG",
        "ULOG",
        "NFLOG",
        "AUDIT",
        "MARK",
        "CONNMARK",
        "SECMARK",
        "CONNSECMARK",
        "CLASSIFY",
        "DSCP",
        "TOS",
        "ECN",
        "TTL",
        "HL",
        "TCPMSS",
        "TCPOPTSTRIP",
        "CHECKSUM",
        "TRACE",
        "SET",
        "IDLETIMER",
        "LED",
        "RATEEST",
        "TEE",
        "HMARK",
        "ACCOUNT",
        "FLOWOFFLOAD",
        "IPMARK",
        "IPV4OPTSSTRIP",
        "LOGMARK",
        "SYSRQ",
        "DHCPMAC",
        "CT",
        "NOTRACK",
        "NETFLOW",
        "SELFSNAT",
    ]
)
"""Targets after which the packet goes on to the next rule."""

UNDECIDED = frozenset(
    [
        "QUEUE",
        "NFQUEUE",
        "TPROXY",
        "SYNPROXY",
        "TARPIT",
        "CHAOS",
        "DELUDE",
        "MIRROR",
        "STEAL",
        "CLUSTERIP",
        "NETMAP",
        "SNPT",
        "DNPT",
        "SAME",
        "BALANCE",
        "ECHO",
        "DNETMAP",
        "RAWDNAT",
        "RAWSNAT",
        "IMQ",
        "ROUTE",
    ]
)
"""Targets that end the rules, nobody knows how."""

FOREIGN = frozenset(
    [
        "IPMARK",
        "LOGMARK",
        "SYSRQ",
        "DHCPMAC",
        "ACCOUNT",
        "FLOWOFFLOAD",
        "IPV4OPTSSTRIP",
        "NETFLOW",
        "SELFSNAT",
        "TARPIT",
        "CHAOS",
        "DELUDE",
        "MIRROR",
        "STEAL",
        "SAME",
        "BALANCE",
        "ECHO",
        "DNETMAP",
        "RAWDNAT",
        "RAWSNAT",
        "IMQ",
        "ROUTE",
    ]
)
"""Targets that iptables 1.8 does not bring along: a chain may be called so where they are not installed."""

NEVER_ALONE = frozenset({"ACCOUNT", "DHCPMAC", "IPMARK", "RAWDNAT", "RAWSNAT", "ROUTE", "SAME", "BALANCE"})
"""Those of them that have an option that must be given."""
