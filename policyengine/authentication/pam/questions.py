"""What a service's stacks come to: who is let in, what is counted, which new passwords are stored.

Each is asked of all ways in which the stack can be walked, whatever modules that depend on the user return.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from policyengine.authentication.pam.behaviour import (
    ANYTHING,
    COUNTERS,
    DIRECTORIES,
    HISTORIES,
    JUDGES,
    ROOT,
    SECRETS,
    STORES,
    WRONG,
    always,
    counting,
    is_stranger,
)
from policyengine.authentication.pam.running import runs
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from policyengine.authentication.pam.entries import Entry, Stack
    from policyengine.authentication.pam.running import Run

GOOD = ("success", "new_authtok_reqd")
"""What a service takes for yes; the second asks for a new password first."""

Wanted = Literal["judged", "remembered"]
CHECKS: dict[Wanted, frozenset[str]] = {"judged": JUDGES, "remembered": HISTORIES}
"""Modules that refuse new passwords, by what they do."""


def takes_passwords(stack: Stack) -> bool:
    """Whether a password of this host is asked for."""
    return any(entry.name in STORES for entry in stack)


def accepts(stack: Stack) -> bool | Unknown:
    """Whether somebody can get in who knows all that is asked: a user of this host, where its passwords will do."""
    return _lets_in(_runs(stack, _local if takes_passwords(stack) else _knowing))


def accepts_anybody(stack: Stack) -> bool | Unknown:
    """Whether somebody can get in who is not root and knows nothing: all modules that ask for a secret refuse.

    Unknown where it hangs on a module of which it is not known whether it asks for one.
    """
    surely = _lets_in(_runs(stack, lambda entry: WRONG if is_stranger(entry) else _ignorant(entry)))
    strangers = sorted({entry.name for entry in stack if is_stranger(entry)})
    if surely is not False or not strangers:
        return surely
    perhaps = _lets_in(_runs(stack, _ignorant))
    why = f"it is not known whether {', '.join(strangers)} asks for a secret"
    return Unknown("pam.module", why) if perhaps is True else perhaps


def _lets_in(found: set[Run] | Unknown) -> bool | Unknown:
    return found if isinstance(found, Unknown) else any(run.result in GOOD for run in found)


def _knowing(entry: Entry) -> tuple[str, ...]:
    if entry.name in STORES:
        return ("success",)
    if entry.name in SECRETS:
        return ("success", *WRONG)
    return counting(entry) if entry.name in COUNTERS else always(entry)


def _local(entry: Entry) -> tuple[str, ...]:
    return WRONG if entry.name in DIRECTORIES else _knowing(entry)


def _ignorant(entry: Entry) -> tuple[str, ...]:
    """Wrong secrets. A module that asks who somebody is counts as one that does not know, for it may be anybody."""
    if entry.name in STORES:
        return ("auth_err",)
    if entry.name in SECRETS:
        return WRONG
    if entry.name in COUNTERS:
        return counting(entry)
    return ("auth_err",) if entry.name in ROOT else always(entry)


def counts_wrong(stack: Stack) -> bool | Unknown:
    """Whether each wrong password is counted, and an account that has too many is refused beforehand.

    pam_faillock wants ``preauth`` before the password is asked for, and ``authfail`` after a wrong one; pam_tally2
    counts each attempt, so that it must come before.
    """
    asks = _positions(stack, lambda entry: entry.name in STORES)
    before = _positions(stack, _refuses)
    after = _positions(stack, _counts)
    found = _runs(stack, _ignorant, asks | before | after)
    return found if isinstance(found, Unknown) else all(_is_counted(run, asks, before, after) for run in found)


def _is_counted(run: Run, asks: frozenset[int], before: frozenset[int], after: frozenset[int]) -> bool:
    asked, refused, counted = run.visited & asks, run.visited & before, run.visited & after
    if not asked:
        return True
    return bool(refused and min(refused) < min(asked) and counted)


def _refuses(entry: Entry) -> bool:
    """Whether it refuses who is locked: only where that is heeded."""
    does = entry.name != "pam_faillock" or "preauth" in entry.arguments
    return entry.name in COUNTERS and does and entry.actions.get("auth_err") in ("bad", "die")


def _counts(entry: Entry) -> bool:
    return entry.name in COUNTERS and (entry.name != "pam_faillock" or "authfail" in entry.arguments)


def forgets(auth: Stack, account: Stack) -> bool:
    """Whether the count starts anew when somebody gets in: by the account's stack, or by ``authsucc``."""
    return any(entry.name in COUNTERS for entry in account) or any("authsucc" in entry.arguments for entry in auth)


def needs_wheel(stack: Stack) -> bool | Unknown:
    """Whether somebody is refused who is no member of the group that pam_wheel asks for, and knows all that is asked.

    A line of it that lets members in without a password (``trust``), or refuses them (``deny``), asks for nothing.
    """
    asking = _positions(stack, _asks_for_wheel)
    if not asking:
        return False
    found = _runs(stack, lambda entry: ("perm_denied",) if _asks_for_wheel(entry) else _by_password(entry))
    return found if isinstance(found, Unknown) else not any(run.result in GOOD for run in found)


def _asks_for_wheel(entry: Entry) -> bool:
    return entry.name == "pam_wheel" and not {"trust", "deny"} & set(entry.arguments)


def _by_password(entry: Entry) -> tuple[str, ...]:
    return ("auth_err",) if entry.name in ROOT else _local(entry)


def stores(stack: Stack) -> bool:
    """Whether new passwords are stored on this host."""
    return any(entry.name in STORES for entry in stack)


def changes(stack: Stack) -> bool | Unknown:
    """Whether a user of this host can change his password, who does all that is asked for."""
    return _lets_in(_runs(stack, _changing(frozenset())))


def refuses_new(stack: Stack, wanted: Wanted) -> bool | Unknown:
    """Whether a new password that the modules of ``wanted`` refuse is not stored, and each is shown to one.

    A module that stores after the refusal is no harm where it uses what was asked for before (``use_authtok``), for
    that is gone then.
    """
    checks = CHECKS[wanted]
    shown = _positions(stack, lambda entry: entry.name in checks)
    kept = _positions(stack, lambda entry: entry.name in STORES)
    anew = frozenset(at for at in kept if "use_authtok" not in stack[at].arguments)
    refused = _runs(stack, _changing(checks), shown | anew)
    taken = _runs(stack, _changing(frozenset()), shown | kept)
    if isinstance(refused, Unknown):
        return refused
    if isinstance(taken, Unknown):
        return taken
    is_shown = all(_is_shown(run.visited & kept, run.visited & shown) for run in taken)
    return is_shown and not any(_is_stored(run.visited & anew, run.visited & shown) for run in refused)


def _is_shown(kept: frozenset[int], shown: frozenset[int]) -> bool:
    return not kept or bool(shown and min(shown) < min(kept))


def _is_stored(anew: frozenset[int], shown: frozenset[int]) -> bool:
    """Whether a password is asked for again and stored, after one was refused; or before."""
    return bool(anew and (not shown or max(anew) > min(shown)))


def _changing(refusing: frozenset[str]) -> Callable[[Entry], Collection[str]]:
    def returns(entry: Entry) -> Collection[str]:
        if entry.name in refusing:
            return ("authtok_err", "maxtries")
        if entry.name in JUDGES | HISTORIES or entry.name in STORES:
            return ("success",)
        return _local(entry) if entry.name in SECRETS else always(entry)

    return returns


def asks_again(stack: Stack, at: int) -> bool:
    """Whether the module at a position asks for a new password though one before it has: it has no ``use_authtok``."""
    if stack[at].task != "password":
        return False
    asking = JUDGES | HISTORIES | STORES
    earlier = any(entry.name in asking for entry in stack[:at])
    return earlier and "use_authtok" not in stack[at].arguments


def _positions(stack: Stack, holds: Callable[[Entry], bool]) -> frozenset[int]:
    return frozenset(at for at, entry in enumerate(stack) if entry.kind == "module" and holds(entry))


def _runs(
    stack: Stack, returns: Callable[[Entry], Collection[str]], marks: frozenset[int] = frozenset()
) -> set[Run] | Unknown:
    """All ways through a stack; pam_succeed_if and the like may return anything, but what their kind never does."""
    return runs(stack, lambda entry: returns(entry) or ANYTHING, marks)
