"""``policyengine baseline create``, ``update`` and ``show``."""

# No annotations from __future__: Typer would compile the text of each, at every start.

from typing import TYPE_CHECKING, Annotated

import typer

from policyengine.cli.app import app
from policyengine.cli.flags import flags
from policyengine.cli.options import (
    Baseline,
    BuiltIn,
    Cache,
    Config,
    Env,
    Exclude,
    Ignore,
    Jobs,
    NoConfig,
    OnUnknown,
    Pack,
    Param,
    Policies,
    Resolve,
    Select,
    Sources,
    Waivers,
)
from policyengine.cli.shared import effective_settings, show, tell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.commands.baseline import Update

group = typer.Typer(help="Begin from what there is: what a baseline holds blocks no more.", no_args_is_help=True)
app.add_typer(group, name="baseline")


@group.command()
def create(
    sources: Sources = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a baseline that is there.")] = False,
    baseline: Baseline = None,
    waivers: Waivers = None,
    config: Config = None,
    no_config: NoConfig = False,
    policies: Policies = None,
    built_in: BuiltIn = None,
    pack: Pack = None,
    select: Select = None,
    ignore: Ignore = None,
    param: Param = None,
    resolve: Resolve = None,
    unknown: OnUnknown = None,
    env: Env = None,
    exclude: Exclude = None,
    jobs: Jobs = None,
    cache: Cache = None,
) -> None:
    """Write a baseline of all that is found now."""
    from policyengine.commands.baseline import create as run

    effective = effective_settings(flags(locals()), config, no_config=no_config)
    checked = effective.sources or (".",)
    _end(run(checked, effective.settings, force=force), checked)


@group.command()
def update(
    sources: Sources = None,
    add: Annotated[bool, typer.Option("--add", help="Take in what is new.")] = False,
    baseline: Baseline = None,
    waivers: Waivers = None,
    config: Config = None,
    no_config: NoConfig = False,
    policies: Policies = None,
    built_in: BuiltIn = None,
    pack: Pack = None,
    select: Select = None,
    ignore: Ignore = None,
    param: Param = None,
    resolve: Resolve = None,
    unknown: OnUnknown = None,
    env: Env = None,
    exclude: Exclude = None,
    jobs: Jobs = None,
    cache: Cache = None,
) -> None:
    """Take out what is found no more, and follow what moved.

    What is new blocks still, unless --add takes it in.
    """
    from policyengine.commands.baseline import update as run

    effective = effective_settings(flags(locals()), config, no_config=no_config)
    checked = effective.sources or (".",)
    _end(run(checked, effective.settings, add=add), checked)


@group.command(name="show")
def show_(baseline: Baseline = None, config: Config = None, no_config: NoConfig = False) -> None:
    """List what the baseline holds."""
    from policyengine.commands.baseline import show as run
    from policyengine.terminal import table_width

    effective = effective_settings({"baseline": baseline}, config, no_config=no_config)
    show(run(effective.settings, table_width()))


def _end(done: "Update", sources: "Sequence[str]") -> None:
    from policyengine.boundary import FAILED
    from policyengine.commands.baseline import told
    from policyengine.commands.check import nothing_found
    from policyengine.outputs.notes import placed

    show(told(done))
    for problem in done.problems:
        tell([f"error: {placed(problem)}"])
    if not done.inputs and not done.problems:
        tell([nothing_found(sources)])
    raise typer.Exit(FAILED if done.problems else 0)
