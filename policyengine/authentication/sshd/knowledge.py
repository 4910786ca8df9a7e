"""What versions of sshd know and take by default: algorithms, and the values of options that are not set."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.sshd.algorithms import Algorithms
from policyengine.authentication.sshd.versions import Version

if TYPE_CHECKING:
    from policyengine.authentication.sshd.build import Build

_KEYS = (
    "ssh-ed25519",
    "ssh-ed25519-cert-v01@openssh.com",
    "sk-ssh-ed25519@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "webauthn-sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-dss",
    "ssh-dss-cert-v01@openssh.com",
    "ssh-rsa",
    "ssh-rsa-cert-v01@openssh.com",
    "rsa-sha2-256",
    "rsa-sha2-256-cert-v01@openssh.com",
    "rsa-sha2-512",
    "rsa-sha2-512-cert-v01@openssh.com",
)
"""In the order of ``sshkey.c``."""

_SHORT_NAMES = ("ed25519", "ed25519-sk", "ecdsa", "ecdsa-sk", "dsa", "rsa", "null")

_DEFAULT_SIGNATURES = (
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "rsa-sha2-512",
    "rsa-sha2-256",
)
_DEFAULT_KEYS = (
    "ssh-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "rsa-sha2-512-cert-v01@openssh.com",
    "rsa-sha2-256-cert-v01@openssh.com",
    *_DEFAULT_SIGNATURES,
)
_CIPHERS = (
    "3des-cbc",
    "aes128-cbc",
    "aes192-cbc",
    "aes256-cbc",
    "aes128-ctr",
    "aes192-ctr",
    "aes256-ctr",
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
)
_CHACHA, _CTR = ("chacha20-poly1305@openssh.com",), ("aes128-ctr", "aes192-ctr", "aes256-ctr")
_GCM = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com")

_PLAIN_MACS = (
    "hmac-sha1",
    "hmac-sha1-96",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-md5",
    "hmac-md5-96",
    "umac-64@openssh.com",
    "umac-128@openssh.com",
)
_MACS = (*_PLAIN_MACS, *(f"{name.removesuffix('@openssh.com')}-etm@openssh.com" for name in _PLAIN_MACS))
_DEFAULT_MACS = (
    "umac-64-etm@openssh.com",
    "umac-128-etm@openssh.com",
    "hmac-sha2-256-etm@openssh.com",
    "hmac-sha2-512-etm@openssh.com",
    "hmac-sha1-etm@openssh.com",
    "umac-64@openssh.com",
    "umac-128@openssh.com",
    "hmac-sha2-256",
    "hmac-sha2-512",
    "hmac-sha1",
)

_DH = tuple(
    f"diffie-hellman-{name}"
    for name in ("group1-sha1", "group14-sha1", "group14-sha256", "group16-sha512", "group18-sha512")
)
_GEX = ("diffie-hellman-group-exchange-sha1", "diffie-hellman-group-exchange-sha256")
_ECDH = ("ecdh-sha2-nistp256", "ecdh-sha2-nistp384", "ecdh-sha2-nistp521")
_CURVE = ("curve25519-sha256", "curve25519-sha256@libssh.org")
_SNTRUP = "sntrup761x25519-sha512@openssh.com"
_SNTRUP_SHORT = "sntrup761x25519-sha512"
_MLKEM = "mlkem768x25519-sha256"
_GROUPS = (_GEX[1], _DH[3], _DH[4], _DH[2])
_GSS = (
    "gss-gex-sha1-",
    "gss-group1-sha1-",
    "gss-group14-sha1-",
    "gss-group14-sha256-",
    "gss-group16-sha512-",
    "gss-nistp256-sha256-",
    "gss-curve25519-sha256-",
)
DEFAULT_GSS = ",".join((_GSS[3], _GSS[4], _GSS[5], _GSS[6], _GSS[2], _GSS[0]))


class Known(Struct, frozen=True):
    """The algorithms that a build knows."""

    ciphers: Algorithms
    macs: Algorithms
    kex: Algorithms
    keys: Algorithms
    signatures: Algorithms


@lru_cache(8)
def known(build: Build) -> Known:
    """The algorithms of a build: its version's ``myproposal.h``."""
    keys = _keys(build.version)
    default_keys = tuple(name for name in _default_keys(build.version) if name in keys)
    default_signatures = tuple(name for name in _default_signatures(build.version) if name in keys)
    return Known(
        Algorithms(_CIPHERS, _default_ciphers(build.version)),
        Algorithms(_MACS, _DEFAULT_MACS),
        Algorithms(_kex(build), _default_kex(build), _GSS if build.vendor == "debian" else ()),
        Algorithms(keys, default_keys, _SHORT_NAMES),
        Algorithms(tuple(name for name in keys if "-cert-" not in name), default_signatures),
    )


def _keys(version: Version) -> tuple[str, ...]:
    """Keys of FIDO came with 8.2, WebAuthn's signatures with 8.4, and DSA left with 10.0."""
    return tuple(
        name
        for name in _KEYS
        if not (name.startswith("sk-") and version < Version(8, 2))
        and not (name.startswith("webauthn") and version < Version(8, 4))
        and not (name.startswith("ssh-dss") and version >= Version(10, 0))
    )


def _default_keys(version: Version) -> tuple[str, ...]:
    """Since 8.8 without SHA-1; before, ``ssh-rsa`` came at the end of each part."""
    if version >= Version(8, 8):
        return _DEFAULT_KEYS
    certificates = tuple(name for name in _DEFAULT_KEYS if "-cert-" in name)
    return (*certificates, "ssh-rsa-cert-v01@openssh.com", *_DEFAULT_SIGNATURES, "ssh-rsa")


def _default_signatures(version: Version) -> tuple[str, ...]:
    return _DEFAULT_SIGNATURES if version >= Version(8, 2) else (*_DEFAULT_SIGNATURES, "ssh-rsa")


def _default_ciphers(version: Version) -> tuple[str, ...]:
    """Since 10.0, AES-GCM is preferred to AES-CTR."""
    return (*_CHACHA, *_GCM, *_CTR) if version >= Version(10, 0) else (*_CHACHA, *_CTR, *_GCM)


def _kex(build: Build) -> tuple[str, ...]:
    found = (*_DH, *_GEX, *_ECDH, *_CURVE)
    if _has_short_name(build):
        found += (_SNTRUP_SHORT,)
    if build.version >= Version(8, 5):
        found += (_SNTRUP,)
    return (*found, _MLKEM) if build.version >= Version(9, 9) else found


def _has_short_name(build: Build) -> bool:
    """The short name of sntrup761 came with 9.9; Debian 12's security updates of 9.2 brought it there."""
    return build.version >= Version(9, 9) or (build.version == Version(9, 2) and build.vendor == "debian")


def _default_kex(build: Build) -> tuple[str, ...]:
    """NTRU Prime by default since 9.0, ML-KEM since 9.9 and in front since 10.0, which has no Diffie-Hellman."""
    version = build.version
    hybrid = (_SNTRUP_SHORT, _SNTRUP) if _has_short_name(build) else (_SNTRUP,) if version >= Version(9, 0) else ()
    if version >= Version(10, 0):
        return (_MLKEM, *hybrid, *_CURVE, *_ECDH)
    if version >= Version(9, 9):
        return (*hybrid, _MLKEM, *_CURVE, *_ECDH, *_GROUPS)
    old = (_DH[1],) if version < Version(8, 2) else ()
    return (*hybrid, *_CURVE, *_ECDH, *_GROUPS, *old)
