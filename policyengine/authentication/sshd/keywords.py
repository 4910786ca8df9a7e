"""The keywords of sshd_config(5): where each may stand, what it does, and in which versions it is known."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from msgspec import Struct

from policyengine.authentication.sshd import directives as take
from policyengine.authentication.sshd import values
from policyengine.authentication.sshd.versions import OLDEST, Version

if TYPE_CHECKING:
    from policyengine.authentication.sshd.build import Build, Vendor
    from policyengine.authentication.sshd.directives import Handler

Standing = Literal["in use", "deprecated", "ignored", "unsupported"]
"""``deprecated``, ``ignored`` and ``unsupported`` keywords are accepted and do nothing; sshd warns of the others."""


class Keyword(Struct, frozen=True):
    """A keyword: the option that it sets, whether it may stand in a ``Match`` block, and what takes its arguments."""

    option: str
    spelling: str
    handler: Handler
    in_match: bool = False
    standing: Standing = "in use"
    since: Version = OLDEST
    in_match_since: Version | None = None
    vendor: Vendor | None = None

    def may_be_matched(self, version: Version) -> bool:
        """Whether it may stand in a ``Match`` block."""
        return self.in_match or (self.in_match_since is not None and version >= self.in_match_since)


_FLAG = take.choice(values.FLAG)
_FORWARDING = take.choice(values.FORWARDING)
_TIME = take.once(values.time, take.MISSING_TIME)
_FILE = take.path(values.path)
_KEYS = take.once(values.key_names, "Missing argument.")
_USER = take.once(values.path_as_written, "missing {keyword} argument.")

_GLOBAL: dict[str, Handler] = {
    "UsePAM": _FLAG,
    "Port": take.port,
    "HostKey": take.files,
    "HostKeyAgent": take.path(values.agent, "missing socket name."),
    "PidFile": _FILE,
    "LoginGraceTime": _TIME,
    "SyslogFacility": take.logged(values.facility),
    "HostKeyAlgorithms": _KEYS,
    "KerberosOrLocalPasswd": _FLAG,
    "KerberosTicketCleanup": _FLAG,
    "GSSAPICleanupCredentials": _FLAG,
    "GSSAPIStrictAcceptorCheck": _FLAG,
    "GSSAPIKeyExchange": _FLAG,
    "GSSAPIStoreCredentialsOnRekey": _FLAG,
    "GSSAPIKexAlgorithms": take.once(values.gss_names, "Missing argument."),
    "ListenAddress": take.listen_address,
    "AddressFamily": take.choice(values.ADDRESS_FAMILY),
    "PrintMotd": _FLAG,
    "PrintLastLog": _FLAG,
    "IgnoreUserKnownHosts": _FLAG,
    "XAuthLocation": _FILE,
    "StrictModes": _FLAG,
    "PermitUserEnvironment": take.user_environment,
    "Compression": take.choice(values.COMPRESSION),
    "TCPKeepAlive": _FLAG,
    "Ciphers": take.once(values.cipher_names),
    "MACs": take.once(values.mac_names),
    "KexAlgorithms": take.once(values.kex_names),
    "MaxStartups": take.start_limit,
    "UseDNS": _FLAG,
    "HostCertificate": take.files,
    "VersionAddendum": take.addendum,
    "FingerprintHash": take.again(values.digest),
}
"""What may not stand in a Match block."""

_ANYWHERE: dict[str, Handler] = {
    "PermitRootLogin": take.choice(values.ROOT_LOGIN),
    "LogLevel": take.logged(values.level),
    "HostbasedAuthentication": _FLAG,
    "HostbasedUsesNameFromPacketOnly": _FLAG,
    "HostbasedAcceptedAlgorithms": _KEYS,
    "PubkeyAuthentication": _FLAG,
    "PubkeyAcceptedAlgorithms": _KEYS,
    "KerberosAuthentication": _FLAG,
    "GSSAPIAuthentication": _FLAG,
    "PasswordAuthentication": _FLAG,
    "KbdInteractiveAuthentication": _FLAG,
    "X11Forwarding": _FLAG,
    "X11DisplayOffset": take.integer,
    "X11UseLocalhost": _FLAG,
    "PermitEmptyPasswords": _FLAG,
    "RekeyLimit": take.rekey_limit,
    "AllowTcpForwarding": _FORWARDING,
    "AllowAgentForwarding": _FLAG,
    "AllowUsers": take.users,
    "DenyUsers": take.users,
    "AllowGroups": take.groups,
    "DenyGroups": take.groups,
    "GatewayPorts": take.choice(values.GATEWAY_PORTS),
    "MaxAuthTries": take.integer,
    "MaxSessions": take.integer,
    "Banner": _FILE,
    "ClientAliveInterval": _TIME,
    "ClientAliveCountMax": take.integer,
    "AuthorizedKeysFile": take.listed(take.keys_file),
    "AcceptEnv": take.accepted_environment,
    "PermitTunnel": take.once(values.tunnel),
    "PermitTTY": _FLAG,
    "PermitUserRC": _FLAG,
    "PermitOpen": take.permitted,
    "ForceCommand": take.forced_command,
    "ChrootDirectory": take.once(values.path_as_written),
    "RevokedKeys": _FILE,
    "TrustedUserCAKeys": _FILE,
    "AuthorizedPrincipalsFile": take.path(values.expanded, "{keyword} missing argument."),
    "IPQoS": take.service_classes,
    "AuthorizedKeysCommand": take.command,
    "AuthorizedKeysCommandUser": _USER,
    "AuthorizedPrincipalsCommand": take.command,
    "AuthorizedPrincipalsCommandUser": _USER,
    "AuthenticationMethods": take.methods,
    "StreamLocalBindMask": take.again(values.mask),
    "StreamLocalBindUnlink": _FLAG,
    "AllowStreamLocalForwarding": _FORWARDING,
    "DisableForwarding": _FLAG,
    "Match": take.nothing,
}
"""What may."""

_LATER = (
    Keyword("exposeauthinfo", "ExposeAuthInfo", _FLAG, True, since=Version(7, 6)),
    Keyword("rdomain", "RDomain", take.routing_domain, True, since=Version(7, 6)),
    Keyword("setenv", "SetEnv", take.environment, True, since=Version(7, 8)),
    Keyword("permitlisten", "PermitListen", take.permitted, True, since=Version(7, 8)),
    Keyword("casignaturealgorithms", "CASignatureAlgorithms", _KEYS, True, since=Version(7, 9)),
    Keyword("include", "Include", take.nothing, True, since=Version(8, 2)),
    Keyword("pubkeyauthoptions", "PubkeyAuthOptions", take.key_options, True, since=Version(8, 2)),
    Keyword(
        "securitykeyprovider",
        "SecurityKeyProvider",
        take.path(values.provider, "{keyword} missing argument."),
        since=Version(8, 2),
    ),
    Keyword("logverbose", "LogVerbose", take.listed(take.verbose), True, since=Version(8, 5)),
    Keyword("persourcemaxstartups", "PerSourceMaxStartups", take.again(values.limit), since=Version(8, 5)),
    Keyword("persourcenetblocksize", "PerSourceNetBlockSize", take.block_size, since=Version(8, 5)),
    Keyword("modulifile", "ModuliFile", _FILE, since=Version(8, 5)),
    Keyword("requiredrsasize", "RequiredRSASize", take.integer, True, since=Version(9, 1)),
    Keyword("channeltimeout", "ChannelTimeout", take.listed(take.channel_timeout), True, since=Version(9, 2)),
    Keyword("unusedconnectiontimeout", "UnusedConnectionTimeout", take.unused_timeout, True, since=Version(9, 2)),
    Keyword("ignorerhosts", "IgnoreRhosts", take.choice(values.IGNORE_RHOSTS), in_match_since=Version(8, 2)),
    Keyword("subsystem", "Subsystem", take.subsystem, in_match_since=Version(9, 5)),
    Keyword("debianbanner", "DebianBanner", _FLAG, vendor="debian"),
)
"""What came after 7.4, or changed since."""

_ALIASES = {
    "HostDSAKey": "HostKey",
    "HostbasedAcceptedKeyTypes": "HostbasedAcceptedAlgorithms",
    "PubkeyAcceptedKeyTypes": "PubkeyAcceptedAlgorithms",
    "ChallengeResponseAuthentication": "KbdInteractiveAuthentication",
    "SkeyAuthentication": "KbdInteractiveAuthentication",
    "GSSAPICleanupCreds": "GSSAPICleanupCredentials",
    "KeepAlive": "TCPKeepAlive",
}
_DSA = Keyword("pubkeyauthentication", "PubkeyAuthentication", _FLAG)

_DEPRECATED = {
    "PAMAuthenticationViaKbdInt": False,
    "ServerKeyBits": False,
    "KeyRegenerationInterval": False,
    "RhostsAuthentication": False,
    "RhostsRSAAuthentication": True,
    "RSAAuthentication": True,
    "CheckMail": False,
    "PermitBlacklistedKeys": False,
    "UseLogin": False,
    "VerifyReverseMapping": False,
    "ReverseMappingCheck": False,
    "AuthorizedKeysFile2": True,
    "UsePrivilegeSeparation": False,
}
"""Whether each may stand in a Match block."""

_UNSUPPORTED = ("KerberosGetAFSToken", "KerberosTgtPassing", "AFSTokenPassing", "GSSUseSessionCCache")
_UNSUPPORTED_TOO = ("GSSAPIUseSessionCredCache",)


_NOT_MODELLED = {
    "PAMServiceName": (False, Version(9, 8)),
    "PerSourcePenalties": (False, Version(9, 8)),
    "PerSourcePenaltyExemptList": (False, Version(9, 8)),
    "SshdSessionPath": (False, Version(9, 8)),
    "RefuseConnection": (True, Version(9, 9)),
    "SshdAuthPath": (False, Version(10, 0)),
}
"""Of later versions: whether each may stand in a Match block, and since when it is known. What they set is not read."""

_ELSEWHERE = {
    "GSSAPIEnablek5users": True,
    "KerberosUniqueCCache": False,
    "KerberosUseKuserok": True,
    "RSAMinSize": True,
    "UseBlacklist": False,
    "UseBlocklist": False,
}
"""Of Fedora's and FreeBSD's builds; whether each may stand in a Match block."""


_COMPILED_IN = ("usepam", "kerberos", "gssapi")
"""How the options begin that a build has only if it was built for PAM, Kerberos and GSSAPI."""


@lru_cache(8)
def keywords(build: Build) -> dict[str, Keyword]:
    """What a build's sshd knows, by the keyword in small letters."""
    found = {name.lower(): Keyword(name.lower(), name, handler) for name, handler in _GLOBAL.items()}
    found |= {name.lower(): Keyword(name.lower(), name, handler, True) for name, handler in _ANYWHERE.items()}
    found |= {one.option: one for one in _LATER if _has(build, one)}
    found |= {alias.lower(): found[name.lower()] for alias, name in _ALIASES.items()}
    found["dsaauthentication"] = _DSA
    elsewhere = [(name, matched) for name, matched in _ELSEWHERE.items() if build.assumed]
    later = [(name, of[0]) for name, of in _NOT_MODELLED.items() if build.assumed or build.version >= of[1]]
    for name, matched in (*elsewhere, *later):
        found[name.lower()] = Keyword(name.lower(), name, take.nothing, matched, "unsupported")
    idle = [(name, matched, "deprecated") for name, matched in _DEPRECATED.items()]
    idle += [(name, False, "unsupported") for name in (*_UNSUPPORTED, *_UNSUPPORTED_TOO)]
    if build.vendor == "upstream":
        idle += [
            (one.spelling, one.in_match, "unsupported") for name, one in found.items() if name.startswith(_COMPILED_IN)
        ]
    for name, matched, standing in (*idle, ("Protocol", False, "ignored")):
        found[name.lower()] = Keyword(name.lower(), name, take.nothing, matched, standing)  # type: ignore[arg-type]
    return found


def _has(build: Build, keyword: Keyword) -> bool:
    return build.version >= keyword.since and keyword.vendor in (None, build.vendor)


def spelling(option: str) -> str:
    """An option as its manual page spells it."""
    return _SPELLINGS[option]


_SPELLINGS = {
    **{name.lower(): name for name in (*_GLOBAL, *_ANYWHERE)},
    **{one.option: one.spelling for one in _LATER},
}
