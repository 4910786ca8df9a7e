"""Named predicates: what a policy can say about a value beyond Cerberus's vocabulary.

Those without argument are named in ``check_with``; those with one are rules of their own. A predicate's docstring is
its documentation. Each returns whether the value satisfies it, and is only asked for values of its type.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.images.reference import Reference, parse
from policyengine.images.user import is_root
from policyengine.policy.command_lines import (
    duration_at_most,
    is_duration,
    is_number,
    lists_all,
    lists_none,
    lists_only,
    number_at_least,
    switched_off,
    switched_on,
)
from policyengine.policy.modes import is_octal, mask_covers, mode_within

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from ipaddress import IPv4Network, IPv6Network

_VERSION = re.compile(
    r"[vV]?(?P<major>[0-9]{1,18})(?:\.(?P<minor>[0-9]{1,18}))?(?:\.(?P<patch>[0-9]{1,18}))?"
    r"(?:-(?P<pre>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+[0-9A-Za-z.-]+)?"
).fullmatch
_FIRST_UNPRIVILEGED = 1024
_PORT_DIGITS = 5
_LAST_PORT = 65535
_PRIVATE = (
    *("127.0.0.0/8", "::1/128", "169.254.0.0/16", "fe80::/10"),
    *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"),
)


@lru_cache(maxsize=4096)
def _parsed(reference: str) -> Reference | None:
    """Several policies ask about every reference."""
    return parse(reference)


def unprivileged_user(user: str) -> bool:
    """A user other than root: not uid 0, not the name root, not empty. Anything after a colon is the group."""
    return not is_root(user)


def numeric_user(user: str) -> bool:
    """A user that is given as a number, or is plainly root: Kubernetes can tell whether it is. Anything after a colon

    is the group. The users of Windows (``ContainerUser``), which have no numbers, satisfy it too.
    """
    name = user.partition(":")[0]
    return name.isdecimal() or name.lower() in ("", "root", "containeruser", "containeradministrator")


def valid_port(port: str) -> bool:
    """A port, or a range of them (``8000-8010``), from 0 to 65535; a protocol may follow a slash (``53/udp``)."""
    number, _, protocol = port.partition("/")
    if protocol.lower() not in ("", "tcp", "udp", "sctp"):
        return False
    first, dash, last = number.partition("-")
    ends = (first, last) if dash else (first,)
    return all(
        end.isascii() and end.isdecimal() and len(end) <= _PORT_DIGITS and int(end) <= _LAST_PORT for end in ends
    )


def digest_pinned(reference: str) -> bool:
    """An image reference with a digest, which no push can change."""
    parsed = _parsed(reference)
    return parsed is not None and parsed.digest is not None


def private_address(address: str) -> bool:
    """An IP address that the Internet does not route to a host: loopback, link-local (RFC 3927, RFC 4291) or private

    (RFC 1918, RFC 4193). 0.0.0.0 and ``::``, which stand for every address, are not.
    """
    return within_cidr(address, _PRIVATE)


def no_literal_secret(name: str, value: str) -> bool:
    """A variable that does not hold a secret written out. It does when both speak for it: its name names a secret

    (``DB_PASSWORD``, ``API_TOKEN``), and its value is neither empty, a placeholder (``changeme``, ``<password>``), a
    switch (``true``), nor a reference to something else (``${VAR}``, ``$(VAR)``, ``/run/secrets/...``). Under any name
    a token of a well-known form (``ghp_...``, ``AKIA...``) is one, and a URL with a password (``redis://:pass@host``).
    """
    return not _is_secret()(name, value)


def no_secret_in_data(name: str, value: str) -> bool:
    """A setting, or a whole file under its name, that holds no secret written out.

    A line of text is judged as ``no_literal_secret`` judges a variable, several lines as ``no_secret_in_text`` does.
    """
    line = value.strip()
    return not (("\n" not in line and _is_secret()(name, line)) or _holds_secret()(value))


def no_secret_in_base64(name: str, value: str) -> bool:
    """A value of a Secret that holds no secret written out, told as ``no_secret_in_data`` does; where it is the base64

    of a text, the text is judged.
    """
    return no_secret_in_data(name, _decoded(value))


def _decoded(value: str) -> str:
    import base64
    import binascii

    try:
        text = base64.b64decode("".join(value.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return value
    return text if text.isprintable() or "\n" in text else value


def no_secret_in_text(text: str) -> bool:
    """A command or a file that holds no secret written out: a token of a well-known form, a private key, a URL with a

    password (``https://user:pass@host``), a value after a name that names a secret (``--password hunter2``,
    ``db.password=hunter2``), or what a well-known command takes as one (``mysql -phunter2``, ``curl -u bob:hunter2``,
    ``echo root:hunter2 | chpasswd``). Blanks and references are none, nor, where a token or a key belongs, plain words.
    """
    return not _holds_secret()(text)


def no_secret_in_words(words: Sequence[str | None], before: Sequence[str | None] = ()) -> bool:
    """A command, given word by word, without a secret written out, told as ``no_secret_in_text`` does.

    A word that is not known comes from elsewhere, and is none. What a ``command`` is told by its ``entrypoint``.
    """
    from policyengine.policy.secrets_in_text import words_hold_secret

    return not words_hold_secret(words, before)


@cache
def _is_secret() -> Callable[[str, str], bool]:
    """Imported when it is used, and once: an import that is done before takes its time too."""
    from policyengine.model.literal_secrets import is_secret

    return is_secret


@cache
def _holds_secret() -> Callable[[str], bool]:
    from policyengine.policy.secrets_in_text import holds_secret

    return holds_secret


def public_name(name: str) -> bool:
    """A name that does not say that it is a secret's: ``VERSION``, ``TOKEN_URL``, not ``NPM_TOKEN``."""
    from policyengine.model.secret_names import names_secret

    return not names_secret(name)


def within_cidr(address: str, networks: Sequence[str]) -> bool:
    """An IP address, or a network, that lies in one of the given networks: ``within_cidr: [10.0.0.0/8]``.

    An IPv4 address written as IPv6 (``::ffff:10.0.0.1``) is the IPv4 address. What is no address lies in none.
    """
    inner = _network(address.removeprefix("[").removesuffix("]"))
    if inner is None:
        return False
    outers = [outer for outer in map(_network, networks) if outer is not None and outer.version == inner.version]
    return any(inner.subnet_of(outer) for outer in outers)  # type: ignore[arg-type] # the versions are equal


@lru_cache(maxsize=1024)
def _network(text: str) -> IPv4Network | IPv6Network | None:
    """The network that a text is, an address being one of itself; None for what is neither."""
    import ipaddress

    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return None
    mapped = network.network_address.ipv4_mapped if network.version == 6 and network.prefixlen >= 96 else None
    return network if mapped is None else ipaddress.ip_network(f"{mapped}/{network.prefixlen - 96}", strict=False)


def semver_at_least(version: str, wanted: str) -> bool:
    """A version that is the given one or newer, by Semantic Versioning: ``semver_at_least: "1.2"``.

    A leading v is allowed, missing parts are 0, a pre-release is older than its release. What is no version is not.
    """
    have, want = version_key(version), version_key(wanted)
    return have is not None and want is not None and have >= want


def version_key(version: str) -> tuple[object, ...] | None:
    """A key that orders versions as Semantic Versioning 2.0.0 (11) does; None for what is no version."""
    match = _VERSION(version)
    if match is None:
        return None
    numbers = tuple(int(part or 0) for part in match.group("major", "minor", "patch"))
    if match["pre"] is None:
        return (*numbers, 1, ())
    return (*numbers, 0, tuple(map(_identifier, match["pre"].split("."))))


def _identifier(text: str) -> tuple[int, int, str]:
    """The order of a pre-release's identifiers: numbers by size, before words by their characters."""
    digits = text.lstrip("0")
    return (0, len(digits), digits) if text.isdigit() else (1, 0, text)


def matches_any(text: str, patterns: list[str]) -> bool:
    """A text that one of the patterns matches whole: ``matches_any: [ghcr.io/acme/*]``; ``*`` stands for any text."""
    return any(_matches(text, pattern) for pattern in patterns)


def _matches(text: str, pattern: str) -> bool:
    """In one pass over the text, whatever the pattern: each piece is taken where it is found first."""
    first, *others = pattern.split("*")
    if not others:
        return text == pattern
    *middle, last = others
    if not text.startswith(first):
        return False
    at = len(first)
    for piece in middle:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return len(text) - len(last) >= at and text.endswith(last)


def in_format(name: str, text: str, formats: Sequence[str]) -> bool:
    """A value in the format that is given for its name, ``in_format: [org.opencontainers.image.created=rfc3339]``.

    ``*`` in a name stands for any text; the first that matches counts, and a name that none matches may have any
    value. Formats are digest, email, hash, rfc3339, semver, spdx, text (not empty) and url.
    """
    from policyengine.policy.formats import FORMATS

    for entry in formats:
        pattern, _, wanted = entry.rpartition("=")
        if _matches(name, pattern):
            return FORMATS[wanted](text)
    return True


def _is_format(text: str) -> bool:
    from policyengine.policy.formats import FORMATS

    pattern, _, wanted = text.rpartition("=")
    return bool(pattern) and wanted in FORMATS


def exposes_none(path: str, sensitive: list[str]) -> bool:
    """A path of a host that lets nobody at the given ones: ``exposes_none: [/etc, /root/**]``.

    It is neither one of them, nor a directory above one, through which that one is reached too, nor, where ``/**``
    follows, below it. ``/proc/1/root/etc`` is ``/etc``. Paths of Windows are compared without regard to case. What is
    no absolute path, such as the name of a volume, exposes none.
    """
    from policyengine.policy.exposure import exposes

    return not exposes(path, sensitive)


def _is_path_pattern(text: str) -> bool:
    from policyengine.policy.exposure import is_pattern

    return is_pattern(text)


def unprivileged_ports(ports: str) -> bool:
    """A port of the host, or a range of them (``8000-8010``), from 1024 on: those that any user may open.

    0 leaves the choice to the engine, which takes none below.
    """
    first = ports.partition("-")[0].strip().lstrip("0")
    privileged = len(first) <= _PORT_DIGITS and first.isascii() and first.isdigit() and int(first) < _FIRST_UNPRIVILEGED
    return not privileged


_SERVICE_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*").fullmatch
_NAME_LENGTH = 15
_LAST_PORT = 65535


def port_or_name(text: str) -> bool:
    """A port's number, from 1 to 65535, or the name of one as RFC 6335 (5.1) has it, in small letters: ``http-alt``."""
    if text.isascii() and text.isdigit():
        return len(text) <= _PORT_DIGITS and 1 <= int(text) <= _LAST_PORT
    return len(text) <= _NAME_LENGTH and _SERVICE_NAME(text) is not None


class Argument(Struct, frozen=True):
    """What a rule with an argument takes: a list of strings or one string, each satisfying ``valid``."""

    listed: bool
    valid: Callable[[str], bool]
    example: str


CHECKS: dict[str, Callable[[str], bool]] = {
    check.__name__: check
    for check in (
        *(unprivileged_user, numeric_user, digest_pinned, private_address, unprivileged_ports, valid_port),
        *(switched_on, switched_off, port_or_name, public_name, no_secret_in_text),
    )
}
"""Predicates on strings for ``check_with``."""

LIST_CHECKS: dict[str, Callable[[Sequence[str | None], Sequence[str | None]], bool]] = {
    no_secret_in_words.__name__: no_secret_in_words
}
"""Predicates for ``check_with`` on a whole list of strings, in which None stands for a value that is not known.

They are given the words that stand before a container's command, too: its entry point.
"""

KEYED_CHECKS: dict[str, Callable[[str, str], bool]] = {
    check.__name__: check for check in (no_literal_secret, no_secret_in_data, no_secret_in_base64)
}
"""Predicates for ``check_with`` on a map's values, which look at the key too."""

RULES: dict[str, tuple[Callable[[str, object], bool], Argument]] = {
    "within_cidr": (within_cidr, Argument(True, lambda text: _network(text) is not None, "[10.0.0.0/8]")),  # type: ignore[dict-item] # checked at load
    "semver_at_least": (semver_at_least, Argument(False, lambda text: version_key(text) is not None, '"1.2"')),  # type: ignore[dict-item] # checked at load
    "matches_any": (matches_any, Argument(True, bool, "[ghcr.io/acme/*]")),  # type: ignore[dict-item] # checked at load
    "lists_all": (lists_all, Argument(True, bool, "[Node, RBAC]")),  # type: ignore[dict-item] # checked at load
    "lists_none": (lists_none, Argument(True, bool, "[AlwaysAllow]")),  # type: ignore[dict-item] # checked at load
    "lists_only": (lists_only, Argument(True, bool, "[TLS_AES_128_GCM_SHA256]")),  # type: ignore[dict-item] # checked at load
    "number_at_least": (number_at_least, Argument(False, is_number, '"30"')),  # type: ignore[dict-item] # checked at load
    "duration_at_most": (duration_at_most, Argument(False, is_duration, "5m")),  # type: ignore[dict-item] # checked at load
    "mode_within": (mode_within, Argument(False, is_octal, '"0640"')),  # type: ignore[dict-item] # checked at load
    "mask_covers": (mask_covers, Argument(False, is_octal, '"027"')),  # type: ignore[dict-item] # checked at load
    "exposes_none": (exposes_none, Argument(True, _is_path_pattern, "[/etc, /root/**]")),  # type: ignore[dict-item] # checked at load
}
"""Predicates on strings that are rules of their own, with their argument."""

KEYED_RULES: dict[str, tuple[Callable[[str, str, Sequence[str]], bool], Argument]] = {
    "in_format": (in_format, Argument(True, _is_format, '["org.opencontainers.image.created=rfc3339"]')),
}
"""The same for a map's values, which look at the key too."""
