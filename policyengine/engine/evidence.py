"""What shows a violation of flows: a packet, the rules that it meets, and where these are written."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from msgspec.structs import replace

from policyengine.engine.flows import FlowFailure, ways
from policyengine.firewall.intents.telling import packet_text
from policyengine.model.masking import concealed
from policyengine.model.report import Passed, Place

if TYPE_CHECKING:
    from policyengine.firewall.intents.judging import Crossing
    from policyengine.firewall.reach import Explanation
    from policyengine.model.location import Location
    from policyengine.model.report import Finding
    from policyengine.model.resource import Resource
    from policyengine.policy.compile import Failure


def evidenced(finding: Finding, failure: Failure, resource: Resource) -> Finding:
    """A finding about flows with its witness, the path of that, and the places on the path.

    The finding is told where the resource itself lets the packet come, if the path leads there: at its published port,
    at a firewall's rule.
    """
    breach = failure.breach if isinstance(failure, FlowFailure) else None
    if breach is None:
        return finding
    shown = breach.explanation
    path = _path(shown) if shown else ()
    cause = _cause(resource, path) if resource.whole is None else _deciding(resource, path, breach.intent)
    first = Place(cause) if cause else finding.places[0]
    lines = [one.location for one in path if one.location and one.location.line]  # of what is live there is no place
    related = dict.fromkeys(one for one in lines if one != first.location)
    return replace(
        finding,
        places=(first, *(Place(one, "related") for one in related)),
        excerpt=finding.excerpt if cause is None else finding.excerpt and resource.origins.excerpt(cause),
        actual=_plain(breach.crossings) if finding.status == "fail" else None,
        witness=_witness(shown) if shown else None,
        path=path,
        alike=concealed(shown.set_) if shown and shown.set_ else None,
    )


def _witness(shown: Explanation) -> str | None:
    """The packet, and whose rules decide about it where there is more than one answer."""
    if shown.packet is None:
        return None
    return packet_text(shown.packet) + (f"  by {concealed(shown.rules)}" if shown.rules else "")


def _plain(crossings: tuple[Crossing, ...]) -> list[dict[str, str]]:
    return [{name: concealed(text) for name, text in way.items()} for way in ways(crossings)]


def _path(shown: Explanation) -> tuple[Passed, ...]:
    return tuple(Passed(one.where, concealed(one.text), concealed(one.does)) for one in shown.path)


def _cause(resource: Resource, path: tuple[Passed, ...]) -> Location | None:
    """The first place on a path at which the resource's own ports are written."""
    ports = resource.facts.get("ports")
    own = {resource.where(("ports", index)) for index in range(len(ports))} if isinstance(ports, list) else set()
    met = (one.location for one in path if one.location)
    return next((one for one in met if one in own and one != resource.where()), None)


def _deciding(resource: Resource, path: tuple[Passed, ...], intent: str) -> Location | None:
    """The rule of a firewall that decides in the end; where none does, the chain of whose policy it is."""
    ends = [one.location for one in path if one.location and one.does.startswith(_ENDS)]
    if ends:
        return ends[-1]
    hook, chains = _HOOKS.get(intent), cast("list[dict[str, object]]", resource.facts["chains"])
    asked = (index for index, one in enumerate(chains) if one.get("hook") == hook and one["type"] == "filter")
    return next((resource.where(("chains", index)) for index in asked if hook), None)


_ENDS = ("accept", "drop", "reject")
"""How it is told that a rule ends a packet's way."""

_HOOKS = {"accepts_only": "input", "reaches_only": "output"}
"""Where it is decided what a host receives, and what it sends."""
