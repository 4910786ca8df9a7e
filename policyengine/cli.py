"""The command line: declares options, calls a command, prints, exits. What goes wrong is caught in ``main``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Optional, TypeVar

import typer

from policyengine import __version__
from policyengine.errors import UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.model.report import Report
    from policyengine.outputs.select import Target
    from policyengine.policy.policy import Policy

Choice = TypeVar("Choice", bound=str)

app = typer.Typer(
    name="policyengine",
    help="Policies for container configurations, as data: judged in files and on running engines.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Many = Optional[list[str]]  # noqa: UP045 - Typer evaluates it
Policies = Annotated[Many, typer.Option("--policies", "-p", metavar="PATH", help="Policies beside the built-in ones.")]
BuiltIn = Annotated[bool, typer.Option("--built-in/--no-built-in", help="Use the built-in policies.")]
Select = Annotated[
    Many, typer.Option(metavar="NAME", help="Only these: ids, categories, tags, benchmark controls, other tools' ids.")
]
Ignore = Annotated[Many, typer.Option(metavar="NAME", help="Leave these out.")]


@app.command()
def check(
    sources: Annotated[
        Many, typer.Argument(metavar="SOURCE...", help="Files, directories, docker://, or - (stdin).")
    ] = None,
    policies: Policies = None,
    built_in: BuiltIn = True,
    select: Select = None,
    ignore: Ignore = None,
    param: Annotated[Many, typer.Option(metavar="POLICY.NAME=VALUE", help="Set a policy's parameter.")] = None,
    resolve: Annotated[Many, typer.Option(metavar="WHERE", help="Settle unknown facts: engine.")] = None,
    env: Annotated[Many, typer.Option(metavar="NAME=VALUE", help="A variable for interpolation.")] = None,
    exclude: Annotated[Many, typer.Option(metavar="PATTERN", help="Leave out, as .gitignore would.")] = None,
    format_: Annotated[Many, typer.Option("--format", "-f", metavar="NAME[=FILE]", help="Output format.")] = None,
    fail_on: Annotated[str, typer.Option(metavar="SEVERITY", help="The least severity that fails the run.")] = "info",
    unknown: Annotated[str, typer.Option(metavar="fail|warn|ignore", help="What unknown judgements do.")] = "warn",
    require_match: Annotated[bool, typer.Option("--require-match", help="Fail when no policy applied.")] = False,
    all_: Annotated[bool, typer.Option("--all", help="Tell passes too.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Tell what was left out, too.")] = False,
) -> None:
    """Judge files, directories and running containers by policies."""
    from policyengine.commands.check import check as run
    from policyengine.outputs.select import default, parse
    from policyengine.settings import ON_UNKNOWN, SEVERITIES, Settings, assignments, parameters

    targets = parse(format_) if format_ else default(terminal=sys.stdout.isatty())
    settings = Settings(
        policies=tuple(policies or ()),
        built_in=built_in,
        select=_names(select),
        ignore=_names(ignore),
        parameters=parameters(param or ()),
        unknown=_choice(unknown, "--unknown", ON_UNKNOWN),
        fail_on=_choice(fail_on, "--fail-on", SEVERITIES),
        require_match=require_match,
        resolve=_names(resolve),
        env=assignments(env or (), "--env"),
        exclude=tuple(exclude or ()),
        all=all_,
    )
    report = run(sources or ["."], settings)
    _deliver(report, targets, verbose=verbose, all_=all_)
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
    """Run the examples of policies, and test cases, through the real readers and the real engine."""
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
    """Tell everything about a policy: what it demands, why, and how to mend a violation."""
    from policyengine.commands.explain import explain as run
    from policyengine.commands.policies import named

    _print(run(named(policy, _loaded(policies, built_in=built_in))))


@app.command(name="policies")
def policies_(policies: Policies = None, built_in: BuiltIn = True) -> None:
    """List the policies."""
    from policyengine.commands.policies import listing

    _print(listing(_loaded(policies, built_in=built_in)))


@app.command()
def fields(
    kind: Annotated[str, typer.Argument(metavar="[KIND]", help="A kind of resource; all kinds when left out.")] = "",
) -> None:
    """Tell what a policy may say about a kind of resource."""
    from policyengine.commands.fields import fields as run
    from policyengine.commands.fields import kinds_listing

    _print(run(kind) if kind else kinds_listing())


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


def _loaded(policies: Many, *, built_in: bool) -> list[Policy]:
    from policyengine.commands.policies import loaded
    from policyengine.settings import Settings

    found, errors = loaded(Settings(policies=tuple(policies or ()), built_in=built_in))
    if errors:
        raise errors[0]
    return found


def _names(texts: Many) -> tuple[str, ...]:
    """Names from options that may be given several times, or once with commas."""
    return tuple(name.strip() for text in texts or () for name in text.split(",") if name.strip())


def _choice(text: str, option: str, choices: Sequence[Choice]) -> Choice:
    for choice in choices:
        if choice == text:
            return choice
    hint = did_you_mean(text, choices) or f"one of {', '.join(choices)}"
    raise UsageError(f'{option} does not take "{text}"', hint=hint)


def _deliver(report: Report, targets: Sequence[Target], *, verbose: bool, all_: bool) -> None:
    """Render the report once for each target and write it there."""
    import shutil

    from policyengine.outputs import formats
    from policyengine.outputs.deliver import deliver
    from policyengine.outputs.options import RenderOptions

    terminal = sys.stdout.isatty()
    width = shutil.get_terminal_size((100, 24)).columns if terminal else 100
    for target in targets:
        colour = terminal and target.path is None and not os.environ.get("NO_COLOR")
        options = RenderOptions(colour=colour, width=width, verbose=verbose, all=all_)
        deliver(formats()[target.name].render(report, options), target.path)


def _print(text: str) -> None:
    from policyengine.outputs.deliver import deliver

    deliver(text, None)


def main() -> None:
    """Run the command line and exit: the one place where errors end."""
    from policyengine.boundary import run

    sys.exit(run(app))
