"""The commands that tell of policies, and test them."""

# No annotations from __future__: Typer would compile the text of each, at every start.

from typing import Annotated

import typer

from policyengine.cli.app import app
from policyengine.cli.flags import flags
from policyengine.cli.options import BuiltIn, Config, Many, NoConfig, Policies, Text
from policyengine.cli.shared import effective_settings, loaded_policies, named, show
from policyengine.commands import completion as complete


@app.command()
def test(
    paths: Annotated[
        Many,
        typer.Argument(
            metavar="[PATH...]", help="Policies, or test cases: directories with expected.yaml. Default: all policies."
        ),
    ] = None,
    config: Config = None,
    no_config: NoConfig = False,
    policies: Policies = None,
    built_in: BuiltIn = None,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Show constraints that no failing example reaches.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what passed, too.")] = False,
) -> None:
    """Run the examples of policies, and test cases."""
    from policyengine.commands.test import render
    from policyengine.commands.test import test as run

    effective = effective_settings(flags({"policies": policies, "built_in": built_in}), config, no_config=no_config)
    report = run(paths or (), effective.settings, coverage=coverage)
    show(render(report, verbose=verbose))
    raise typer.Exit(report.exit_code)


@app.command()
def explain(
    policy: Annotated[
        str,
        typer.Argument(
            metavar="POLICY", help="A policy's id, or a check of another tool.", autocompletion=complete.policies
        ),
    ],
    config: Config = None,
    no_config: NoConfig = False,
    policies: Policies = None,
    built_in: BuiltIn = None,
) -> None:
    """Show what a policy demands, why, and how to mend violations."""
    from policyengine.commands.explain import explain as run
    from policyengine.commands.packs import packs_of
    from policyengine.commands.policies import named
    from policyengine.terminal import colour, width

    effective = effective_settings(flags({"policies": policies, "built_in": built_in}), config, no_config=no_config)
    found, code = loaded_policies(effective)
    meant = named(policy, found)
    packs = packs_of(found)[meant.id]
    show(run(meant, width(), packs, colour=colour(effective.color)))
    raise typer.Exit(code)


@app.command(name="policies")
def policies_(
    config: Config = None,
    no_config: NoConfig = False,
    policies: Policies = None,
    built_in: BuiltIn = None,
    pack: Annotated[
        Many, typer.Option(metavar="NAME|DIRECTORY", help="Only those of a pack.", autocompletion=complete.packs)
    ] = None,
    format_: Annotated[
        Text,
        typer.Option(
            "--format",
            "-f",
            metavar="NAME",
            help="table, markdown (a page with inputs, packs and controls), or json. Default: table.",
            autocompletion=complete.listings,
        ),
    ] = None,
) -> None:
    """List the policies."""
    from policyengine.commands.packs import of_packs, packs_of
    from policyengine.commands.policies import listing
    from policyengine.terminal import table_width

    effective = effective_settings(flags({"policies": policies, "built_in": built_in}), config, no_config=no_config)
    packs = named(pack) or ()
    found, code = loaded_policies(effective, packs)
    chosen = of_packs(found, packs) if packs else found
    show(listing(chosen, format_ or "table", table_width(), packs_of(found, packs)))
    raise typer.Exit(code)


@app.command()
def packs(
    config: Config = None,
    no_config: NoConfig = False,
    pack: Annotated[Many, typer.Option(metavar="DIRECTORY", help="A pack of your own, to be listed as well.")] = None,
) -> None:
    """List the packs: sets of policies to judge by."""
    from policyengine.commands.packs import packs as run
    from policyengine.terminal import table_width

    effective = effective_settings({}, config, no_config=no_config)
    show(run(effective.settings, named(pack) or (), table_width()))


@app.command()
def fields(
    kind: Annotated[
        str,
        typer.Argument(
            metavar="[KIND]", help="A kind of resource. Default: list the kinds.", autocompletion=complete.kinds
        ),
    ] = "",
) -> None:
    """List what policies can say about a kind of resource."""
    from policyengine.commands.fields import fields as run
    from policyengine.commands.fields import kinds_listing
    from policyengine.terminal import table_width

    show(run(kind, table_width()) if kind else kinds_listing(table_width()))
