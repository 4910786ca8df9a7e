"""Putting what several files, or a service and the one that it extends, say into one.

https://github.com/compose-spec/compose-spec/blob/main/13-merge.md, and where it is silent, as compose-go's ``override``
package does it. Items that must be unique (mounts by their target, ports) are so where they are read: a service can
write one twice itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.documents.scalars import scalar_text
from policyengine.inputs.compose.layer import Tree, mapping, sequence
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Conflict = Callable[[Tree], None]
    """Told of a value that cannot be merged with what it should add to: a mapping with a sequence."""


class Rule(Struct, frozen=True):
    """How two values of one key become one.

    ``form`` brings both to the same form first; ``replaces``: the later one stands alone; ``nulls``: a null of the
    later one counts too; ``key``: of items with one key the later replaces the earlier. ``below`` holds the rules of
    keys, that of ``*`` for any other.
    """

    form: Callable[[Tree], Tree] | None = None
    replaces: Callable[[Tree, Tree], bool] = lambda _base, _over: False
    nulls: bool = False
    key: Callable[[str], str] | None = None
    below: Mapping[str, Rule] = field(default_factory=dict)

    def of(self, key: str) -> Rule:
        """The rule of a key."""
        return self.below.get(key) or self.below.get("*") or PLAIN


class Merger(Struct, frozen=True):
    """Makes one value of two. ``conflict`` is told of what cannot be merged.

    What is merged of both stands where the earlier value does; with ``extending`` where the later one does: a service
    stands in its own place, whatever it extends.
    """

    conflict: Conflict
    extending: bool = False

    def merged(self, base: Tree, over: Tree, rule: Rule) -> Tree:
        """What ``base`` and, later, ``over`` say together."""
        if over.value is None and not rule.nulls:
            return base
        if rule.form is not None:
            base, over = rule.form(base), rule.form(over)
        if base.value is None or over.value is None or rule.replaces(base, over):
            return over
        at = over.origin if self.extending else base.origin
        if isinstance(base.value, dict) and isinstance(over.value, dict):
            return mapping(self._entries(base, over, rule), at)
        if isinstance(base.value, list) and isinstance(over.value, list):
            return sequence(_items(base, over, rule), at)
        if isinstance(base.value, dict | list) and not isinstance(over.value, Unknown):
            self.conflict(over)
        return over

    def _entries(self, base: Tree, over: Tree, rule: Rule) -> dict[str, Tree]:
        marks = over.origin.marks()
        found = {key: tree for key, tree in base.children() if key not in marks}
        for key, tree in over.children():
            found[key] = self.merged(found[key], tree, rule.of(key)) if key in found else tree
        return found


def _items(base: Tree, over: Tree, rule: Rule) -> list[Tree]:
    if rule.key is None:
        return [*base.items(), *over.items()]
    found: dict[object, Tree] = {}
    for index, item in enumerate((*base.items(), *over.items())):
        text = scalar_text(item.value)
        found[index if text is None else rule.key(text)] = item
    return list(found.values())


def as_pairs(tree: Tree) -> Tree:
    """``NAME=VALUE`` items as the mapping that they stand for; an item that is no such pair is left out."""
    if not isinstance(tree.value, list):
        return tree
    found: dict[str, Tree] = {}
    for item in tree.items():
        name, equals, value = (written_text(item) or "").partition("=")
        if name:
            told = item.value if isinstance(item.value, Unknown) else value if equals else None
            found[name] = Tree(told, item.origin)
    return mapping(found, tree.origin)


def written_text(item: Tree) -> str | None:
    """An item's text; before its interpolation where that leaves it open, so that what stands before ``=`` is known."""
    if isinstance(item.value, Unknown):
        return scalar_text(item.origin.layer.written(item.origin.path))
    return scalar_text(item.value)


def as_names(tree: Tree) -> Tree:
    """Names as the mapping of nulls that they stand for."""
    if not isinstance(tree.value, list):
        return tree
    named = ((scalar_text(item.value), item) for item in tree.items())
    return mapping({name: Tree(None, item.origin) for name, item in named if name}, tree.origin)


def as_items(tree: Tree) -> Tree:
    """A single value as the list that it stands for."""
    return tree if isinstance(tree.value, list | None) else sequence([tree], tree.origin)


def as_hosts(tree: Tree) -> Tree:
    """A mapping of names to addresses as the ``NAME=ADDRESS`` items that it stands for."""
    if not isinstance(tree.value, dict):
        return tree
    found: list[Tree] = []
    for name, below in tree.children():
        for item in as_items(below).items():
            address = item.value if isinstance(item.value, Unknown) else f"{name}={scalar_text(item.value) or ''}"
            found.append(Tree(address, item.origin))
    return sequence(found, tree.origin)


def as_build(tree: Tree) -> Tree:
    """A build context as the mapping that it stands for."""
    return tree if isinstance(tree.value, dict | None) else mapping({"context": tree}, tree.origin)


def _other_driver(base: Tree, over: Tree) -> bool:
    """Options are those of a driver: another one has its own."""
    drivers = [tree.child("driver").value for tree in (base, over)]
    return None not in drivers and drivers[0] != drivers[1]


def _always(_base: Tree, _over: Tree) -> bool:
    return True


def _itself(text: str) -> str:
    return text


def _device(text: str) -> str:
    """A device's path in the container."""
    return (text.split(":") * 2)[1]


PLAIN = Rule()
_REPLACED = Rule(replaces=_always, nulls=True)
_VALUE = Rule(nulls=True)
_PAIRS = Rule(form=as_pairs, below={"*": _VALUE})
_NAMES = Rule(form=as_names)
_ITEMS = Rule(form=as_items, key=_itself)
_BUILD = Rule(
    form=as_build,
    below={"args": _PAIRS, "labels": _PAIRS, "additional_contexts": _PAIRS, "extra_hosts": Rule(form=as_hosts)},
)
SERVICE = Rule(
    below={
        **dict.fromkeys(("command", "entrypoint"), _REPLACED),
        **dict.fromkeys(("annotations", "environment", "labels", "sysctls"), _PAIRS),
        **dict.fromkeys(("depends_on", "models", "networks"), _NAMES),
        **dict.fromkeys(("dns", "dns_opt", "dns_search", "env_file", "label_file", "tmpfs"), _ITEMS),
        "build": _BUILD,
        "deploy": Rule(below={"labels": _PAIRS}),
        **dict.fromkeys(("cap_add", "cap_drop", "expose", "links", "profiles"), Rule(key=_itself)),
        "devices": Rule(key=_device),
        "extra_hosts": Rule(form=as_hosts, key=_itself),
        "healthcheck": Rule(below={"test": _REPLACED}),
        "logging": Rule(replaces=_other_driver),
        "ulimits": Rule(below={"*": _REPLACED}),
    }
)
"""How two definitions of a service become one, from compose-go's ``mergeSpecials`` and ``unique``."""

_LABELLED = Rule(below={"labels": _PAIRS})
PROJECT = Rule(
    below={
        "services": Rule(below={"*": SERVICE}),
        **dict.fromkeys(("networks", "volumes"), Rule(below={"*": _LABELLED})),
    }
)
"""How two files become one."""
