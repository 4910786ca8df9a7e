"""The command line: declares options, calls a command, prints, exits. What goes wrong is caught in ``main``."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from policyengine import __version__
from policyengine.commands import completion as complete
from policyengine.outputs import formats

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from policyengine.model.report import Report
    from policyengine.outputs.options import RenderOptions
    from policyengine.outputs.select import Target
    from policyengine.policy.policy import Policy
    from policyengine.settings.effective import Effective

app = typer.Typer(
    name="policyengine",
    help="Policies for container configurations, as data: judged in files and on running engines.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Many = Optional[list[str]]  # noqa: UP045 - Typer evaluates it
Text = Optional[str]  # noqa: UP045 - Typer evaluates it
Switch = Optional[bool]  # noqa: UP045 - Typer evaluates it
Number = Optional[int]  # noqa: UP045 - Typer evaluates it

Sources = Annotated[
    Many,
    typer.Argument(
        metavar="SOURCE...",
        help="Files, directories, several files that are one Compose project (compose.yaml:compose.prod.yaml), engines "
        "(docker://, docker://CONTEXT), or - (standard input). Default: this directory.",
    ),
]
Config = Annotated[
    Text,
    typer.Option(
        metavar="FILE",
        help="The settings file. Default: policyengine.yaml or [tool.policyengine] in pyproject.toml, here or above.",
    ),
]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Read no settings file.")]
Policies = Annotated[
    Many,
    typer.Option(
        "--policies", "-p", metavar="PATH", help="Policies of your own: a file or directory, beside the built-in ones."
    ),
]
BuiltIn = Annotated[Switch, typer.Option("--built-in/--no-built-in", help="Judge by built-in policies. Default: yes.")]
Pack = Annotated[
    Many,
    typer.Option(
        metavar="NAME[@RELEASE]|DIRECTORY",
        help="Judge by a pack of policies: default, strict, cis-docker@1.7.0, or a directory with pack.yaml; "
        "policyengine packs lists them. Default: default.",
        autocompletion=complete.packs,
    ),
]
Select = Annotated[
    Many,
    typer.Option(
        metavar="NAME",
        help="Judge by these only: ids, categories, tags, controls, other tools' ids. Without --pack, of all policies.",
        autocompletion=complete.names,
    ),
]
Ignore = Annotated[Many, typer.Option(metavar="NAME", help="Do not judge by these.", autocompletion=complete.names)]
Warn = Annotated[
    Many,
    typer.Option(metavar="NAME", help="Show violations of these, but do not fail.", autocompletion=complete.names),
]
Param = Annotated[Many, typer.Option(metavar="POLICY.NAME=VALUE", help="Set a policy's parameter.")]
Resolve = Annotated[
    Many,
    typer.Option(
        metavar="WHERE",
        help="Where to ask for facts that files leave open: engine, the local container engine.",
        autocompletion=complete.enrichments,
    ),
]
Env = Annotated[
    Many, typer.Option(metavar="NAME=VALUE", help="A variable for Compose files. The environment's own are not used.")
]
Exclude = Annotated[Many, typer.Option(metavar="PATTERN", help="Leave out of directories, as .gitignore would.")]
Format = Annotated[
    Many,
    typer.Option(
        "--format",
        "-f",
        metavar="NAME[=FILE]",
        help=f"{', '.join(formats())}. Default: full on a terminal, else text.",
        autocompletion=complete.formats,
    ),
]
FailOn = Annotated[
    Text,
    typer.Option(
        metavar="critical|high|medium|low|info",
        help="The least severity that fails the run. Default: info.",
        autocompletion=complete.severities,
    ),
]
OnUnknown = Annotated[
    Text,
    typer.Option(
        metavar="fail|warn|ignore",
        help="What a judgement that lacks a fact does: fail the run, be shown, or be left out. Default: warn.",
        autocompletion=complete.ways_with_unknowns,
    ),
]
RequireMatch = Annotated[
    Switch,
    typer.Option("--require-match/--no-require-match", help="Fail when no policy applied to anything. Default: no."),
]
All = Annotated[bool, typer.Option("--all", help="Show passes, too.")]
Jobs = Annotated[
    Number,
    typer.Option("--jobs", "-j", metavar="N", help="How many processes. Default: 0, as many as are worth it."),
]
Cache = Annotated[Switch, typer.Option("--cache/--no-cache", help="Use the results of earlier runs. Default: yes.")]
Progress = Annotated[
    Switch, typer.Option("--progress/--no-progress", help="Show how far the run is. Default: on a terminal.")
]
Color = Annotated[
    Text,
    typer.Option(
        metavar="auto|always|never",
        help="When to use colours. NO_COLOR and FORCE_COLOR count, too. Default: auto.",
        autocompletion=complete.colors,
    ),
]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Show what was left out and, in full, the controls.")]
Quiet = Annotated[
    int,
    typer.Option(
        "--quiet",
        "-q",
        count=True,
        show_default=False,
        help="Leave out summary and advice; -qq: all but errors and reports in files.",
    ),
]
ShowSettings = Annotated[
    bool, typer.Option("--show-settings", help="Show the settings of this run instead of running.")
]


@app.command()
def check(
    sources: Sources = None,
    config: Config = None,
    no_config: NoConfig = False,
    policies: Policies = None,
    built_in: BuiltIn = None,
    pack: Pack = None,
    select: Select = None,
    ignore: Ignore = None,
    warn: Warn = None,
    param: Param = None,
    resolve: Resolve = None,
    env: Env = None,
    exclude: Exclude = None,
    format_: Format = None,
    fail_on: FailOn = None,
    unknown: OnUnknown = None,
    require_match: RequireMatch = None,
    all_: All = False,
    jobs: Jobs = None,
    cache: Cache = None,
    progress: Progress = None,
    color: Color = None,
    verbose: Verbose = False,
    quiet: Quiet = 0,
    show_settings: ShowSettings = False,
) -> None:
    """Judge files, directories and running containers."""
    from policyengine.settings import assignments, parameters

    flags = {
        **_policy_flags(policies, built_in, pack, select),
        "sources": _listed(sources),
        "ignore": _names(ignore),
        "enforcement": _warnings(warn),
        "parameters": parameters(param) if param else None,
        "resolve": _names(resolve),
        "env": assignments(env) if env else None,
        "exclude": _listed(exclude),
        "format": _listed(format_),
        "fail_on": fail_on,
        "unknown": unknown,
        "require_match": require_match,
        "all": all_ or None,
        "jobs": jobs,
        "cache": cache,
        "progress": _progress(progress, quiet),
        "color": color,
    }
    effective = _effective(flags, config, no_config=no_config, quiet=quiet > 0)
    if show_settings:
        _show(effective)
    else:
        _check(effective, verbose=verbose, all_=all_, quiet=quiet)


def _check(effective: Effective, *, verbose: bool, all_: bool, quiet: int) -> None:
    from policyengine.commands.check import advice
    from policyengine.commands.check import check as run
    from policyengine.errors import UsageError
    from policyengine.outputs import shows_lines
    from policyengine.outputs.options import RenderOptions
    from policyengine.terminal import width

    if verbose and quiet:
        raise UsageError("--verbose and --quiet contradict each other", hint="give one of them")
    targets = _targets(effective)
    sources = effective.sources or (".",)
    report = run(sources, effective.settings, excerpts=any(shows_lines(target.name) for target in targets))
    options = RenderOptions(width=width(), verbose=verbose, all=all_, quiet=quiet > 0)
    _deliver(report, [target for target in targets if quiet < 2 or target.path], options, effective.color)
    told = advice(report, sources)
    _tell(line for line in told if not quiet or not line.startswith("warning"))
    raise typer.Exit(report.exit_code)


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

    effective = _effective(_policy_flags(policies, built_in), config, no_config=no_config)
    report = run(paths or (), effective.settings, coverage=coverage)
    _print(render(report, verbose=verbose))
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

    effective = _effective(_policy_flags(policies, built_in), config, no_config=no_config)
    found, code = _loaded(effective)
    meant = named(policy, found)
    packs = packs_of(found)[meant.id]
    _print(run(meant, width(), packs, colour=colour(effective.color)))
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

    effective = _effective(_policy_flags(policies, built_in), config, no_config=no_config)
    packs = _names(pack) or ()
    found, code = _loaded(effective, packs)
    chosen = of_packs(found, packs) if packs else found
    _print(listing(chosen, format_ or "table", table_width(), packs_of(found, packs)))
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

    effective = _effective({}, config, no_config=no_config)
    _print(run(effective.settings, _names(pack) or (), table_width()))


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

    _print(run(kind, table_width()) if kind else kinds_listing(table_width()))


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
        _print(settings_text(seen(Path.cwd())))
    else:
        _print(next_steps(run(Path.cwd(), force=force)))


@app.command()
def config(config: Config = None, no_config: NoConfig = False) -> None:
    """Show the settings that apply here, and where each comes from."""
    _show(_effective({}, config, no_config=no_config))


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


def _effective(flags: dict[str, object], config: Text, *, no_config: bool, quiet: bool = False) -> Effective:
    """The settings from the file, the environment and flags. What is strange about them is told."""
    from policyengine.settings.effective import effective

    found = effective(flags, config=config, no_config=no_config)
    _tell(() if quiet else found.warnings)
    return found


def _policy_flags(policies: Many, built_in: Switch, pack: Many = None, select: Many = None) -> dict[str, object]:
    return {"policies": _listed(policies), "built_in": built_in, "packs": _names(pack), "select": _names(select)}


def _names(texts: Many) -> tuple[str, ...] | None:
    """Names from options that may be given several times, or once with commas."""
    from policyengine.settings.arguments import names

    return names(texts) if texts else None


def _listed(texts: Many) -> tuple[str, ...] | None:
    return tuple(texts) if texts else None


def _warnings(names: Many) -> tuple[object, ...] | None:
    """``--warn`` is the last rule of enforcement."""
    from policyengine.model.enforcement import EnforcementRule

    found = _names(names)
    return (EnforcementRule("warn", policies=found),) if found else None


def _progress(progress: Switch, quiet: int) -> Switch:
    return False if progress is None and quiet else progress


def _targets(effective: Effective) -> Sequence[Target]:
    from policyengine.errors import UsageError
    from policyengine.outputs.select import default, parse
    from policyengine.terminal import is_terminal

    if not effective.format:
        return default(terminal=is_terminal())
    try:
        return parse(effective.format)
    except UsageError as error:
        if error.path is not None:
            raise
        raise effective.settings.error(("format",), error.message, error.hint) from None


def _deliver(report: Report, targets: Iterable[Target], options: RenderOptions, color: str) -> None:
    """Render the report once for each target and write it there."""
    from msgspec.structs import replace

    from policyengine.outputs.deliver import deliver
    from policyengine.terminal import colour

    for target in targets:
        painted = replace(options, colour=target.path is None and colour(color))
        deliver(formats()[target.name].render(report, painted), target.path)


def _show(effective: Effective) -> None:
    from policyengine.commands.config import config
    from policyengine.terminal import table_width

    _print(config(effective, table_width()))


def _print(text: str) -> None:
    from policyengine.outputs.deliver import deliver

    deliver(text, None)


def _tell(lines: Iterable[str]) -> None:
    from policyengine.boundary import tell

    for line in lines:
        tell(line)


def _loaded(effective: Effective, packs: Iterable[str] = ()) -> tuple[list[Policy], int]:
    """The policies that could be loaded, and the exit code: what is wrong with the others was told."""
    from policyengine.boundary import FAILED
    from policyengine.commands.packs import directories
    from policyengine.commands.policies import loaded

    found, errors = loaded(effective.settings, directories(packs))
    _tell(f"error: {error}" for error in errors)
    return found, FAILED if errors else 0


def main() -> None:
    """Run the command line and exit: the one place where errors end."""
    from policyengine.boundary import run

    if "_POLICYENGINE_COMPLETE" in os.environ:
        # With rich at hand Typer lays out the help of what it offers: slowly, and with line ends in it.
        sys.modules["rich"] = None  # type: ignore[assignment] # how Python is told that there is none
    # A run makes many objects and few cycles; it need not look for those every 700 objects.
    gc.set_threshold(100_000, 20, 100)
    sys.exit(run(app))
