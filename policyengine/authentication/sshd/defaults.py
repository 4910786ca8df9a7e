"""The values of what is not set: sshd_config(5), of each version and build."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from policyengine.authentication.sshd.keywords import keywords
from policyengine.authentication.sshd.knowledge import DEFAULT_GSS
from policyengine.authentication.sshd.versions import Version

if TYPE_CHECKING:
    from policyengine.authentication.sshd.build import Build

_YES = (
    "pubkeyauthentication",
    "kerberosorlocalpasswd",
    "kerberosticketcleanup",
    "gssapicleanupcredentials",
    "gssapistrictacceptorcheck",
    "passwordauthentication",
    "kbdinteractiveauthentication",
    "ignorerhosts",
    "printmotd",
    "printlastlog",
    "x11uselocalhost",
    "permittty",
    "permituserrc",
    "strictmodes",
    "tcpkeepalive",
    "compression",
    "allowtcpforwarding",
    "allowagentforwarding",
    "allowstreamlocalforwarding",
    "debianbanner",
)
_NO = (
    "usepam",
    "ignoreuserknownhosts",
    "hostbasedauthentication",
    "hostbasedusesnamefrompacketonly",
    "kerberosauthentication",
    "gssapiauthentication",
    "gssapikeyexchange",
    "gssapistorecredentialsonrekey",
    "x11forwarding",
    "permitemptypasswords",
    "permituserenvironment",
    "gatewayports",
    "usedns",
    "disableforwarding",
    "streamlocalbindunlink",
    "exposeauthinfo",
    "permittunnel",
)
_NONE = (
    "banner",
    "forcecommand",
    "chrootdirectory",
    "trustedusercakeys",
    "revokedkeys",
    "authorizedprincipalsfile",
    "versionaddendum",
    "authorizedkeyscommand",
    "authorizedkeyscommanduser",
    "authorizedprincipalscommand",
    "authorizedprincipalscommanduser",
    "hostkeyagent",
    "persourcemaxstartups",
    "unusedconnectiontimeout",
    "pubkeyauthoptions",
)
_OTHER = {
    "port": "22",
    "addressfamily": "any",
    "logingracetime": "120",
    "x11displayoffset": "10",
    "maxauthtries": "6",
    "maxsessions": "10",
    "clientaliveinterval": "0",
    "clientalivecountmax": "3",
    "requiredrsasize": "1024",
    "streamlocalbindmask": "0177",
    "permitrootlogin": "without-password",
    "gssapikexalgorithms": DEFAULT_GSS,
    "fingerprinthash": "SHA256",
    "modulifile": "/etc/ssh/moduli",
    "securitykeyprovider": "internal",
    "loglevel": "INFO",
    "syslogfacility": "AUTH",
    "authenticationmethods": "any",
    "persourcenetblocksize": "32:128",
    "rekeylimit": "0",
    "rekeyinterval": "0",
    "permitopen": "any",
    "permitlisten": "any",
}
_SEVERAL = {
    "authorizedkeysfile": (".ssh/authorized_keys", ".ssh/authorized_keys2"),
    "hostkey": tuple(f"/etc/ssh/ssh_host_{kind}_key" for kind in ("rsa", "ecdsa", "ed25519")),
    "maxstartups": ("10", "30", "100"),
}
ALGORITHMS = {
    "ciphers": "ciphers",
    "macs": "macs",
    "kexalgorithms": "kex",
    "hostkeyalgorithms": "keys",
    "hostbasedacceptedalgorithms": "keys",
    "pubkeyacceptedalgorithms": "keys",
    "casignaturealgorithms": "signatures",
}
"""The options that are lists of algorithms, and of which kind."""


@lru_cache(8)
def defaults(build: Build) -> dict[str, tuple[str, ...]]:
    """The values of a build's options that are not set, lists of algorithms apart; without those that have none."""
    found: dict[str, tuple[str, ...]] = dict.fromkeys(_YES, ("yes",))
    found |= dict.fromkeys(_NO, ("no",)) | dict.fromkeys(_NONE, ("none",))
    found |= {name: (value,) for name, value in _OTHER.items()} | _SEVERAL
    debian = build.vendor == "debian"
    found["pidfile"] = ("/run/sshd.pid",) if debian else ("/var/run/sshd.pid",)
    found["xauthlocation"] = ("/usr/bin/xauth",) if debian else ("/usr/X11R6/bin/xauth",)
    found["ipqos"] = _service_classes(build)
    understood = {name for name, keyword in keywords(build).items() if keyword.standing == "in use"}
    return {name: value for name, value in found.items() if name in understood or name == "rekeyinterval"}


def _service_classes(build: Build) -> tuple[str, str]:
    """Debian kept those of 7.7 until 10.0."""
    if build.vendor == "debian" and build.version >= Version(10, 0):
        return "ef", "cs1"
    older = build.vendor == "debian" or build.version < Version(7, 8)
    return ("lowdelay", "throughput") if older else ("af21", "cs1")
