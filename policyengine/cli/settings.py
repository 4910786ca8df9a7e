"""The commands that write settings, show them, and tell editors what they and other files may say."""

# No annotations from __future__: Typer would compile the text of each, at every start.

from typing import Annotated

import typer

from policyengine.cli.app import app
from policyengine.cli.flags import flags
from policyengine.cli.options import BuiltIn, Config, NoConfig, Policies
from policyengine.cli.shared import effective_settings, loaded_policies, show, tell_settings
from policyengine.commands import completion as complete


@app.command()
def init(
    force: Annotated[bool, typer.Option("--force", help="Overwrite a file that is there.")] = False,
    stdout: Annotated[bool, typer.Option("--stdout", help="Print the settings instead of writing a file.")] = False,
) -> None:
    """Write a settings file to begin with: policyengine.yaml."""
    from pathlib import Path

    from policyengine.commands.init import init as run
    from policyengine.commands.init import next_steps, seen, settings_text

    if stdout:
        show(settings_text(seen(Path.cwd())))
    else:
        show(next_steps(run(Path.cwd(), force=force)))


@app.command()
def config(config: Config = None, no_config: NoConfig = False) -> None:
    """Show the settings that apply here, and where each comes from."""
    tell_settings(effective_settings({}, config, no_config=no_config))


@app.command()
def schema(
    document: Annotated[
        str,
        typer.Argument(
            metavar="|".join(complete.DOCUMENTS),
            help="The kind of file that it describes.",
            autocompletion=complete.documents,
        ),
    ],
    config: Config = None,
    no_config: NoConfig = False,
    policies: Policies = None,
    built_in: BuiltIn = None,
) -> None:
    """Print the JSON Schema of a file that you write, for editors."""
    from policyengine.commands.schema import schema as run

    found, code = loaded_policies(
        effective_settings(flags({"policies": policies, "built_in": built_in}), config, no_config=no_config)
    )
    show(run(document, found))
    raise typer.Exit(code)
