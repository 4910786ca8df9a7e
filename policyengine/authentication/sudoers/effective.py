"""What the Defaults lines that are for everybody come to: the last one counts; one that sudo does not take is none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from policyengine.authentication.sudoers import options
from policyengine.authentication.sudoers.build import Build, defaults

if TYPE_CHECKING:
    from policyengine.authentication.sudoers.options import Value
    from policyengine.authentication.sudoers.tokens import Place
    from policyengine.authentication.sudoers.tree import Tree


class Effect(Struct, frozen=True):
    """An option's value, and where it is set; nowhere where it is the default.

    ``number`` is that of the setting since which the option has the value whatever was before it: None where that is
    the default, or where a line adds to it.
    """

    value: Value
    place: Place | None = None
    number: int | None = None


def is_known(effect: Effect, known_from: int) -> bool:
    """Whether an option has its value whatever the files say that could not be read: a later line sets it anew."""
    return effect.number is not None and effect.number >= known_from


def effective(tree: Tree, build: Build) -> dict[str, Effect]:
    """The options by name; one that has no value is not among them."""
    found = {name: Effect(value) for name, value in defaults(build).items()}
    for number, setting in enumerate(tree.settings):
        if setting.scope != "all":
            continue
        before = found[setting.name].value if setting.name in found else None
        try:
            value = options.value(setting, before)
        except ValueError:  # sudo passes over it; checking tells of it
            continue
        adds = setting.operation in ("add", "remove")
        found[setting.name] = Effect(value, setting.place, None if adds else number)
    return {name: effect for name, effect in found.items() if effect.value is not None}
