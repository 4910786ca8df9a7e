"""What single instructions see: the shell, and their words with variables replaced."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field

from policyengine.inputs.dockerfile.directories import leads_from_root
from policyengine.inputs.dockerfile.written import written_flags
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.inputs.dockerfile.expand import Expander, Variable

Expanded = str | Unknown

_LATER = Unknown("build argument", "the image that is built on this one decides")


class Sight(Struct, frozen=True):
    """What an instruction sees.

    ``words`` and ``flags`` are those of ADD and COPY with variables replaced. ``variables`` are those of ENV and ARG
    with their values, None for an ARG without one; those that RUN refers to, as far as their values are known.
    ``shell`` runs the shell form; ``shell_is_set`` by a SHELL.
    ``workdir`` is the working directory that is in force for ADD and COPY, and after WORKDIR; ``absolute`` whether
    what they name is a path from the root. ``own`` are the variables of ENV that refer to others of the same ENV.
    """

    shell: tuple[str, ...] = ()
    shell_is_set: bool = False
    words: tuple[Expanded, ...] = ()
    flags: Mapping[str, Expanded] = field(default_factory=dict)
    variables: Mapping[str, Expanded | None] = field(default_factory=dict)
    workdir: object = None
    absolute: bool | Unknown | None = None
    own: tuple[str, ...] = ()


_NAMED = re.compile(r"\$\{?([A-Za-z_]\w*)")
_HEEDED = frozenset(("PIP_CACHE_DIR", "PIP_NO_CACHE_DIR", "YARN_CACHE_FOLDER"))
"""Variables that programs heed though no command names them."""


def known_in(instruction: Instruction, lookup: Callable[[str], Variable]) -> dict[str, Expanded | None]:
    """The variables with known values that a RUN refers to, or that the programs it runs may heed."""
    text = instruction.source.text
    names = _HEEDED.union(_NAMED.findall(text), _NAMED.findall(instruction.body)) if "$" in text else _HEEDED
    return {name: value for name in sorted(names) if isinstance(value := lookup(name), str)}


def later(_name: str) -> Variable:
    """A variable in what ONBUILD triggers: its value is that of another build."""
    return _LATER


def copied(instruction: Instruction, expander: Expander, lookup: Callable[[str], Variable], workdir: object) -> Sight:
    """What ADD and COPY see; ``--from`` takes no variables."""
    words = tuple(
        expander.expand(word.text, lookup) if "$" in word.text or word.text[:1] in ("'", '"') else word.text
        for word in instruction.words
    )
    flags = {
        name: expander.expand(value, lookup) if "$" in value and name != "from" else value
        for name, value in written_flags(instruction).items()
    }
    absolute = leads_from_root(instruction.words[-1].text, words[-1], expander, lookup)
    return Sight(words=words, flags=flags, workdir=workdir, absolute=absolute)


def set_by(
    instruction: Instruction,
    expander: Expander,
    lookup: Callable[[str], Variable],
    own: tuple[str, ...] = (),
) -> Sight:
    """What ENV and ARG set: an ARG to its default, whatever the build is given."""
    values = {
        pair.name.text: expander.expand(pair.value.text, lookup) if pair.value else None for pair in instruction.pairs
    }
    return Sight(variables=values, own=own)
