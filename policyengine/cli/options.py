"""The options that commands share, each declared once."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from policyengine.commands import completion as complete
from policyengine.outputs import formats

Many = Optional[list[str]]  # noqa: UP045 - Typer evaluates it
Text = Optional[str]  # noqa: UP045 - Typer evaluates it
Switch = Optional[bool]  # noqa: UP045 - Typer evaluates it
Number = Optional[int]  # noqa: UP045 - Typer evaluates it

Sources = Annotated[
    Many,
    typer.Argument(
        metavar="SOURCE...",
        help="Files, directories, several files that are one Compose project (compose.yaml:compose.prod.yaml), engines "
        "(docker://, docker://CONTEXT), saved images (image://FILE), hosts (host://, host:///ROOT), or - (standard "
        "input). Default: this directory.",
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
        help="Where to ask for facts that files leave open: engine, the local container engine; registry, that of an "
        "image.",
        autocompletion=complete.enrichments,
    ),
]
Env = Annotated[
    Many, typer.Option(metavar="NAME=VALUE", help="A variable for Compose files. The environment's own are not used.")
]
Exclude = Annotated[Many, typer.Option(metavar="PATTERN", help="Leave out of directories, as .gitignore would.")]
SkipOthers = Annotated[
    bool,
    typer.Option(
        "--skip-others",
        help="Leave out named files that are excluded or of no known kind, as in directories: for hooks that name "
        "every changed file.",
    ),
]
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
By = Annotated[
    Text,
    typer.Option(
        metavar="control",
        help="Turn the report round: for each control of a benchmark pass, fail, unknown, waived, or not checked.",
        autocompletion=complete.ways,
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
NoExceptions = Annotated[
    bool, typer.Option("--no-exceptions", help="Let no exception count: no waiver, no ignore, no baseline.")
]
Waivers = Annotated[
    Text,
    typer.Option(metavar="FILE", help="The waivers file. Default: policyengine-waivers.yaml, here or above."),
]
Baseline = Annotated[
    Text,
    typer.Option(
        metavar="FILE", help="The baseline: what is known already. Default: policyengine-baseline.json, here or above."
    ),
]
TrustConfigFrom = Annotated[
    Text,
    typer.Option(
        metavar="REF",
        help="Take settings, own policies, waivers, baseline and ignores from this git revision: what a change adds to "
        "the exceptions lets nothing pass, and is a finding.",
    ),
]
NewSince = Annotated[
    Text,
    typer.Option(
        metavar="REF",
        help="Let pass what was found where HEAD left this git revision, such as origin/main: only what is new blocks.",
    ),
]
All = Annotated[bool, typer.Option("--all", help="Show what passed and what was waived, too.")]
Watch = Annotated[
    bool,
    typer.Option(
        "--watch",
        help="Judge again each time a file is saved. Ctrl-C ends it. For engines there is policyengine watch.",
    ),
]
Fix = Annotated[
    bool,
    typer.Option(
        "--fix",
        help="Mend what can be mended safely in Compose files and manifests, in place; judge again, and exit by that.",
    ),
]
Diff = Annotated[
    bool, typer.Option("--diff", help="Show what --fix would change, as a unified diff, instead of the report.")
]
UnsafeFixes = Annotated[
    bool,
    typer.Option("--unsafe-fixes", help="With --fix or --diff: mend also what may keep a program from working."),
]
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
Statistics = Annotated[
    bool,
    typer.Option(
        "--statistics", help="Tell on standard error what each policy found and cost, and where the time went."
    ),
]
ShowSettings = Annotated[
    bool, typer.Option("--show-settings", help="Show the settings of this run instead of running.")
]
