"""``policyengine check``."""

# No annotations from __future__: Typer would compile the text of each, at every start.

import os
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import typer

from policyengine.cli.app import app
from policyengine.cli.flags import flags
from policyengine.cli.options import (
    All,
    Baseline,
    BuiltIn,
    By,
    Cache,
    Color,
    Config,
    Diff,
    Env,
    Exclude,
    FailOn,
    Fix,
    Format,
    Ignore,
    Jobs,
    NewSince,
    NoConfig,
    NoExceptions,
    OnUnknown,
    Pack,
    Param,
    Policies,
    Progress,
    Quiet,
    RequireMatch,
    Resolve,
    Select,
    ShowSettings,
    SkipOthers,
    Sources,
    Statistics,
    Switch,
    Text,
    TrustConfigFrom,
    UnsafeFixes,
    Verbose,
    Waivers,
    Warn,
    Watch,
)
from policyengine.cli.shared import effective_settings, tell, tell_settings, trusted
from policyengine.outputs import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from policyengine.model.report import Report
    from policyengine.model.spent import Spent
    from policyengine.outputs.options import RenderOptions
    from policyengine.outputs.select import Target
    from policyengine.settings.effective import Effective


class Mend(NamedTuple):
    """That findings are to be mended: written, or else shown."""

    write: bool
    unsafe: bool


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
    skip_others: SkipOthers = False,
    format_: Format = None,
    by: By = None,
    fail_on: FailOn = None,
    unknown: OnUnknown = None,
    require_match: RequireMatch = None,
    no_exceptions: NoExceptions = False,
    waivers: Waivers = None,
    baseline: Baseline = None,
    new_since: NewSince = None,
    trust_config_from: TrustConfigFrom = None,
    all_: All = False,
    fix: Fix = False,
    diff: Diff = False,
    unsafe_fixes: UnsafeFixes = False,
    watch: Watch = False,
    jobs: Jobs = None,
    cache: Cache = None,
    progress: Progress = None,
    color: Color = None,
    verbose: Verbose = False,
    quiet: Quiet = 0,
    statistics: Statistics = False,
    show_settings: ShowSettings = False,
) -> None:
    """Judge files, directories and running containers."""
    given = flags(locals())
    given["progress"] = _progress(progress, quiet)
    with trusted(trust_config_from) as revision:
        load = partial(effective_settings, given, config, no_config=no_config, quiet=quiet > 0, trusted=revision)
        if show_settings:
            tell_settings(load())
            return
        mend = _mending(fix=fix, diff=diff, unsafe=unsafe_fixes, watch=watch)
        judge = partial(_check, mend=mend, by=by, verbose=verbose, all_=all_, quiet=quiet, statistics=statistics)
        code = _watched(load, judge) if watch else judge(load())
    raise typer.Exit(code)


def _mending(*, fix: bool, diff: bool, unsafe: bool, watch: bool) -> Mend | None:
    from policyengine.errors import UsageError

    if fix and diff:
        raise UsageError("--fix and --diff contradict each other", hint="--diff shows, --fix writes")
    if unsafe and not (fix or diff):
        raise UsageError("--unsafe-fixes goes with --fix or --diff", hint="give one of them")
    if fix and watch:
        raise UsageError("--fix and --watch contradict each other", hint="each fix would be a change to watch")
    return Mend(write=fix, unsafe=unsafe) if fix or diff else None


def _watched(load: "Callable[[], Effective]", judge: "Callable[[Effective], int]") -> int:
    from policyengine.cli.on_save import watch
    from policyengine.commands.watching import Watched, watched

    def look() -> "Watched":
        effective = load()
        return watched(effective, [target.path for target in _targets(effective) if target.path])

    look()  # what cannot be watched is told before the first run
    return watch(lambda: judge(load()), look)


def _check(
    effective: "Effective",
    *,
    mend: Mend | None,
    by: Text,
    verbose: bool,
    all_: bool,
    quiet: int,
    statistics: bool,
) -> int:
    """Judge, print, and return the exit code."""
    from dataclasses import replace

    from policyengine.commands.check import check as run
    from policyengine.errors import UsageError
    from policyengine.model.spent import Spent, during
    from policyengine.outputs import names_artifacts, shows_lines, tells_controls
    from policyengine.outputs.options import RenderOptions
    from policyengine.outputs.select import check_way
    from policyengine.terminal import width

    if verbose and quiet:
        raise UsageError("--verbose and --quiet contradict each other", hint="give one of them")
    spent = Spent() if statistics else None
    targets = _targets(effective)
    sources = effective.sources or (".",)
    if mend is not None and mend.write and "-" in sources:
        raise UsageError("--fix cannot write to standard input", hint="name the file")
    way = check_way(by, targets)
    judge = partial(
        run,
        sources,
        effective.settings,
        excerpts=any(shows_lines(target.name) for target in targets),
        controls=bool(way) or any(tells_controls(target.name) for target in targets),
        artifacts=any(names_artifacts(target.name) for target in targets),
        spent=spent,
    )
    report = judge()
    if mend is not None:
        again = partial(run, _files(sources), replace(effective.settings, progress=False), excerpts=False)
        changed = _mended(report, effective, mend, again, quiet=quiet)
        if not mend.write:
            _advise(report, sources, quiet=quiet, unprinted=True)
            return report.exit_code
        report = judge() if changed else report
    options = RenderOptions(width=width(), verbose=verbose, all=all_, quiet=quiet > 0, by=way)
    with during(spent, "rendering"):
        _deliver(report, [target for target in targets if quiet < 2 or target.path], options, effective.color)
    _advise(report, sources, quiet=quiet)
    if spent is not None:
        _tell_statistics(report, spent)
    return report.exit_code


def _advise(report: "Report", sources: "Sequence[str]", *, quiet: int, unprinted: bool = False) -> None:
    """Tell what should be said of a run beside its report, and what went wrong in it where that is not printed."""
    from policyengine.commands.check import advice, failures

    tell(failures(report) if unprinted and quiet < 2 else ())
    tell(line for line in advice(report, sources) if not quiet or not line.startswith("warning"))


def _files(sources: "Sequence[str]") -> "Sequence[str]":
    """The sources that can be read again as if their files held something else."""
    from policyengine.sources import is_special

    return [source for source in sources if not is_special(source)]


def _mended(
    report: "Report", effective: "Effective", mend: Mend, again: "Callable[..., Report]", *, quiet: int
) -> bool:
    """Mend the findings of a report, or show how; whether files were changed.

    ``again`` judges the same files where some of them hold something ``instead``.
    """
    from policyengine.commands import fixing
    from policyengine.commands.choice import choice
    from policyengine.commands.diffing import Diff
    from policyengine.outputs.deliver import deliver

    settings = effective.settings
    found = fixing.fixes(
        report,
        effective.sources or (".",),
        settings,
        choice(settings),
        lambda held: again(instead=held),
        unsafe=mend.unsafe,
    )
    shown = Diff(found.before, found.after)
    if mend.write:
        fixing.write(found)
    elif quiet < 2:
        deliver(_shown(shown), None)
    tell(() if quiet else fixing.told(found, written=mend.write))
    tell(fixing.told_of_diffs(shown.only_to_read))
    return mend.write and bool(found.after)


def _shown(lines: "Iterable[str]") -> "Iterable[str]":
    """A diff as it is; on a terminal with what a file's text could do to it written as escapes."""
    from policyengine.outputs.style import visible
    from policyengine.terminal import is_terminal

    if not is_terminal():
        return lines
    return ("\n".join(map(visible, line[:-1].split("\n"))) + "\n" for line in lines)


def _tell_statistics(report: "Report", spent: "Spent") -> None:
    from policyengine.commands.statistics import statistics

    tell(statistics(report, spent).splitlines())


def _progress(progress: Switch, quiet: int) -> Switch:
    return False if progress is None and quiet else progress


def _targets(effective: "Effective") -> "Sequence[Target]":
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


def _deliver(report: "Report", targets: "Iterable[Target]", options: "RenderOptions", color: str) -> None:
    """Render the report once for each target and write it there. What cannot be written keeps no other from it."""
    from msgspec.structs import replace

    from policyengine.errors import UsageError
    from policyengine.outputs.deliver import deliver
    from policyengine.terminal import colour, links

    errors: list[UsageError] = []
    for target in targets:
        coloured = target.path is None and colour(color)
        here = os.getcwd() if target.path is None and links(coloured=coloured) else ""  # noqa: PTH109 - a text is wanted
        painted = replace(options, colour=coloured, links=here)
        try:
            deliver(formats()[target.name].render(report, painted), target.path)
        except UsageError as error:
            errors.append(error)
    if errors:
        tell(f"error: {error}" for error in errors[:-1])
        raise errors[-1]
