"""Changes of what confines a container: privileges, capabilities, security options, namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.docker.security import option
from policyengine.inputs.normal import capability
from policyengine.remediation.docker.answers import text, texts
from policyengine.remediation.docker.draft import Draft, refuse

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policyengine.remediation.docker.draft import Put

NO_LABELS = "label=disable"
_UNMASKED = "systempaths=unconfined"
_PATHS = ("MaskedPaths", "ReadonlyPaths")
_SEVERAL = "label"
"""The only security option that may be given several times; of any other the last one counts."""


def privileged(draft: Draft, value: object) -> None:
    """Privileged or not. Either way the engine masks what it does by default.

    An engine that is asked for a privileged container writes down that nothing is masked, which would stay.
    """
    if value is not True and draft.host.get("Privileged") is True:
        draft.notes.append("it loses the host's devices and all capabilities but the usual ones")
    draft.host["Privileged"] = value is True
    draft.host.update(dict.fromkeys(_PATHS))


def capabilities(key: str) -> Put:
    """A rule's put for ``CapAdd`` or ``CapDrop``: items that stay keep their spelling."""

    def put(draft: Draft, value: object) -> None:
        spelt = {capability(name): name for name in texts(draft.host, key)}
        names = dict.fromkeys(capability(str(item)) for item in _listed(value))
        draft.host[key] = [spelt.get(name) or _spelt(name) for name in names] or None

    return put


def _spelt(name: str) -> str:
    return name if name == "ALL" else f"CAP_{name}"


def security_options(draft: Draft, value: object) -> None:
    """The options that were asked for, and whether the engine masks paths of /proc and /sys.

    What the engine wrote down by itself, and the model does not tell, stays.
    """
    before = {str(item) for item in _listed(draft.facts.get("security_opt"))}
    wanted = _last(str(item) for item in _listed(value))
    raw = texts(draft.host, "SecurityOpt")
    kept = [item for item in raw if option(item) not in before or option(item) in wanted]
    there = {option(item) for item in kept}
    new = [item for item in wanted if item not in there and item != _UNMASKED]
    draft.host["SecurityOpt"] = [*kept, *new] or None
    if (_UNMASKED in wanted) != (_UNMASKED in before):
        for key in _PATHS:
            draft.host[key] = [] if _UNMASKED in wanted else None


def _last(options: Iterable[str]) -> list[str]:
    """The options in one spelling, of each name the last one but of labels."""
    found: dict[str, str] = {}
    for item in map(option, options):
        name = item.partition("=")[0].partition(":")[0]
        found[item if name == _SEVERAL else name] = item
    return list(found.values())


def namespace(key: str) -> Put:
    """A rule's put for ``PidMode`` or ``IpcMode``."""

    def put(draft: Draft, value: object) -> None:
        if str(value).startswith("service:"):
            raise refuse("a service is a project's; an engine only knows containers", "container:NAME")
        draft.host[key] = value or ""

    return put


def uts(draft: Draft, value: object) -> None:
    """The host's name, which forbids one of its own, or a name of its own."""
    draft.host["UTSMode"] = value or ""
    if value == "host":
        for key in ("Hostname", "Domainname"):
            draft.config.pop(key, None)


def hostname(draft: Draft, value: object) -> None:
    """A host name of its own."""
    if value is not None and (draft.joins or text(draft.host, "UTSMode") == "host"):
        raise refuse("it has the name of whose namespace it shares")
    if value is None:
        draft.config.pop("Hostname", None)
    else:
        draft.config["Hostname"] = value


def unlabelled(draft: Draft) -> bool:
    """Whether the engine switches SELinux's labels off by itself, and writes that down as if it had been asked to."""
    return draft.host.get("Privileged") is True or "host" in (draft.host.get("PidMode"), draft.host.get("IpcMode"))


def label_again(draft: Draft) -> None:
    """Take away what the engine wrote down when it switched SELinux's labels off."""
    kept = [item for item in texts(draft.host, "SecurityOpt") if option(item) != NO_LABELS]
    draft.host["SecurityOpt"] = kept or None


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []
