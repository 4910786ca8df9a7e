"""The variables that an instruction sees: ARG and ENV.

https://docs.docker.com/build/building/variables/
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from policyengine.inputs.dockerfile.expand import Unset
from policyengine.model.secret_names import names_secret
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.inputs.dockerfile.expand import Expander, Variable

PLATFORM = frozenset(
    f"{side}{part}" for side in ("BUILD", "TARGET") for part in ("PLATFORM", "OS", "OSVERSION", "ARCH", "VARIANT")
) | {"TARGETSTAGE"}
"""The ARGs that the builder itself gives a value."""

_REFERENCE = re.compile(r"(?<!\\)\$(?:(\w+)|\{(\w+))").finditer
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_FACT = "build argument"


def _given(name: str, env: Mapping[str, str]) -> Variable:
    """The value of an ARG that has no default."""
    if name in env:
        return env[name]
    if name in PLATFORM:
        return Unknown(_FACT, f"the builder sets {name}")
    return Unset(Unknown(_FACT, f"ARG {name} has no value", f"--env {name}=VALUE"))


def _shown(name: str, value: Variable) -> Variable:
    """A variable's value, unknown where its name names a secret: it would be shown as part of another."""
    if value is None or not names_secret(name):
        return value
    return Unknown(_FACT, f"{name} names a secret, and is not looked at")


def referring_to_own(instruction: Instruction, is_set: Callable[[str], bool]) -> Iterator[str]:
    """The variables of an ENV whose values refer to others of the same ENV, which they do not see.

    Those that were set before are seen with the value of then; a variable may build on its own former value.
    """
    names = [pair.name.text for pair in instruction.pairs]
    if len(names) < 2:
        return
    for index, pair in enumerate(instruction.pairs):
        others = {*names[:index], *names[index + 1 :]}
        referred = {found[1] or found[2] for found in _REFERENCE(pair.value.text)} if pair.value else set()
        if any(not is_set(name) for name in others & referred):
            yield pair.name.text


class GlobalArguments:
    """The ARGs before the first FROM, which FROM sees, and a stage that declares them again."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self.env = env
        self.values: dict[str, Variable] = {}

    def declare(self, instruction: Instruction, expander: Expander) -> None:
        """Take an ARG; what is given wins over its default."""
        for pair in instruction.pairs:
            name = pair.name.text
            if name in self.env or pair.value is None:
                self.values[name] = _given(name, self.env)
            else:
                self.values[name] = expander.expand(pair.value.text, self.lookup)

    def lookup(self, name: str) -> Variable:
        """A variable's value in a FROM, where one that nothing declares has none."""
        if name in self.values:
            return _shown(name, self.values[name])
        if name in PLATFORM:
            return _given(name, self.env)
        return Unset(Unknown(_FACT, f"no ARG before the first FROM declares {name}"))


class Variables:
    """The variables of one stage. ENV wins over ARG; both go on to the stages that stand on this one."""

    def __init__(self, globals_: GlobalArguments, parent: Variables | None, *, scratch: bool) -> None:
        self._globals = globals_
        self._parent = parent
        self._scratch = scratch
        self._environment: dict[str, str | Unknown] = {}
        self._arguments: dict[str, Variable] = {}

    def set(self, values: Mapping[str, str | Unknown]) -> None:
        """Take the variables of an ENV."""
        self._environment.update(values)

    def declare(self, instruction: Instruction, expander: Expander) -> None:
        """Take an ARG: what is given wins over its default, and its default over that of an ARG before FROM."""
        for pair in instruction.pairs:
            name, env = pair.name.text, self._globals.env
            if pair.value is not None and name not in env:
                self._arguments[name] = expander.expand(pair.value.text, self.shown)
            elif name in self._globals.values:
                self._arguments[name] = self._globals.values[name]
            else:
                self._arguments[name] = _given(name, env)

    def is_set(self, name: str) -> bool:
        """Whether the file itself gives the variable a value, or asks the build for one, so far."""
        return any(name in one._environment or name in one._arguments for one in self._line())

    def shown(self, name: str) -> Variable:
        """A variable's value where it is shown: unknown where its name names a secret."""
        return _shown(name, self.lookup(name))

    def lookup(self, name: str) -> Variable:
        """A variable's value in an ENV of the stage, whose values are never shown."""
        line = self._line()
        for variables in line:
            if name in variables._environment:
                return variables._environment[name]
        for variables in line:
            if name in variables._arguments:
                return variables._arguments[name]
        if line[-1]._scratch:
            return _DEFAULT_PATH if name == "PATH" else None
        return Unknown("image.environment", f"the base image may set {name}")

    def _line(self) -> list[Variables]:
        line = [self]
        while (parent := line[-1]._parent) is not None:
            line.append(parent)
        return line
