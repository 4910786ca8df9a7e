"""The command line: declares options, calls a command, prints, exits. What goes wrong is caught in ``main``."""

from __future__ import annotations

import gc
import os
import sys
from importlib import import_module
from typing import TYPE_CHECKING

from policyengine.cli.app import app

if TYPE_CHECKING:
    import typer

MODULES = ("baseline", "check", "firewall", "policies", "remediate", "watch", "settings")
"""The modules that have commands, in the order in which help lists these."""

ALONE = ("baseline", "check", "firewall", "remediate", "watch")
"""The modules that are called as a command of theirs: they suffice for it."""


def main() -> None:
    """Run the command line and exit: the one place where errors end."""
    from policyengine.boundary import run

    if "_POLICYENGINE_COMPLETE" in os.environ:
        # With rich at hand Typer lays out the help of what it offers: slowly, and with line ends in it.
        sys.modules["rich"] = None  # type: ignore[assignment] # how Python is told that there is none
    # A run makes many objects and few cycles; it need not look for those every 700 objects.
    gc.set_threshold(100_000, 20, 100)
    sys.exit(run(application(*sys.argv[1:2])))


def application(first: str = "") -> typer.Typer:
    """The application with all its commands; where the ``first`` argument is one of ALONE, with those of that.

    Typer works out at every start what each command takes that it knows.
    """
    for name in (first,) if first in ALONE else MODULES:
        import_module(f"{__name__}.{name}")
    return app
