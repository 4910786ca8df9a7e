"""Which policies judge in a run, by which packs, with which parameters, and how their violations are enforced."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine import __version__
from policyengine.commands.policies import loaded
from policyengine.errors import PolicyengineError, UsageError, did_you_mean
from policyengine.inputs import inputs
from policyengine.model.enforcement import Enforcements
from policyengine.policy import cache
from policyengine.policy.packs import (
    DEFAULT,
    Pack,
    brought_along,
    built_in_packs,
    is_built_in,
    is_of,
    load_pack,
    members,
    pack_parameters,
    two_releases,
    with_included,
)
from policyengine.policy.parameters import parameter_values
from policyengine.policy.select import Names, UnknownNameError, chosen

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from policyengine.model.enforcement import EnforcementRule
    from policyengine.policy.policy import Policy
    from policyengine.settings import Settings

    Inputs = frozenset[str] | None

NO_PACKS: frozenset[str] = frozenset()


class Choice(Struct, frozen=True):
    """The policies to judge by, each with the input kinds that it acts on, None for all.

    ``packs`` are those of the run, ``packs_of`` the names of those that a policy is in; ``parameters`` are the values
    that packs and settings give; ``errors`` are what kept policies from being loaded,
    ``known`` are all policies that there are; ``is_select`` tells that they were selected by name.
    """

    policies: list[tuple[Policy, Inputs]]
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    packs: tuple[Pack, ...] = ()
    packs_of: Mapping[str, frozenset[str]] = field(default_factory=dict)
    enforcements: Enforcements = field(default_factory=Enforcements)
    errors: Sequence[PolicyengineError] = ()
    known: Sequence[Policy] = ()
    is_select: bool = False

    def asked_for(self) -> Iterator[Policy]:
        """The policies that somebody asked for: by name, by a pack other than the default one, or as their own."""
        return (one for one, _ in self.policies if self.is_select or self.packs_of[one.id] != {DEFAULT})

    def told_packs(self) -> tuple[Mapping[str, str], ...]:
        """The packs as a report names them: a built-in one without releases has the version of policyengine."""
        return tuple(
            {"name": pack.name, "version": pack.release or (__version__ if pack.is_built_in else "")}
            for pack in self.packs
        )


def choice(settings: Settings) -> Choice:
    """The policies that the settings choose.

    Those of the packs, and those of the user's own files; with ``select`` those that it names, of the packs if any are
    named, else of all. Raises :class:`UsageError` for settings that make no sense, and
    :class:`~policyengine.errors.PolicyError` for a pack that is wrong.
    """
    with cache.used(wanted=settings.cache):
        packs = _packs(settings)
        policies, errors = loaded(settings, brought_along(packs))
        try:
            return _choice(settings, packs, policies, errors)
        except UsageError as error:
            if not errors:
                raise
            hint = f"perhaps because of {errors[0]}"
            raise UsageError(error.message, path=error.path, line=error.line, column=error.column, hint=hint) from None


def _choice(
    settings: Settings, packs: Sequence[Pack], policies: list[Policy], errors: Sequence[PolicyengineError]
) -> Choice:
    among = {pack.name: members(pack, policies) for pack in packs}
    wanted = _wanted(settings, packs, policies, among)
    packs_of = {policy.id: frozenset(name for name, ids in among.items() if policy.id in ids) for policy, _ in wanted}
    enforcements = _enforcements(settings.enforcement, policies, set(among))
    kept = [(one, acts) for one, acts in wanted if not _off(one, packs_of[one.id], enforcements)]
    if not kept and not errors:
        raise UsageError("no policies to judge by", hint="name some with --policies, or leave out what leaves none")
    given, selects = _parameters(settings, packs, policies), bool(settings.select)
    return Choice(kept, given, tuple(packs), packs_of, enforcements, errors, policies, selects)


def _pack_names(settings: Settings) -> Sequence[str]:
    if settings.packs or settings.select or not settings.built_in:
        return settings.packs
    return (DEFAULT,)


def _packs(settings: Settings) -> list[Pack]:
    found: dict[str, Pack] = {}
    for name in _pack_names(settings):
        try:
            pack = load_pack(name)
        except UsageError as error:
            raise settings.error(("packs", name), error.message, error.hint) from None
        if found.setdefault(pack.name, pack).path != pack.path or _is_taken(pack):
            raise settings.error(("packs", name), f'the name "{pack.name}" is another pack\'s', f"rename {pack.path}")
        _check_releases(settings, name, [*found.values(), pack])
    return list(found.values())


def _check_releases(settings: Settings, name: str, packs: Sequence[Pack]) -> None:
    if two := two_releases(packs):
        one, other = two
        message = f"{one.name} {one.release} and {other.release} cannot be judged by together"
        raise settings.error(("packs", name), message, "judge by one after the other")


def _is_taken(pack: Pack) -> bool:
    return pack.name in built_in_packs() and not pack.is_built_in


def _wanted(
    settings: Settings,
    packs: Sequence[Pack],
    policies: Sequence[Policy],
    among: Mapping[str, Mapping[str, Inputs]],
) -> list[tuple[Policy, Inputs]]:
    """The chosen policies, on the input kinds on which both a pack and a name want them."""
    try:
        found = chosen(policies, settings.select, settings.ignore)
    except UnknownNameError as error:
        key = "select" if error.name in settings.select else "ignore"
        raise settings.error((key, error.name), error.message, error.hint) from None
    if not packs:
        return found
    own = {policy.id for policy in policies if _is_own(policy, packs)}
    of_packs: dict[str, Inputs] = dict.fromkeys(own)
    for ids in among.values():
        of_packs |= {id_: _either(of_packs.get(id_, NO_PACKS), acts) for id_, acts in ids.items()}
    both = ((policy, _both(acts, of_packs[policy.id])) for policy, acts in found if policy.id in of_packs)
    return [(policy, acts) for policy, acts in both if acts is None or acts]


def _is_own(policy: Policy, packs: Iterable[Pack]) -> bool:
    """Whether a policy comes from the user's own files, and not along with a pack."""
    return not is_built_in(policy) and not any(is_of(policy, part) for pack in packs for part in with_included(pack))


def _either(one: Inputs, other: Inputs) -> Inputs:
    return None if one is None or other is None else one | other


def _both(one: Inputs, other: Inputs) -> Inputs:
    if one is None or other is None:
        return other if one is None else one
    return one & other


def _parameters(
    settings: Settings, packs: Iterable[Pack], policies: Sequence[Policy]
) -> Mapping[str, Mapping[str, object]]:
    """The values of parameters: those of packs, the later ones over the earlier, and over all those of the settings."""
    by_id = {policy.id: policy for policy in policies}
    values: dict[str, dict[str, object]] = {}
    for pack in packs:
        for id_, of_pack in pack_parameters(pack).items():
            _check_pack_parameters(pack, id_, of_pack, by_id)
            values.setdefault(id_, {}).update(of_pack)
    for id_, given in settings.parameters.items():
        _check_parameters(settings, id_, given, by_id)
        values.setdefault(id_, {}).update(given)
    return values


def _check_pack_parameters(pack: Pack, id_: str, given: Mapping[str, object], by_id: Mapping[str, Policy]) -> None:
    if id_ not in by_id:
        raise UsageError(f'unknown policy "{id_}" in parameters', path=pack.path, hint=did_you_mean(id_, by_id))
    try:
        parameter_values(id_, by_id[id_].parameters or {}, given)
    except UsageError as error:
        raise UsageError(error.message, path=pack.path, hint=error.hint) from None


def _check_parameters(settings: Settings, id_: str, given: Mapping[str, object], by_id: Mapping[str, Policy]) -> None:
    at = ("parameters", id_)
    if id_ not in by_id:
        prefix = "" if at in settings.origins and settings.origins[at].line else "--param: "
        raise settings.error(at, f'{prefix}unknown policy "{id_}"', did_you_mean(id_, by_id))
    for name, value in given.items():
        try:
            parameter_values(id_, by_id[id_].parameters or {}, {name: value})
        except UsageError as error:
            raise settings.error((*at, name), error.message, error.hint) from None


def _enforcements(rules: Sequence[EnforcementRule], policies: Sequence[Policy], packs: Collection[str]) -> Enforcements:
    names = Names.of(policies) if any(rule.policies for rule in rules) else None
    named: list[Mapping[str, Inputs] | None] = []
    ready: list[EnforcementRule] = []
    for rule in rules:
        try:
            ready.append(replace(rule, packs=tuple(_pack_name(pack, packs) for pack in rule.packs)))
            named.append(names.resolved(rule.policies) if names and rule.policies else None)
        except UsageError as error:
            path, line, column = rule.place or (None, None, None)
            raise UsageError(error.message, path=path, line=line, column=column, hint=error.hint) from None
    return Enforcements(tuple(ready), tuple(named))


def _pack_name(name: str, of_the_run: Collection[str]) -> str:
    """The name of the pack that a rule names, by its name or by its path."""
    return name if name in of_the_run or name in built_in_packs() else load_pack(name).name


def _off(policy: Policy, packs: frozenset[str], enforcements: Enforcements) -> bool:
    """Whether no violation of the policy would be told, wherever it is."""
    if not enforcements.rules:
        return False
    return all(enforcements.outcomes(policy, packs, origin) == {"off"} for origin in inputs())
