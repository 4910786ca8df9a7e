"""Which options a later line may change, and which have their first value."""

from __future__ import annotations

from policyengine.authentication.files import Given
from policyengine.authentication.sshd.build import Build
from policyengine.authentication.sshd.effective import CONFIG, Configuration, read
from policyengine.authentication.sshd.identity import NOBODY
from policyengine.authentication.sshd.keywords import Keyword, keywords
from policyengine.authentication.sshd.options import ADDING, AGAIN
from tests.authentication.sshd.random_configurations import FLAGS, LISTS, NAMES, PATHS, TIMES, VALUES

MORE = {**VALUES, **LISTS, **NAMES, "hostcertificate": PATHS, "hostkey": ("/a", "/b")}

USERS = "AuthorizedKeysCommandUser nobody\nAuthorizedPrincipalsCommandUser nobody\n"
"""Without whom sshd takes no commands."""


def values_of(keyword: Keyword, lines: list[str]) -> tuple[str, ...] | None:
    """What lines of an option come to; None where sshd refuses them."""
    text = "".join(f"{keyword.spelling} {line}\n" for line in lines)
    found = read(Given({CONFIG: text + USERS}))
    options = found.of(NOBODY) if isinstance(found, Configuration) else None
    return options[keyword.option].values if isinstance(options, dict) and keyword.option in options else None


def changed(keyword: Keyword) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """What an option is after one line and after two, where a second line makes a difference."""
    choices = MORE.get(keyword.option, (*FLAGS, *TIMES, *PATHS[:1]))
    pairs = [(one, other) for one in choices[:6] for other in choices[:6] if one != other]
    found = [(values_of(keyword, [one]), values_of(keyword, [one, other])) for one, other in pairs]
    return [(one, both) for one, both in found if one is not None and both is not None and one != both]


def test_all_that_a_later_line_changes_is_known() -> None:
    options = {one.option: one for one in keywords(Build()).values() if one.standing == "in use"}
    later = {name: found for name, one in options.items() if (found := changed(one))}
    assert set(later) == AGAIN
    adding = {name for name, found in later.items() if all(both[: len(one)] == one for one, both in found)}
    assert adding - {"listenaddress", "port", "subsystem"} == ADDING
