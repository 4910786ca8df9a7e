"""The values of the client's options that are not set."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from policyengine.authentication.sshd.versions import Version

if TYPE_CHECKING:
    from policyengine.authentication.sshd.build import Build

_YES = "CanonicalizeFallbackLocal KbdInteractiveAuthentication PasswordAuthentication PubkeyAuthentication TCPKeepAlive"
_NO = (
    "BatchMode CanonicalizeHostname ClearAllForwardings Compression ControlMaster EnableEscapeCommandline "
    "EnableSSHKeysign ExitOnForwardFailure ForkAfterAuthentication ForwardAgent ForwardX11 GatewayPorts "
    "GSSAPIAuthentication GSSAPIDelegateCredentials GSSAPIKeyExchange GSSAPIRenewalForcesRekey GSSAPITrustDns "
    "HashKnownHosts HostbasedAuthentication IdentitiesOnly NoHostAuthenticationForLocalhost PermitLocalCommand "
    "ProxyUseFdpass StdinNull StreamLocalBindUnlink Tunnel VerifyHostKeyDNS VisualHostKey AddKeysToAgent"
)
_OTHER = {
    "addressfamily": "any",
    "canonicalizemaxdots": "1",
    "connectionattempts": "1",
    "fingerprinthash": "SHA256",
    "forwardx11timeout": "1200",
    "loglevel": "INFO",
    "numberofpasswordprompts": "3",
    "rekeylimit": "0",
    "rekeyinterval": "0",
    "requesttty": "auto",
    "requiredrsasize": "1024",
    "securitykeyprovider": "internal",
    "serveralivecountmax": "3",
    "serveraliveinterval": "0",
    "sessiontype": "default",
    "stricthostkeychecking": "ask",
}
_SEVERAL = {
    "globalknownhostsfile": ("/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"),
    "userknownhostsfile": ("~/.ssh/known_hosts", "~/.ssh/known_hosts2"),
}


@lru_cache(8)
def defaults(build: Build) -> dict[str, tuple[str, ...]]:
    """By option, lists of algorithms apart; without those that have none."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(_YES.lower().split(), ("yes",))
    found |= dict.fromkeys(_NO.lower().split(), ("no",))
    found |= {name: (value,) for name, value in _OTHER.items()}
    found |= _SEVERAL
    found["forwardx11trusted"] = ("yes",) if build.vendor == "debian" else ("no",)
    found["checkhostip"] = ("no",) if build.version >= Version(8, 5) else ("yes",)
    found["updatehostkeys"] = ("yes",) if build.version >= Version(8, 5) else ("no",)
    return found


def settled(options: dict[str, tuple[str, ...]], build: Build) -> dict[str, tuple[str, ...]]:
    """The defaults, of which some depend on what is set: readconf.c, ``fill_default_options``."""
    found = dict(defaults(build))
    if options.get("batchmode") == ("yes",) and build.vendor == "debian":
        found["serveraliveinterval"] = ("300",)
    dns = options.get("verifyhostkeydns", ("no",)) != ("no",)
    named = options.get("userknownhostsfile", ())
    if dns or (named and named != ("~/.ssh/known_hosts",)):
        found["updatehostkeys"] = ("no",)
    return found
