"""The keywords of ssh_config(5), and what takes their arguments."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from policyengine.authentication.ssh import directives as take
from policyengine.authentication.sshd import directives as shared
from policyengine.authentication.sshd import values

if TYPE_CHECKING:
    from policyengine.authentication.sshd.build import Build
    from policyengine.authentication.sshd.directives import Handler

_FLAG = shared.choice(take.FLAG)
_GSSAPI: dict[str, Handler] = {
    "GSSAPIAuthentication": _FLAG,
    "GSSAPIKeyExchange": _FLAG,
    "GSSAPIDelegateCredentials": _FLAG,
    "GSSAPITrustDns": _FLAG,
    "GSSAPIClientIdentity": take.text,
    "GSSAPIServerIdentity": take.text,
    "GSSAPIRenewalForcesRekey": _FLAG,
    "GSSAPIKexAlgorithms": take.host_keys(values.gss_names),
}
_HANDLERS: dict[str, Handler] = {
    **_GSSAPI,
    "PKCS11Provider": take.text,
    "ForwardAgent": take.agent,
    "ForwardX11": _FLAG,
    "ForwardX11Trusted": _FLAG,
    "ForwardX11Timeout": take.time,
    "ExitOnForwardFailure": _FLAG,
    "XAuthLocation": take.text,
    "GatewayPorts": _FLAG,
    "PasswordAuthentication": _FLAG,
    "KbdInteractiveAuthentication": _FLAG,
    "KbdInteractiveDevices": take.text,
    "PubkeyAuthentication": shared.choice(take.PUBKEY),
    "HostbasedAuthentication": _FLAG,
    "IdentityFile": take.files,
    "IdentitiesOnly": _FLAG,
    "CertificateFile": take.files,
    "AddKeysToAgent": take.kept_keys,
    "IdentityAgent": take.text,
    "HostName": take.text,
    "HostKeyAlias": take.text,
    "ProxyCommand": take.rest,
    "ProxyJump": take.rest,
    "Port": take.port,
    "Ciphers": take.host_keys(values.cipher_names),
    "MACs": take.host_keys(values.mac_names),
    "KexAlgorithms": take.host_keys(values.kex_names),
    "HostKeyAlgorithms": take.host_keys(values.key_names),
    "HostbasedAcceptedAlgorithms": take.host_keys(values.key_names),
    "PubkeyAcceptedAlgorithms": take.host_keys(values.key_names),
    "CASignatureAlgorithms": take.host_keys(values.key_names),
    "User": take.text,
    "GlobalKnownHostsFile": take.words,
    "UserKnownHostsFile": take.words,
    "ConnectionAttempts": shared.integer,
    "BatchMode": _FLAG,
    "CheckHostIP": _FLAG,
    "StrictHostKeyChecking": shared.choice(take.STRICT),
    "Compression": shared.choice({"yes": "yes", "no": "no"}),
    "TCPKeepAlive": _FLAG,
    "NumberOfPasswordPrompts": shared.integer,
    "LogLevel": shared.logged(values.level),
    "PreferredAuthentications": take.text,
    "BindAddress": take.text,
    "BindInterface": take.text,
    "ClearAllForwardings": _FLAG,
    "EnableSSHKeysign": _FLAG,
    "VerifyHostKeyDNS": shared.choice(take.ASK),
    "NoHostAuthenticationForLocalhost": _FLAG,
    "RekeyLimit": shared.rekey_limit,
    "ConnectTimeout": take.time,
    "AddressFamily": shared.choice(values.ADDRESS_FAMILY),
    "ServerAliveInterval": take.time,
    "ServerAliveCountMax": shared.integer,
    "SendEnv": take.sent,
    "ControlPath": take.text,
    "ControlMaster": shared.choice(take.CONTROL),
    "HashKnownHosts": _FLAG,
    "Tunnel": shared.choice(take.TUNNEL),
    "LocalCommand": take.rest,
    "PermitLocalCommand": _FLAG,
    "RemoteCommand": take.rest,
    "VisualHostKey": _FLAG,
    "RequestTTY": shared.choice(take.TERMINAL),
    "SessionType": shared.choice(take.SESSION),
    "StdinNull": _FLAG,
    "ForkAfterAuthentication": _FLAG,
    "ProxyUseFdpass": _FLAG,
    "CanonicalizeFallbackLocal": _FLAG,
    "CanonicalizeHostname": shared.choice(take.CANONICAL),
    "CanonicalizeMaxDots": shared.integer,
    "StreamLocalBindUnlink": _FLAG,
    "RevokedHostKeys": take.text,
    "FingerprintHash": shared.once(values.digest, take.MISSING),
    "UpdateHostKeys": shared.choice(take.ASK),
    "IgnoreUnknown": take.text,
    "SecurityKeyProvider": take.text,
    "KnownHostsCommand": take.rest,
    "RequiredRSASize": shared.integer,
    "EnableEscapeCommandline": _FLAG,
}
_UNEXAMINED = (
    "RemoteForward LocalForward DynamicForward PermitRemoteOpen EscapeChar SyslogFacility LogVerbose SetEnv "
    "ControlPersist TunnelDevice IPQoS CanonicalDomains CanonicalizePermittedCNAMEs StreamLocalBindMask"
)
"""Their arguments are not looked at: no policy asks for them, and some that ssh refuses are not."""

_IDLE = (
    "Protocol Cipher FallBackToRsh GlobalKnownHostsFile2 RhostsAuthentication UseBlacklistedKeys UserKnownHostsFile2 "
    "UseRoaming UseRsh UsePrivilegedPort AFSTokenPassing KerberosAuthentication KerberosTgtPassing RSAAuthentication "
    "RhostsRSAAuthentication CompressionLevel"
)
"""They are accepted and do nothing."""

_LATER = "Tag ObscureKeystrokeTiming ChannelTimeout AddressPreference VersionAddendum RefuseConnection WarnWeakCrypto"
"""They came after 9.2; so did more that only some distributions know."""

_ALIASES = {
    "challengeresponseauthentication": "kbdinteractiveauthentication",
    "skeyauthentication": "kbdinteractiveauthentication",
    "tisauthentication": "kbdinteractiveauthentication",
    "dsaauthentication": "pubkeyauthentication",
    "identityfile2": "identityfile",
    "keepalive": "tcpkeepalive",
    "smartcarddevice": "pkcs11provider",
    "hostbasedkeytypes": "hostbasedacceptedalgorithms",
    "pubkeyacceptedkeytypes": "pubkeyacceptedalgorithms",
}
_OF_DEBIAN = {"protocolkeepalives": "serveraliveinterval", "setuptimeout": "serveraliveinterval"}


@lru_cache(8)
def _known(build: Build) -> dict[str, tuple[str, Handler]]:
    found = {name.lower(): (name.lower(), handler) for name, handler in _HANDLERS.items()}
    if build.vendor != "debian" and not build.assumed:
        found |= {name.lower(): (name.lower(), shared.nothing) for name in _GSSAPI}
    more = _LATER if build.assumed or build.version > (9, 2) else ""
    idle = f"{_UNEXAMINED} {_IDLE} {more}".lower().split()
    found |= {name: (name, shared.nothing) for name in idle}
    aliases = _ALIASES | (_OF_DEBIAN if build.vendor == "debian" else {})
    return found | {alias: found[name] for alias, name in aliases.items()}


def handler_of(keyword: str, build: Build) -> tuple[str, Handler] | None:
    """The option that a keyword in small letters sets, and what takes its arguments; None for an unknown one."""
    return _known(build).get(keyword)
