"""What each stage of a Dockerfile sets, and which stage it stands on."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from policyengine.inputs.dockerfile.expand import Expander
from policyengine.inputs.dockerfile.variables import GlobalArguments, Variables
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.document import DocPath

MAX_PORTS = 100_000
"""How many ports the ranges of one file's EXPOSE may stand for."""

_RANGE = re.compile(r"([0-9]{1,5})-([0-9]{1,5})").fullmatch
_ABSOLUTE = re.compile(r"[/\\]|[A-Za-z]:").match
_NAME = re.compile(r"((?:[^$:@/'\"\\`]++|\$\w++|\$\{[^{}]*+\}|(?::[^/${}]*+)?+/)++)[:@][^/]*").fullmatch
"""A reference with variables, parted before its tag or digest; a port may stand before a slash."""
_SHELL = ("/bin/sh", "-c")
_WINDOWS_SHELL = ("cmd", "/S", "/C")


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that an instruction sets, and where it is written."""

    value: object
    at: DocPath


@dataclass(slots=True)
class Stage:
    """One stage: what its own instructions set.

    ``at`` is the index of its FROM; ``written`` what that names, ``base`` the same with its variables replaced,
    ``parent`` the earlier stage that this is, if it is one; ``image_name`` the image without tag and digest where the
    base is unknown only for these.
    ``settings`` are those with one value, by the model's field name.
    """

    index: int
    name: str
    at: int
    written: str
    base: str | Unknown
    parent: Stage | None
    image_name: str | None
    platform: str | Unknown | None
    variables: Variables
    settings: dict[str, Setting] = field(default_factory=dict)
    environment: dict[str, Setting] = field(default_factory=dict)
    labels: dict[str, Setting] = field(default_factory=dict)
    expose: dict[str, Setting] = field(default_factory=dict)
    shell: tuple[str, ...] | None = None

    @property
    def place(self) -> DocPath:
        """Where what FROM names is written."""
        return (self.at, "arguments", 0)

    @property
    def named(self) -> bool:
        """Whether its FROM gives it a name (AS)."""
        return self.name != str(self.index)

    @property
    def may_be_earlier_stage(self) -> bool:
        """Whether its base is not known and may turn out to be an earlier stage: ``FROM ${MODE}``."""
        return isinstance(self.base, Unknown) and self.index > 0 and self.written.startswith("$")

    def line_of_descent(self) -> list[Stage]:
        """The stages that this one stands on, from the first down to itself."""
        line = [self]
        while (parent := line[-1].parent) is not None:
            line.append(parent)
        return line[::-1]


def read_stages(document: DockerfileDocument, env: Mapping[str, str]) -> list[Stage]:
    """The stages of a file. ``env`` holds the build arguments that are given."""
    return _Builder(document, env).build()


class _Builder:
    """Follows a file's instructions from the first to the last."""

    def __init__(self, document: DockerfileDocument, env: Mapping[str, str]) -> None:
        self._document = document
        self._expander = Expander(document.escape)
        self._globals = GlobalArguments(env)
        self._stages: list[Stage] = []
        self._named: dict[str, Stage] = {}
        self._ports_left = MAX_PORTS

    def build(self) -> list[Stage]:
        for at, instruction in enumerate(self._document.instructions):
            if instruction.keyword == "FROM":
                self._start(at, instruction)
            elif not self._stages:
                self._globals.declare(instruction, self._expander)
            elif instruction.keyword in _SETTERS:
                _SETTERS[instruction.keyword](self, self._stages[-1], at, instruction)
        return self._stages

    def _start(self, at: int, instruction: Instruction) -> None:
        index = len(self._stages)
        base = self._global(instruction.words[0].text, "image")
        flag = instruction.flag("platform")
        parent = self._named.get(base.lower()) if isinstance(base, str) else None
        stage = Stage(
            index=index,
            name=instruction.words[2].text if len(instruction.words) == 3 else str(index),
            at=at,
            written=instruction.words[0].text,
            base=base,
            parent=parent,
            image_name=self._image_name(instruction.words[0].text) if isinstance(base, Unknown) else None,
            platform=self._global(flag.text, "platform") if flag else None,
            variables=Variables(self._globals, parent.variables if parent else None, scratch=base == "scratch"),
        )
        self._stages.append(stage)
        if len(instruction.words) == 3:
            self._named[stage.name.lower()] = stage

    def _global(self, text: str, fact: str) -> str | Unknown:
        """Text of a FROM, where only the ARGs before the first FROM are known."""
        expanded = self._expander.expand(text, self._globals.lookup)
        return replace(expanded, fact=fact) if isinstance(expanded, Unknown) else expanded

    def _image_name(self, written: str) -> str | None:
        name = _NAME(written)
        expanded = self._global(name[1], "image") if name else None
        return expanded if isinstance(expanded, str) else None

    def expanded(self, stage: Stage, text: str) -> str | Unknown:
        return self._expander.expand(text, stage.variables.shown)

    def arg(self, stage: Stage, _at: int, instruction: Instruction) -> None:
        stage.variables.declare(instruction, self._expander)

    def env(self, stage: Stage, at: int, instruction: Instruction) -> None:
        values = {
            pair.name.text: self._expander.expand(pair.value.text, stage.variables.lookup)
            for pair in instruction.pairs
            if pair.value is not None
        }
        # A variable takes its value only after its instruction: ENV A=1 B=$A does not see its own A.
        stage.variables.set(values)
        stage.environment |= {name: Setting(value, (at, "pairs", name)) for name, value in values.items()}

    def label(self, stage: Stage, at: int, instruction: Instruction) -> None:
        for pair in instruction.pairs:
            name = self.expanded(stage, pair.name.text)
            if isinstance(name, str) and pair.value is not None:
                value = self.expanded(stage, pair.value.text)
                stage.labels[name] = Setting(value, (at, "pairs", pair.name.text))

    def user(self, stage: Stage, at: int, instruction: Instruction) -> None:
        stage.settings["user"] = Setting(self.expanded(stage, instruction.arguments.text), (at, "arguments"))

    def workdir(self, stage: Stage, at: int, instruction: Instruction) -> None:
        path = self.expanded(stage, instruction.arguments.text)
        before = stage.settings.get("workdir")
        stage.settings["workdir"] = Setting(below(before.value if before else None, path), (at, "arguments"))

    def expose(self, stage: Stage, at: int, instruction: Instruction) -> None:
        for number, word in enumerate(instruction.words):
            place = (at, "arguments", number)
            expanded = self.expanded(stage, word.text)
            if isinstance(expanded, Unknown):
                stage.expose[f"{at} {number}"] = Setting(expanded, place)
                continue
            for key, port in (pair for text in expanded.split() for pair in self._ports(text)):
                stage.expose.setdefault(key, Setting(port, place))

    def _ports(self, text: str) -> Iterator[tuple[str, str | Unknown]]:
        """Ports as PORT/PROTOCOL, each with a key that tells it from others; a range is every port in it."""
        port, _, protocol = text.partition("/")
        protocol = protocol.lower() or "tcp"
        match = _RANGE(port)
        first, last = (int(match[1]), int(match[2])) if match else (0, 0)
        if match is None or last > 65535:
            yield f"{port}/{protocol}", f"{port}/{protocol}"
            return
        self._ports_left -= last - first + 1
        if self._ports_left < 0:
            yield text, Unknown("expose", f"the ranges stand for more than {MAX_PORTS:,} ports")
            return
        yield from ((f"{number}/{protocol}", f"{number}/{protocol}") for number in range(first, last + 1))

    def healthcheck(self, stage: Stage, at: int, instruction: Instruction) -> None:
        test = [word.text for word in instruction.words]
        if instruction.form == "shell":
            test[0] = "CMD-SHELL"
        stage.settings["healthcheck"] = Setting({"test": test}, (at,))

    def shell(self, stage: Stage, _at: int, instruction: Instruction) -> None:
        stage.shell = tuple(word.text for word in instruction.words)

    def command(self, stage: Stage, at: int, instruction: Instruction) -> None:
        field_ = "command" if instruction.keyword == "CMD" else "entrypoint"
        stage.settings[field_] = Setting(self._words(stage, instruction), (at, "arguments"))

    def _words(self, stage: Stage, instruction: Instruction) -> list[str]:
        if instruction.form == "exec":
            return [word.text for word in instruction.words]
        text = instruction.arguments.text
        return [*self._shell_of(stage), text] if text else []

    def _shell_of(self, stage: Stage) -> tuple[str, ...]:
        set_ = (member.shell for member in reversed(stage.line_of_descent()) if member.shell)
        # The backquote as escape character is what Windows files are given, where \ parts directories.
        windows = self._document.escape == "`" or str(stage.platform).startswith("windows")
        return next(set_, _WINDOWS_SHELL if windows else _SHELL)


_SETTERS: dict[str, Callable[[_Builder, Stage, int, Instruction], None]] = {
    "ARG": _Builder.arg,
    "CMD": _Builder.command,
    "ENTRYPOINT": _Builder.command,
    "ENV": _Builder.env,
    "EXPOSE": _Builder.expose,
    "HEALTHCHECK": _Builder.healthcheck,
    "LABEL": _Builder.label,
    "SHELL": _Builder.shell,
    "USER": _Builder.user,
    "WORKDIR": _Builder.workdir,
}


def is_absolute(path: str) -> bool:
    """Whether a path is absolute, on Linux or on Windows."""
    return _ABSOLUTE(path) is not None


def below(before: object, path: object) -> object:
    """The working directory after ``WORKDIR path`` in ``before``; a relative path as it is where that is None."""
    if not isinstance(path, str):
        return path
    if is_absolute(path):
        return posixpath.normpath(path) if path.startswith("/") else path
    if isinstance(before, str):
        return posixpath.normpath(posixpath.join(before, path))
    return path if before is None else before
