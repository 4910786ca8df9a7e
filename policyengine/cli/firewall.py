"""``policyengine firewall``: the commands that tell who reaches whom."""

# No annotations from __future__: Typer would compile the text of each, at every start.

from typing import TYPE_CHECKING, Annotated

import typer

from policyengine.cli.app import app
from policyengine.cli.flags import flags
from policyengine.cli.options import Color, Config, Env, Exclude, Many, NoConfig, Text
from policyengine.cli.shared import effective_settings, show

if TYPE_CHECKING:
    from policyengine.settings.effective import Effective

_SOURCE = (
    "rule dumps (iptables-save, ip6tables-save, nft -j list ruleset, ipset save), directories of ufw or firewalld, "
    "Compose files, Kubernetes manifests, docker://[CONTEXT], host:// (the rules of this host; needs root)"
)
_PLACE = "a container, a Pod, host, internet, a zone of the settings, an address or a network such as 10.0.0.0/8"

Sources = Annotated[list[str], typer.Argument(metavar="SOURCE...", help=f"What is asked: {_SOURCE}.")]
Within = Annotated[
    Text,
    typer.Option(
        "--in",
        metavar="NAME",
        help="The network that is meant, where the sources have several: its name, or a part of it.",
    ),
]
Port = Annotated[
    Text,
    typer.Option("--port", metavar="PROTOCOL/PORT", help="The port: tcp/5432, udp/53, icmp; 5432 is tcp/5432."),
]
Senders = Annotated[
    Many, typer.Option("--from", metavar="PLACE", help="Only what comes from these. Default: all places.")
]
Receivers = Annotated[Many, typer.Option("--to", metavar="PLACE", help="Only what goes to these. Default: all places.")]

firewall = typer.Typer(
    help="Tell who reaches whom, from rules, engines and manifests.",
    no_args_is_help=True,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(firewall, name="firewall")


@firewall.command()
def explain(
    sources: Sources,
    from_: Annotated[str, typer.Option("--from", metavar="PLACE", help=f"Who connects: {_PLACE}.")],
    to: Annotated[str, typer.Option("--to", metavar="PLACE", help="To whom: likewise.")],
    port: Port = None,
    within: Within = None,
    expect: Annotated[
        Text,
        typer.Option(
            metavar="allowed|denied",
            help="Exit with 1 if any packet that is meant fares otherwise, or if it is not known: a test of rules.",
        ),
    ] = None,
    format_: Annotated[Text, typer.Option("--format", "-f", metavar="text|json", help="Default: text.")] = None,
    config: Config = None,
    no_config: NoConfig = False,
    env: Env = None,
    exclude: Exclude = None,
    color: Color = None,
) -> None:
    """Tell what becomes of a connection, and why.

    That is the verdict, a packet to show it, and the rules that it meets. Without --port: all that gets there.
    """
    from policyengine.commands.firewall import answers, choices
    from policyengine.commands.firewall.explain import as_json, as_text
    from policyengine.terminal import colour

    form = choices.checked("--format", format_ or "text", ("text", "json"))
    if expect is not None:
        choices.checked("--expect", expect, ("allowed", "denied"))
    effective = _settings(locals(), config, no_config=no_config)
    told = answers.explain(sources, effective.settings, from_, to, port, within)
    show(as_json(told) if form == "json" else as_text(told, colour=colour(effective.color)))
    raise typer.Exit(int(expect is not None and not told.is_all(expect)))


@firewall.command()
def matrix(
    sources: Sources,
    from_: Senders = None,
    to: Receivers = None,
    port: Port = None,
    within: Within = None,
    format_: Annotated[
        Text, typer.Option("--format", "-f", metavar="table|json|dot|svg", help="Default: table.")
    ] = None,
    output: Annotated[
        Text, typer.Option("--output", "-o", metavar="FILE", help="Where to write it. Default: standard output.")
    ] = None,
    config: Config = None,
    no_config: NoConfig = False,
    env: Env = None,
    exclude: Exclude = None,
) -> None:
    """List who reaches whom on what.

    As a table, as JSON, as a graph for Graphviz (dot), or as a picture (svg).
    """
    from pathlib import Path

    from policyengine.commands.firewall import answers
    from policyengine.commands.firewall.forms import rendered
    from policyengine.outputs.deliver import deliver
    from policyengine.terminal import table_width

    effective = _settings(locals(), config, no_config=no_config)
    render = rendered(format_ or "table", None if output else table_width())
    told = answers.matrices(sources, effective.settings, from_ or (), to or (), port, within)
    deliver(render(told), Path(output) if output else None)


@firewall.command()
def diff(
    old: Annotated[
        str, typer.Argument(metavar="OLD", help="What was: any source, or REVISION:PATH, a path of a git revision.")
    ],
    new: Annotated[str, typer.Argument(metavar="NEW", help="What is: likewise.")],
    fail_on: Annotated[
        Text,
        typer.Option(
            metavar="changed|opened", help="Exit with 1 if any flow changed, or if any got through that did not."
        ),
    ] = None,
    format_: Annotated[Text, typer.Option("--format", "-f", metavar="text|json", help="Default: text.")] = None,
    config: Config = None,
    no_config: NoConfig = False,
    env: Env = None,
    exclude: Exclude = None,
    color: Color = None,
) -> None:
    """Tell exactly which flows a change of rules changes."""
    from policyengine.commands.firewall import answers, choices
    from policyengine.commands.firewall.differing import as_json, as_text
    from policyengine.terminal import colour

    form = choices.checked("--format", format_ or "text", ("text", "json"))
    if fail_on is not None:
        choices.checked("--fail-on", fail_on, ("changed", "opened"))
    effective = _settings(locals(), config, no_config=no_config)
    told = answers.difference(old, new, effective.settings)
    show(as_json(told) if form == "json" else as_text(told, colour=colour(effective.color)))
    failed = {"changed": any(one.differs for one in told), "opened": any(one.opens for one in told)}
    raise typer.Exit(int(fail_on is not None and failed[fail_on]))


def _settings(given: dict[str, object], config: Text, *, no_config: bool) -> "Effective":
    kept = {name: given.get(name) for name in ("env", "exclude", "color")}
    return effective_settings(flags(kept), config, no_config=no_config)
