"""``policyengine watch``."""

# No annotations from __future__: Typer would compile the text of each, at every start.

from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from policyengine.cli.app import app
from policyengine.cli.flags import flags
from policyengine.cli.options import (
    Baseline,
    BuiltIn,
    Color,
    Config,
    FailOn,
    Ignore,
    NoConfig,
    NoExceptions,
    OnUnknown,
    Pack,
    Param,
    Policies,
    Resolve,
    Select,
    ShowSettings,
    Text,
    Waivers,
    Warn,
)
from policyengine.cli.remediating import GateSeconds, MaxUnavailable, Protect, Soak, StateDir, Unsafe
from policyengine.cli.shared import effective_settings, tell_settings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.model.happening import Happening
    from policyengine.outputs.options import RenderOptions
    from policyengine.settings.effective import Effective

FORMATS = ("full", "json", "text")

Source = Annotated[
    Text,
    typer.Argument(metavar="docker://[CONTEXT]", help="The engine. Default: docker://, the environment's."),
]
How = Annotated[
    Text,
    typer.Option(
        "--format",
        "-f",
        metavar="full|text|json",
        help="How to tell; json is one line of JSON for each event. Default: full on a terminal, else text.",
    ),
]
Enforce = Annotated[
    bool,
    typer.Option(
        "--enforce", help="Mend what violates policies, as policyengine remediate --apply --yes does: redeploy it."
    ),
]
More = Annotated[
    bool,
    typer.Option(
        "--verbose", "-v", help="Tell also which containers end, and which vanish before they could be judged."
    ),
]
Less = Annotated[
    int,
    typer.Option(
        "--quiet",
        "-q",
        count=True,
        show_default=False,
        help="Tell only of findings that are new or gone, and of errors; -qq: only of errors.",
    ),
]


@app.command()
def watch(
    source: Source = None,
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
    format_: How = None,
    fail_on: FailOn = None,
    unknown: OnUnknown = None,
    no_exceptions: NoExceptions = False,
    waivers: Waivers = None,
    baseline: Baseline = None,
    enforce: Enforce = False,
    unsafe_fixes: Unsafe = False,
    max_unavailable: MaxUnavailable = None,
    soak: Soak = None,
    gate_seconds: GateSeconds = None,
    protect: Protect = None,
    state_dir: StateDir = None,
    color: Color = None,
    verbose: More = False,
    quiet: Less = 0,
    show_settings: ShowSettings = False,
) -> None:
    """Watch an engine: judge each container as it starts or changes.

    What runs is judged first, and everything again every quarter of an hour; settings, policies and exceptions that
    change on disk count at once. An engine that is restarted is waited for. SIGTERM and Ctrl-C end the watch, with the
    exit code that a check of what runs then would have. For files there is policyengine check --watch.

    With --enforce each container that violates policies is planned and replaced as policyengine remediate would, one
    at a time, with its belts: what fails is tried again after ever longer pauses, what was rolled back is left alone.
    """
    if not enforce:
        acting = {"--unsafe-fixes": unsafe_fixes or None, "--max-unavailable": max_unavailable, "--soak": soak}
        _check_enforcing({**acting, "--gate-seconds": gate_seconds, "--protect": protect, "--state-dir": state_dir})
    given = flags({name: value for name, value in locals().items() if name != "format_"})
    load = partial(effective_settings, given, config, no_config=no_config, quiet=quiet > 0)
    if show_settings:
        tell_settings(load())
        return
    tell = _telling(load(), format_, verbose=verbose, quiet=quiet)
    raise typer.Exit(_watch(source or "docker://", load, tell, enforce=enforce))


def _check_enforcing(given: "Mapping[str, object]") -> None:
    """Raise UsageError for options of acting where nobody is to act."""
    from policyengine.errors import UsageError

    for name, value in given.items():
        if value is not None:
            raise UsageError(f"{name} goes with --enforce", hint="without it nothing is replaced")


def _watch(source: str, load: "Callable[[], Effective]", tell: "Callable[[Happening], None]", *, enforce: bool) -> int:
    from policyengine.commands.engine_watch.stopping import Stopping
    from policyengine.commands.engine_watch.watch import Watch

    stopping = Stopping()
    with stopping.heeded():
        return Watch(source, load, tell, stopping, enforce=enforce).run()


def _telling(effective: "Effective", form: Text, *, verbose: bool, quiet: int) -> "Callable[[Happening], None]":
    """What tells of happenings on standard output; for people of what went wrong on standard error."""
    from policyengine.errors import UsageError, did_you_mean
    from policyengine.outputs.options import RenderOptions
    from policyengine.terminal import colour, is_terminal, width

    if verbose and quiet:
        raise UsageError("--verbose and --quiet contradict each other", hint="give one of them")
    form = form or ("full" if is_terminal() else "text")
    if form not in FORMATS:
        hint = did_you_mean(form, FORMATS) or f"those of watch are {', '.join(FORMATS)}"
        raise UsageError(f'watch does not tell in the format "{form}"', hint=hint)
    options = RenderOptions(width=width(), verbose=verbose, quiet=quiet > 0, colour=colour(effective.color))
    return partial(_tell, form=form, options=options, silent=quiet > 1)


def _tell(happening: "Happening", *, form: str, options: "RenderOptions", silent: bool) -> None:
    from policyengine.cli.shared import show, tell
    from policyengine.model.happening import Noted
    from policyengine.outputs import formats
    from policyengine.outputs.deliver import deliver
    from policyengine.outputs.happenings import for_people, for_programs, is_told

    failed = isinstance(happening, Noted) and happening.failed
    if not is_told(happening, options) or (silent and not failed):
        return
    if form == "json":
        show(for_programs(happening))
    elif isinstance(happening, Noted):
        tell(line.rstrip("\n") for line in for_people(happening, formats()["text"]))
    else:
        deliver(for_people(happening, formats()[form], options), None)
