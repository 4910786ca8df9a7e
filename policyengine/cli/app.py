"""The application that the commands of the command line are of."""

# No annotations from __future__: Typer would compile the text of each, at every start.

from typing import Annotated

import typer

from policyengine import __version__
from policyengine.cli.shared import show

app = typer.Typer(
    name="policyengine",
    help="Policies for container configurations, as data: judged in files and on running engines.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        show(f"policyengine {__version__}\n")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Policies for container configurations, as data: judged in files and on running engines."""
