"""What the commands are asked in words, answered by the networks of their sources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.commands.firewall import explain as explaining
from policyengine.commands.firewall.differing import Difference, differing, differing_rules
from policyengine.commands.firewall.matrix import Asked, Matrix, matrix
from policyengine.commands.firewall.networks import at_revision, networks
from policyengine.commands.firewall.places import all_places, place, senders
from policyengine.commands.firewall.ports import parsed
from policyengine.commands.firewall.zones import zones
from policyengine.errors import PolicyengineError, UsageError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policyengine.commands.firewall.explain import Explained
    from policyengine.firewall.reach import Network, Place
    from policyengine.settings import Settings


def explain(
    sources: Sequence[str], settings: Settings, source: str, target: str, port: str | None, within: str | None
) -> Explained:
    """What becomes of a connection; see :func:`policyengine.commands.firewall.explain.explain`."""
    wanted = parsed(port) if port is not None else None
    network, ends = _meant(_chosen(networks(sources, settings), within), zones(settings), (source, target))
    return explaining.explain(network, *ends, wanted)


def _chosen(found: Sequence[Network], within: str | None) -> Sequence[Network]:
    """The networks that are meant: the one of a name, those that have a part of it in theirs, or all."""
    if within is None:
        return found
    exact = [network for network in found if network.name == within]
    chosen = exact or [network for network in found if within and within in network.name]
    if not chosen:
        names = [network.name for network in found]
        hint = did_you_mean(within, names) or f"there are {', '.join(names)}"
        raise UsageError(f'no network is called "{within}"', hint=hint)
    return chosen


def _meant(
    found: Sequence[Network], known: Sequence[Place], names: tuple[str, str]
) -> tuple[Network, tuple[Place, Place]]:
    """The one network that has both places."""
    having: list[tuple[Network, tuple[Place, Place]]] = []
    errors: list[PolicyengineError] = []
    for network in found:
        try:
            source, target = (place(name, network, known) for name in names)
        except UsageError as error:
            errors.append(error)
        else:
            having.append((network, (source, target)))
    if not having:
        raise errors[0]
    if len(having) > 1:
        listed = ", ".join(network.name for network, _ in having)
        raise UsageError(f"several networks have these places: {listed}", hint="--in names the one that is meant")
    return having[0]


def matrices(
    sources: Sequence[str],
    settings: Settings,
    from_: Sequence[str],
    to: Sequence[str],
    port: str | None,
    within: str | None,
) -> list[Matrix]:
    """Who reaches whom in each network; of several, those that have the places that are named."""
    wanted = parsed(port) if port is not None else None
    found = _chosen(networks(sources, settings), within)
    known = zones(settings)
    having, errors = [], []
    for network in found:
        every = all_places(network, known)
        try:
            sides = [tuple(place(name, network, known) for name in names) for names in (from_, to)]
        except UsageError as error:
            errors.append(error)
        else:
            having.append(matrix(network, Asked(sides[0] or senders(every), sides[1] or every, wanted)))
    if not having:
        raise errors[0]
    return having


def difference(old: str, new: str, settings: Settings) -> list[Difference]:
    """What changed from one source to another: network by network, by their names, or the only ones of each."""
    known = zones(settings)
    before, after = (_all_of(source, settings) for source in (old, new))
    if len(before) == len(after) == 1:
        return [_differing(before[0], after[0], known)]
    olds, news = ({network.name: network for network in side} for side in (before, after))
    return [_differing(olds.get(name), news.get(name), known) for name in dict.fromkeys((*olds, *news))]


def _all_of(source: str, settings: Settings) -> tuple[Network, ...]:
    with at_revision(source) as there:
        return networks([there], settings)


def _differing(old: Network | None, new: Network | None, known: Sequence[Place]) -> Difference:
    """Rules are compared packet by packet, all else place by place; a network that is not there has no places."""
    from policyengine.firewall.host_network import HostNetwork

    if isinstance(old, HostNetwork) and isinstance(new, HostNetwork):
        return differing_rules(old, new)
    return differing(*(_whole(network, known) for network in (old, new)))


def _whole(network: Network | None, known: Sequence[Place]) -> Matrix:
    if network is None:
        return Matrix("", (), (), {})
    places = all_places(network, known)
    return matrix(network, Asked(senders(places), places))
