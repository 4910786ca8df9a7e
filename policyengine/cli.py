"""The command line: declares options, calls a command, prints, exits. What goes wrong is caught in ``main``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from policyengine import __version__
from policyengine.outputs import formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.model.report import Report
    from policyengine.outputs.select import Target
    from policyengine.policy.policy import Policy

app = typer.Typer(
    name="policyengine",
    help="Policies for container configurations, as data: judged in files and on running engines.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Many = Optional[list[str]]  # noqa: UP045 - Typer evaluates it

Sources = Annotated[
    Many,
    typer.Argument(metavar="SOURCE...", help="Files, directories, docker://, or - (stdin). Default: this directory."),
]
Policies = Annotated[
    Many, typer.Option("--policies", "-p", metavar="PATH", help="A policy file or directory, beside the built-in ones.")
]
BuiltIn = Annotated[bool, typer.Option("--built-in/--no-built-in", help="Use the built-in policies.")]
Select = Annotated[
    Many, typer.Option(metavar="NAME", help="Judge by these: ids, categories, tags, controls, other tools' ids.")
]
Ignore = Annotated[Many, typer.Option(metavar="NAME", help="Leave these policies out.")]
Param = Annotated[Many, typer.Option(metavar="POLICY.NAME=VALUE", help="Set a policy's parameter.")]
Resolve = Annotated[Many, typer.Option(metavar="WHERE", help="Ask here for facts that files leave open: engine.")]
Env = Annotated[
    Many, typer.Option(metavar="NAME=VALUE", help="A variable for Compose files; the environment's are not used.")
]
Exclude = Annotated[Many, typer.Option(metavar="PATTERN", help="Leave out when walking, as .gitignore would.")]
Format = Annotated[
    Many,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME[=FILE]",
        help=f"{', '.join(formats())}. Default: full on a terminal, else text.",
    ),
]
FailOn = Annotated[
    str, typer.Option(metavar="critical|high|medium|low|info", help="The least severity that fails the run.")
]
OnUnknown = Annotated[str, typer.Option(metavar="fail|warn|ignore", help="What judgements that lack a fact do.")]
RequireMatch = Annotated[bool, typer.Option("--require-match", help="Fail when no policy applied to anything.")]
All = Annotated[bool, typer.Option("--all", help="Tell passes, too.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Tell what was left out; full tells the controls, too.")]


@app.command()
def check(
    sources: Sources = None,
    policies: Policies = None,
    built_in: BuiltIn = True,
    select: Select = None,
    ignore: Ignore = None,
    param: Param = None,
    resolve: Resolve = None,
    env: Env = None,
    exclude: Exclude = None,
    format_: Format = None,
    fail_on: FailOn = "info",
    unknown: OnUnknown = "warn",
    require_match: RequireMatch = False,
    all_: All = False,
    verbose: Verbose = False,
) -> None:
    """Judge files, directories and running containers."""
    from policyengine.commands.check import advice
    from policyengine.commands.check import check as run
    from policyengine.outputs.select import default, parse
    from policyengine.settings import Settings, assignments, parameters
    from policyengine.terminal import is_terminal

    targets = parse(format_) if format_ else default(terminal=is_terminal())
    settings = Settings(
        policies=tuple(policies or ()),
        built_in=built_in,
        select=_names(select),
        ignore=_names(ignore),
        parameters=parameters(param or ()),
        unknown=unknown,  # type: ignore[arg-type] # Settings checks it
        fail_on=fail_on,  # type: ignore[arg-type] # Settings checks it
        require_match=require_match,
        resolve=_names(resolve),
        env=assignments(env or ()),
        exclude=tuple(exclude or ()),
        all=all_,
    )
    report = run(sources or ["."], settings)
    _deliver(report, targets, verbose=verbose, all_=all_)
    _tell(advice(report, sources or ["."]))
    raise typer.Exit(report.exit_code)


@app.command()
def test(
    paths: Annotated[
        Many, typer.Argument(metavar="[PATH...]", help="Policies, or directories with expected.yaml.")
    ] = None,
    policies: Policies = None,
    built_in: BuiltIn = True,
    coverage: Annotated[
        bool, typer.Option("--coverage", help="Tell constraints that no failing example reaches.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell what passed, too.")] = False,
) -> None:
    """Run the examples of policies, and test cases."""
    from policyengine.commands.test import render
    from policyengine.commands.test import test as run
    from policyengine.settings import Settings

    report = run(paths or (), Settings(policies=tuple(policies or ()), built_in=built_in), coverage=coverage)
    _print(render(report, verbose=verbose))
    raise typer.Exit(report.exit_code)


@app.command()
def explain(
    policy: Annotated[str, typer.Argument(metavar="ID", help="A policy's id or alias.")],
    policies: Policies = None,
    built_in: BuiltIn = True,
) -> None:
    """Tell what a policy demands, why, and how to mend it."""
    from policyengine.commands.explain import explain as run
    from policyengine.commands.policies import named
    from policyengine.terminal import width

    found, code = _loaded(policies, built_in=built_in)
    _print(run(named(policy, found), width()))
    raise typer.Exit(code)


@app.command(name="policies")
def policies_(policies: Policies = None, built_in: BuiltIn = True) -> None:
    """List the policies."""
    from policyengine.commands.policies import listing
    from policyengine.terminal import table_width

    found, code = _loaded(policies, built_in=built_in)
    _print(listing(found, table_width()))
    raise typer.Exit(code)


@app.command()
def fields(
    kind: Annotated[str, typer.Argument(metavar="[KIND]", help="A kind of resource; all kinds when left out.")] = "",
) -> None:
    """Tell what a policy may say about a kind of resource."""
    from policyengine.commands.fields import fields as run
    from policyengine.commands.fields import kinds_listing
    from policyengine.terminal import table_width

    _print(run(kind, table_width()) if kind else kinds_listing(table_width()))


def _version(wanted: bool) -> None:
    if wanted:
        _print(f"policyengine {__version__}\n")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Policies for container configurations, as data: judged in files and on running engines."""


def _names(texts: Many) -> tuple[str, ...]:
    """Names from options that may be given several times, or once with commas."""
    return tuple(name.strip() for text in texts or () for name in text.split(",") if name.strip())


def _deliver(report: Report, targets: Sequence[Target], *, verbose: bool, all_: bool) -> None:
    """Render the report once for each target and write it there."""
    from policyengine.outputs.deliver import deliver
    from policyengine.outputs.options import RenderOptions
    from policyengine.terminal import colour, width

    for target in targets:
        options = RenderOptions(colour=target.path is None and colour(), width=width(), verbose=verbose, all=all_)
        deliver(formats()[target.name].render(report, options), target.path)


def _print(text: str) -> None:
    from policyengine.outputs.deliver import deliver

    deliver(text, None)


def _tell(lines: Iterable[str]) -> None:
    from policyengine.boundary import tell

    for line in lines:
        tell(line)


def _loaded(policies: Many, *, built_in: bool) -> tuple[list[Policy], int]:
    """The policies that could be loaded, and the exit code: what is wrong with the others was told."""
    from policyengine.boundary import FAILED
    from policyengine.commands.policies import loaded
    from policyengine.settings import Settings

    found, errors = loaded(Settings(policies=tuple(policies or ()), built_in=built_in))
    _tell(f"error: {error}" for error in errors)
    return found, FAILED if errors else 0


def main() -> None:
    """Run the command line and exit: the one place where errors end."""
    from policyengine.boundary import run

    sys.exit(run(app))
