"""The options of the commands that act, each declared once."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from policyengine.cli.options import Text

Seconds = Optional[float]  # noqa: UP045 - Typer evaluates it
Count = Optional[int]  # noqa: UP045 - Typer evaluates it

Plan = Annotated[Text, typer.Option("--plan", metavar="FILE", help="Write the plan there, for policyengine apply.")]
Apply = Annotated[bool, typer.Option("--apply", help="Do it, after asking.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do nothing, whatever else is said.")]
Retry = Annotated[bool, typer.Option("--retry", help="Try at once, too, what failed before.")]
Unsafe = Annotated[bool, typer.Option("--unsafe-fixes", help="Mend also what may keep a program from working.")]
MaxUnavailable = Annotated[Count, typer.Option(metavar="N", help="How many targets are replaced at once. Default: 1.")]
Soak = Annotated[
    Seconds,
    typer.Option(metavar="SECONDS", help="How long what was replaced is kept, to be rolled back to. Default: 3600."),
]
GateSeconds = Annotated[
    Seconds, typer.Option(metavar="SECONDS", help="How long a replacement may take to be healthy. Default: 60.")
]
Protect = Annotated[
    Optional[list[str]],  # noqa: UP045 - Typer evaluates it
    typer.Option(metavar="NAME", help="Never touch this: a name, a pattern (db-*), or a label (label=NAME=VALUE)."),
]
StateDir = Annotated[
    Text,
    typer.Option(metavar="DIRECTORY", help="Where the journal is kept. Default: $XDG_STATE_HOME/policyengine."),
]
PlanFormat = Annotated[
    str, typer.Option("--format", "-f", metavar="text|json", help="How the plan, and what came of it, is told.")
]
