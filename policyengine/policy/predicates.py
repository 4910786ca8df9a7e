"""Named predicates: what a policy can say about a value beyond Cerberus's vocabulary.

Those without argument are named in ``check_with``; those with one are rules of their own. A predicate's docstring is
its documentation. Each returns whether the value satisfies it, and is only asked for values of its type.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from policyengine.images.reference import parse
from policyengine.images.user import is_root

if TYPE_CHECKING:
    from collections.abc import Callable

_VERSION = re.compile(r"[vV]?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:[-.]?([0-9A-Za-z.-]+))?(?:\+.*)?").fullmatch
_SECRET_NAME = re.compile(
    r"(?i)(?:^|[_-])(?:pass(?:word|wd|phrase)?|pwd|secret|token|api_?key|private_?key|access_?key|credentials?)(?:$|[_-](?!FILE|PATH|NAME|URL|URI|FIELD|LENGTH|TTL|EXPIR|ID$))"
    r"|(?:password|passwd|passphrase)$|(?:secret|token|apikey|privatekey|accesskey)$"
)
_REFERENCE = re.compile(
    r"\$\{?[A-Za-z_(]|^/run/secrets/|^/var/run/secrets/|^(?:vault|secret|ref\+[a-z]+|arn:aws|op)://|^arn:aws:"
)
_PLACEHOLDER = re.compile(
    r"(?i)<.*>|\{\{.*\}\}|x{3,}|\*{3,}|\.{3}|(?:change|replace|fill)[-_ ]?(?:me|this|it|in).*|your[-_ ].*"
    r"|none|null|todo|true|false|disabled|enabled|yes|no|\d"
)


def unprivileged_user(user: str) -> bool:
    """A user other than root: not uid 0, not the name root, not empty. Anything after a colon is the group."""
    return not is_root(user)


def digest_pinned(reference: str) -> bool:
    """An image reference with a digest, which no push can change."""
    parsed = parse(reference)
    return parsed is not None and parsed.digest is not None


def version_tagged(reference: str) -> bool:
    """An image reference with a tag other than latest; without a tag it means latest, whatever its digest."""
    parsed = parse(reference)
    return parsed is not None and parsed.tag not in (None, "latest")


def private_address(address: str) -> bool:
    """An IP address that the Internet does not route: loopback, link-local or private (RFC 1918, RFC 4193)."""
    import ipaddress

    try:
        parsed = ipaddress.ip_address(address.strip("[]"))
    except ValueError:
        return False
    return parsed.is_loopback or parsed.is_link_local or (parsed.is_private and not parsed.is_unspecified)


def no_literal_secret(name: str, value: str) -> bool:
    """A variable that does not hold a secret written out. It does when both speak for it: its name names a secret

    (``DB_PASSWORD``, ``API_TOKEN``), and its value is neither empty, a placeholder (``changeme``, ``<password>``), a
    switch (``true``), nor a reference to something else (``$VAR``, ``/run/secrets/...``).
    """
    if not _SECRET_NAME.search(name):
        return True
    stripped = value.strip()
    return not stripped or bool(_PLACEHOLDER.fullmatch(stripped)) or bool(_REFERENCE.search(stripped))


def within_cidr(address: str, networks: list[str]) -> bool:
    """An IP address, or a network, that lies in one of the given networks: ``within_cidr: [10.0.0.0/8]``."""
    import ipaddress

    try:
        inner = ipaddress.ip_network(address.strip("[]"), strict=False)
    except ValueError:
        return False
    return any(_inside(inner, ipaddress.ip_network(outer, strict=False)) for outer in networks)


def _inside(inner: object, outer: object) -> bool:
    same = getattr(inner, "version", None) == getattr(outer, "version", None)
    return same and inner.subnet_of(outer)  # type: ignore[attr-defined] # typeshed types subnet_of by IP version


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
    numbers = tuple(int(part or 0) for part in match.group(1, 2, 3))
    pre = match[4]
    if not pre:
        return (*numbers, 1, ())
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in pre.split("."))
    return (*numbers, 0, parts)


def matches_any(text: str, patterns: list[str]) -> bool:
    """A text that one of the patterns matches whole; ``*`` stands for any characters, ``?`` for one:

    ``matches_any: [ghcr.io/acme/*]``.
    """
    return any(_pattern(pattern).fullmatch(text) is not None for pattern in patterns)


@cache
def _pattern(pattern: str) -> re.Pattern[str]:
    """RE2, so that no pattern takes more than linear time."""
    import re2

    parts = {"*": "(?s:.*)", "?": "(?s:.)"}
    return re2.compile("".join(parts.get(char, re.escape(char)) for char in pattern))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Argument:
    """What a rule with an argument takes: a list of strings or one string, each satisfying ``valid``."""

    listed: bool
    valid: Callable[[str], bool]
    example: str


def _is_network(text: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return False
    return True


CHECKS: dict[str, Callable[[str], bool]] = {
    check.__name__: check for check in (unprivileged_user, digest_pinned, version_tagged, private_address)
}
"""Predicates on strings for ``check_with``."""

KEYED_CHECKS: dict[str, Callable[[str, str], bool]] = {no_literal_secret.__name__: no_literal_secret}
"""Predicates for ``check_with`` on a map's values, which look at the key too."""

RULES: dict[str, tuple[Callable[[str, object], bool], Argument]] = {
    "within_cidr": (within_cidr, Argument(True, _is_network, "[10.0.0.0/8]")),  # type: ignore[dict-item] # checked at load
    "semver_at_least": (semver_at_least, Argument(False, lambda text: version_key(text) is not None, '"1.2"')),  # type: ignore[dict-item] # checked at load
    "matches_any": (matches_any, Argument(True, bool, "[ghcr.io/acme/*]")),  # type: ignore[dict-item] # checked at load
}
"""Predicates on strings that are rules of their own, with their argument."""
