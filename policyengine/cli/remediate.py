"""The commands that mend what runs."""

# No annotations from __future__: Typer would compile the text of each, at every start.

from typing import TYPE_CHECKING, Annotated

import typer

from policyengine.cli.app import app
from policyengine.cli.flags import flags
from policyengine.cli.interrupting import as_interrupts
from policyengine.cli.options import (
    Baseline,
    BuiltIn,
    Color,
    Config,
    FailOn,
    Ignore,
    Many,
    NoConfig,
    NoExceptions,
    OnUnknown,
    Pack,
    Param,
    Policies,
    Select,
    Waivers,
    Warn,
)
from policyengine.cli.remediating import (
    Apply,
    DryRun,
    GateSeconds,
    MaxUnavailable,
    Plan,
    PlanFormat,
    Protect,
    Retry,
    Soak,
    StateDir,
    Unsafe,
    Yes,
)
from policyengine.cli.shared import effective_settings, show, tell

if TYPE_CHECKING:
    from pathlib import Path

    from policyengine.commands.apply import Applied
    from policyengine.model.report import Report
    from policyengine.remediation.plan import Plan as Planned
    from policyengine.remediation.targets import Around
    from policyengine.settings.effective import Effective


@app.command()
def remediate(
    sources: Annotated[
        Many,
        typer.Argument(
            metavar="SOURCE...",
            help="docker://, docker:///container/NAME, or the Compose file of what runs.",
        ),
    ] = None,
    config: Config = None,
    no_config: NoConfig = False,
    policies: Policies = None,
    built_in: BuiltIn = None,
    pack: Pack = None,
    select: Select = None,
    ignore: Ignore = None,
    warn: Warn = None,
    param: Param = None,
    fail_on: FailOn = None,
    unknown: OnUnknown = None,
    no_exceptions: NoExceptions = False,
    waivers: Waivers = None,
    baseline: Baseline = None,
    plan: Plan = None,
    apply: Apply = False,
    yes: Yes = False,
    dry_run: DryRun = False,
    unsafe_fixes: Unsafe = False,
    max_unavailable: MaxUnavailable = None,
    soak: Soak = None,
    gate_seconds: GateSeconds = None,
    protect: Protect = None,
    retry: Retry = False,
    state_dir: StateDir = None,
    format_: PlanFormat = "text",
    color: Color = None,
) -> None:
    """Plan, or do, what mends running containers."""
    from policyengine.commands.apply import remediated

    effective = effective_settings(flags(locals() | {"format_": None}), config, no_config=no_config)
    say = _Saying(effective, format_)
    act = apply and not dry_run
    if act:
        _check_asking(yes=yes)
    written = None if plan is None else _plan_file(plan)
    with remediated(effective.sources, effective.settings, say.tell, act=act) as (planned, around):
        say.problems(planned.report)
        if written is not None:
            say.write(planned.plan, written)
        if planned.plan.targets or planned.plan.untouched or not planned.report.problems or format_ == "json":
            say.plan(planned.plan, asking=act)
        if not (act and planned.plan.targets and say.consents(yes=yes)):
            raise typer.Exit(planned.report.exit_code)
        code = _applied(planned.plan, effective, around, say, retry=retry)
    raise typer.Exit(code)


@app.command(name="apply")
def apply_(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A plan: policyengine remediate SOURCE --plan FILE.")],
    config: Config = None,
    no_config: NoConfig = False,
    policies: Policies = None,
    built_in: BuiltIn = None,
    pack: Pack = None,
    select: Select = None,
    ignore: Ignore = None,
    warn: Warn = None,
    param: Param = None,
    fail_on: FailOn = None,
    unknown: OnUnknown = None,
    no_exceptions: NoExceptions = False,
    waivers: Waivers = None,
    baseline: Baseline = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    max_unavailable: MaxUnavailable = None,
    soak: Soak = None,
    gate_seconds: GateSeconds = None,
    protect: Protect = None,
    retry: Retry = False,
    state_dir: StateDir = None,
    format_: PlanFormat = "text",
    color: Color = None,
) -> None:
    """Carry out a plan, if nothing has moved since."""
    from pathlib import Path

    from policyengine.commands.apply import ready
    from policyengine.remediation.plan_file import read

    effective = effective_settings(flags(locals() | {"format_": None}), config, no_config=no_config)
    say = _Saying(effective, format_)
    plan = read(Path(file))
    if not dry_run:
        _check_asking(yes=yes)
    with ready(plan, effective.settings, say.tell, act=not dry_run) as around:
        say.plan(plan, asking=not dry_run)
        if dry_run or not say.consents(yes=yes):
            raise typer.Exit(0)
        code = _applied(plan, effective, around, say, retry=retry)
    raise typer.Exit(code)


@app.command()
def recover(
    engine: Annotated[str, typer.Argument(metavar="[ENGINE]", help="An engine: docker://CONTEXT.")] = "docker://",
    config: Config = None,
    no_config: NoConfig = False,
    state_dir: StateDir = None,
) -> None:
    """Bring to an end what a run left half done."""
    from policyengine.commands.apply import recovering

    effective = effective_settings(flags(locals()), config, no_config=no_config)
    with as_interrupts():
        done = recovering(engine, effective.settings)
    show("".join(f"{line}\n" for line in done) or "Nothing was left half done.\n")


@app.command()
def rollback(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What was replaced: a container, or PROJECT/SERVICE.")],
    engine: Annotated[str, typer.Argument(metavar="[ENGINE]", help="The engine: docker://CONTEXT.")] = "docker://",
    config: Config = None,
    no_config: NoConfig = False,
    yes: Yes = False,
    gate_seconds: GateSeconds = None,
    state_dir: StateDir = None,
) -> None:
    """Put what was replaced last back in its place."""
    from policyengine.commands.apply import rolling_back

    effective = effective_settings(flags(locals()), config, no_config=no_config)
    _check_asking(yes=yes)
    if yes or typer.confirm(f"Put what was {name} before back in its place?", err=True):
        with as_interrupts():
            said = rolling_back(name, engine, effective.settings, lambda line: tell([line]))
        show(f"{said}\n")


@app.command()
def history(
    name: Annotated[str, typer.Argument(metavar="[NAME]", help="Only what was done to this one.")] = "",
    config: Config = None,
    no_config: NoConfig = False,
    state_dir: StateDir = None,
    format_: Annotated[str, typer.Option("--format", "-f", metavar="table|json", help="How it is listed.")] = "table",
) -> None:
    """Show what replaced what, when, why and by whom."""
    from policyengine.commands.history import history as run
    from policyengine.commands.history import render
    from policyengine.terminal import table_width

    effective = effective_settings(flags(locals() | {"format_": None}), config, no_config=no_config)
    show(render(run(effective.settings, name), format_, table_width()))


def _applied(plan: "Planned", effective: "Effective", around: "Around", say: "_Saying", *, retry: bool) -> int:
    from policyengine.commands.apply import apply

    try:
        with as_interrupts():
            done = apply(plan, effective.settings, around, retry=retry)
    except KeyboardInterrupt:
        if around.journal.open():  # somebody did not want to wait
            say.tell("something is left half done: policyengine recover brings it to its end")
        raise
    say.applied(done)
    return done.exit_code


def _check_asking(*, yes: bool) -> None:
    """Raise UsageError where somebody is to be asked, and nobody can be."""
    import sys

    from policyengine.errors import UsageError

    if not yes and not (sys.stdin and sys.stdin.isatty()):
        raise UsageError("there is no terminal to ask on", hint="--yes acts without asking")


def _plan_file(name: str) -> "Path":
    """The file that a plan goes into. Raises UsageError for ``-``: whoever writes that means no file of this name."""
    from pathlib import Path

    from policyengine.errors import UsageError

    if name == "-":
        raise UsageError("--plan takes a file", hint="--format json shows the plan; a file of this name is ./-")
    return Path(name)


class _Saying:
    """What a person, or a program, is told of a plan."""

    def __init__(self, effective: "Effective", format_: str) -> None:
        from policyengine.errors import UsageError, did_you_mean
        from policyengine.terminal import colour

        if format_ not in ("text", "json"):
            hint = did_you_mean(format_, ("text", "json"))
            raise UsageError(f'format takes text or json, not "{format_}"', hint=hint)
        self._json = format_ == "json"
        self._hooks = effective.settings.remediate.hooks
        self._colour = colour(effective.color)

    def tell(self, line: str) -> None:
        """Show how it goes."""
        tell([line])

    def problems(self, report: "Report") -> None:
        """Show what kept the engine from being judged in whole."""
        tell(f"error: {': '.join(filter(None, (one.path, one.message)))}" for one in report.problems)

    def write(self, plan: "Planned", file: "Path") -> None:
        """Write a plan to a file."""
        from policyengine.remediation.plan_file import write

        write(plan, file)
        self.tell(f"the plan is in {file}")

    def plan(self, plan: "Planned", *, asking: bool) -> None:
        """Show a plan; as JSON only where nothing is done: then what comes of it is shown."""
        from policyengine.commands.plan_text import plan_text
        from policyengine.remediation.plan_file import as_json
        from policyengine.terminal import width

        if self._json and not asking:
            show(as_json(plan))
        elif not self._json:
            show(plan_text(plan, width(), self._hooks, colour=self._colour))

    def consents(self, *, yes: bool) -> bool:
        """Whether somebody wants it done."""
        return yes or typer.confirm("Do it?", err=True)

    def applied(self, done: "Applied") -> None:
        """Show what came of a plan."""
        from policyengine.commands.applied_text import applied_json, applied_text
        from policyengine.terminal import width

        show(applied_json(done) if self._json else applied_text(done, width(), colour=self._colour))
