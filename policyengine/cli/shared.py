"""What the commands of the command line share: settings from options, and what is printed."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from policyengine.cli.options import Many, Text
    from policyengine.policy.policy import Policy
    from policyengine.revisions import Revision
    from policyengine.settings.effective import Effective


def effective_settings(
    flags: dict[str, object],
    config: Text,
    *,
    no_config: bool,
    quiet: bool = False,
    trusted: Revision | None = None,
) -> Effective:
    """The settings from the file, the environment and flags. What is strange about them is told."""
    from policyengine.policy import cache
    from policyengine.settings.effective import effective

    with cache.used(wanted=_wants_cache(flags)):
        found = effective(flags, config=config, no_config=no_config, trusted=trusted)
    tell(() if quiet else found.warnings)
    return found


def _wants_cache(flags: dict[str, object]) -> bool:
    """Whether anything is kept between runs, as far as that is said before the settings file is read."""
    if flags.get("cache") is not None:
        return flags["cache"] is True
    from policyengine.settings.environment import layer

    return layer(os.environ)[0].values.get("cache") is not False


def named(texts: Many) -> tuple[str, ...] | None:
    """Names from options that may be given several times, or once with commas."""
    from policyengine.settings.arguments import names

    return names(texts) if texts else None


@contextmanager
def trusted(ref: Text) -> Iterator[Revision | None]:
    """The revision that settings are taken from: of ``--trust-config-from``, or of its variable.

    One that is empty is wrong, as when a pipeline has no such variable: it must not mean that nothing is trusted.
    """
    if ref is None:
        ref = os.environ.get("POLICYENGINE_TRUST_CONFIG_FROM") or None
    if ref is None:
        yield None
        return
    from policyengine.commands.trusting import config_from

    with config_from(ref) as revision:
        yield revision


def listed(texts: Many) -> tuple[str, ...] | None:
    """The arguments of an option that may be given several times."""
    return tuple(texts) if texts else None


def tell_settings(effective: Effective) -> None:
    """Print settings and where each comes from."""
    from policyengine.commands.config import config
    from policyengine.terminal import table_width

    show(config(effective, table_width()))


def show(text: str) -> None:
    """Print what a command was asked for."""
    from policyengine.outputs.deliver import deliver

    deliver(text, None)


def tell(lines: Iterable[str]) -> None:
    """Print warnings and errors."""
    from policyengine import boundary

    for line in lines:
        boundary.tell(line)


def loaded_policies(effective: Effective, packs: Iterable[str] = ()) -> tuple[list[Policy], int]:
    """The policies that could be loaded, and the exit code: what is wrong with the others was told."""
    from policyengine.boundary import FAILED
    from policyengine.commands.packs import directories
    from policyengine.commands.policies import loaded

    found, errors = loaded(effective.settings, directories(packs))
    tell(f"error: {error}" for error in errors)
    return found, FAILED if errors else 0
