"""Whether a Match line holds wherever others do: the first value counts, so what it sets overrules theirs.

Only what can be proved by what is written counts: the same criterion, a list of names without patterns that another
list matches each of, and networks that lie within others. Everything else is taken not to be so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.authentication.sshd.patterns import in_list, network_in_list
from policyengine.authentication.sshd.words import lower

if TYPE_CHECKING:
    from collections.abc import Sequence

Criterion = tuple[str, str]
"""A criterion's name, in small letters, and its argument as it is written."""


def implied(met: Sequence[Criterion], wanted: Sequence[Criterion]) -> bool:
    """Whether every connection that meets some criteria meets the wanted ones, too."""
    return all(any(_implies(one, other) for one in met) for other in wanted)


def _implies(this: Criterion, that: Criterion) -> bool:
    """Whether whoever meets a criterion meets another one."""
    name, argument = this
    if name != that[0]:
        return False
    if argument == that[1]:
        return True
    narrower, wider = argument.split(","), that[1].split(",")
    if not all(narrower) or any(one.startswith("!") for one in narrower):
        return False
    if name in ("address", "localaddress"):
        return not _negates(wider) and all(network_in_list(one, wider) for one in narrower)
    if name == "group" and _negates(wider):
        return False  # who is in one group may be in another as well, which is refused
    if name not in _NAMES or any("*" in one or "?" in one for one in narrower):
        return False
    small = name == "host"
    return all(in_list(lower(one) if small else one, that[1], small=small) == 1 for one in narrower)


def _negates(listed: list[str]) -> bool:
    return any(one.startswith("!") for one in listed)


_NAMES = frozenset({"user", "group", "host", "rdomain"})
