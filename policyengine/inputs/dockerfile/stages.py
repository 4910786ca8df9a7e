"""What each stage of a Dockerfile sets, and which stage it stands on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec import Struct, field
from msgspec.structs import replace

from policyengine.inputs.dockerfile.directories import below, leads_from_root
from policyengine.inputs.dockerfile.expand import Expander
from policyengine.inputs.dockerfile.ports import Ports
from policyengine.inputs.dockerfile.sight import Sight, copied, known_in, later, set_by
from policyengine.inputs.dockerfile.variables import GlobalArguments, Variables, referring_to_own
from policyengine.inputs.dockerfile.written import trigger_text
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.document import DocPath
    from policyengine.inputs.dockerfile.expand import Variable

_NAME = re.compile(r"((?:[^$:@/'\"\\`]++|\$\w++|\$\{[^{}]*+\}|(?::[^/${}]*+)?+/)++)[:@][^/]*").fullmatch
"""A reference with variables, parted before its tag or digest; a port may stand before a slash."""
_WINDOWS_IMAGE = re.compile(
    r"""(?x) mcr\.microsoft\.com/(?:windows|dotnet/framework)/.+ | [^:\n]*:.*(?:nanoserver|windowsservercore).*
    | microsoft/(?:nanoserver|windowsservercore).*
    """
).fullmatch
OVERRIDING = frozenset(("CMD", "ENTRYPOINT", "HEALTHCHECK"))
"""Instructions of which the last of a stage counts."""
_SHELL = ("/bin/sh", "-c")
_WINDOWS_SHELL = ("cmd", "/S", "/C")


class Setting(Struct, frozen=True):
    """A value that an instruction sets, and where it is written."""

    value: object
    at: DocPath


class Stage(Struct):
    """One stage: what its own instructions set.

    ``at`` is the index of its FROM; ``written`` what that names, ``base`` the same with its variables replaced,
    ``parent`` the earlier stage that this is, if it is one; ``image_name`` the image without tag and digest where the
    base is unknown only for these.
    ``settings`` are those with one value, by the model's field name. ``triggers`` are the instructions that its ONBUILD
    leaves to the stages that stand on it, ``left_workdir`` the working directory that they set.
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
    duplicate: bool = False
    settings: dict[str, Setting] = field(default_factory=dict)
    environment: dict[str, Setting] = field(default_factory=dict)
    labels: dict[str, Setting] = field(default_factory=dict)
    expose: dict[str, Setting] = field(default_factory=dict)
    volumes: dict[str, Setting] = field(default_factory=dict)
    onbuild: dict[str, Setting] = field(default_factory=dict)
    triggers: list[tuple[DocPath, Instruction]] = field(default_factory=list)
    shell: tuple[str, ...] | None = None
    left_workdir: object = None

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

    @property
    def workdir(self) -> object:
        """The working directory that is in force so far; None where only the base image sets one."""
        line = self.line_of_descent()
        found: object = None
        for member in line:
            if "workdir" in member.settings:
                found = below(found, member.settings["workdir"].value)
        if found is None and line[0].base == "scratch":
            return "/"
        return line[0].base if found is None and line[0].may_be_earlier_stage else found

    def line_of_descent(self) -> list[Stage]:
        """The stages that this one stands on, from the first down to itself."""
        line = [self]
        while (parent := line[-1].parent) is not None:
            line.append(parent)
        return line[::-1]


class Reading(Struct, frozen=True):
    """The stages of a file, and what single instructions see, by their path in the document.

    ``overridden`` are the instructions in whose place later ones of their stage stand.
    """

    stages: list[Stage]
    sights: dict[DocPath, Sight]
    overridden: frozenset[DocPath]


def read_stages(document: DockerfileDocument, env: Mapping[str, str]) -> Reading:
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
        self._ports = Ports()
        self._sights: dict[DocPath, Sight] = {}
        self._overridden: set[DocPath] = set()
        self._last: dict[tuple[int, str], DocPath] = {}

    def build(self) -> Reading:
        for at, instruction in enumerate(self._document.instructions):
            if instruction.keyword == "FROM":
                self._start(at, instruction)
            elif not self._stages:
                self._sights[(at,)] = set_by(instruction, self._expander, self._globals.lookup)
                self._globals.declare(instruction, self._expander)
            else:
                self._look(self._stages[-1], (at,), instruction, self._stages[-1].variables.shown)
                self._take(self._stages[-1], (at,), instruction)
                self._override(len(self._stages), (at,), instruction.keyword)
        return Reading(self._stages, self._sights, frozenset(self._overridden))

    def _override(self, stage: int, at: DocPath, keyword: str) -> None:
        if keyword in OVERRIDING:
            before = self._last.get((stage, keyword))
            self._overridden |= {before} if before else set()
            self._last[stage, keyword] = at

    def _take(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        if instruction.keyword in _SETTERS:
            _SETTERS[instruction.keyword](self, stage, at, instruction)

    def _look(self, stage: Stage, at: DocPath, instruction: Instruction, lookup: Callable[[str], Variable]) -> None:
        """Note what an instruction sees, as long as it is so."""
        keyword = instruction.keyword
        if keyword in ("ADD", "COPY"):
            left = stage.left_workdir if len(at) > 1 else None
            workdir = stage.workdir if left is None else left
            self._sights[at] = copied(instruction, self._expander, lookup, workdir)
        elif keyword == "WORKDIR":
            self._sights[at] = self._moved(stage, instruction, lookup)
        elif keyword in ("ARG", "ENV"):
            own = tuple(referring_to_own(instruction, stage.variables.is_set)) if keyword == "ENV" else ()
            sees = stage.variables.lookup if len(at) == 1 else lookup
            self._sights[at] = set_by(instruction, self._expander, sees, own)
        elif keyword in ("CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN"):
            shell, is_set = self._shell_of(stage)
            known = known_in(instruction, lookup) if keyword == "RUN" else {}
            self._sights[at] = Sight(shell, is_set, variables=known)

    def _moved(self, stage: Stage, instruction: Instruction, lookup: Callable[[str], Variable]) -> Sight:
        written = instruction.arguments.text
        path = self._expander.expand(written, lookup)
        absolute = leads_from_root(written, path, self._expander, lookup)
        return Sight(workdir=below(stage.workdir, path), absolute=absolute)

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
            stage.duplicate = stage.name.lower() in self._named
            self._named[stage.name.lower()] = stage
        for place, trigger in parent.triggers if parent else ():
            # BuildKit runs what ONBUILD left to them in the stages of the same file, too.
            self._take(stage, place, trigger)

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

    def arg(self, stage: Stage, _at: DocPath, instruction: Instruction) -> None:
        stage.variables.declare(instruction, self._expander)

    def env(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        values = {
            pair.name.text: self._expander.expand(pair.value.text, stage.variables.lookup)
            for pair in instruction.pairs
            if pair.value is not None
        }
        # A variable takes its value only after its instruction: ENV A=1 B=$A does not see its own A.
        stage.variables.set(values)
        stage.environment |= {name: Setting(value, (*at, "pairs", name)) for name, value in values.items()}

    def label(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        for pair in instruction.pairs:
            name = self.expanded(stage, pair.name.text)
            if isinstance(name, str) and pair.value is not None:
                value = self.expanded(stage, pair.value.text)
                stage.labels[name] = Setting(value, (*at, "pairs", pair.name.text))

    def user(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        stage.settings["user"] = Setting(self.expanded(stage, instruction.arguments.text), (*at, "arguments"))

    def workdir(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        path = self.expanded(stage, instruction.arguments.text)
        before = stage.settings.get("workdir")
        stage.settings["workdir"] = Setting(below(before.value if before else None, path), (*at, "arguments"))

    def expose(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        for number, word in enumerate(instruction.words):
            place = (*at, "arguments", number)
            expanded = self.expanded(stage, word.text)
            if isinstance(expanded, Unknown):
                stage.expose[f"{place}"] = Setting(expanded, place)
                continue
            for key, port in (pair for text in expanded.split() for pair in self._ports.read(text)):
                stage.expose.setdefault(key, Setting(port, place))

    def healthcheck(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        test = [word.text for word in instruction.words]
        if instruction.form == "shell":
            test[0] = "CMD-SHELL"
        stage.settings["healthcheck"] = Setting({"test": test, "disable": True if test == ["NONE"] else None}, at)

    def shell(self, stage: Stage, _at: DocPath, instruction: Instruction) -> None:
        stage.shell = tuple(word.text for word in instruction.words)

    def command(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        field_ = "command" if instruction.keyword == "CMD" else "entrypoint"
        stage.settings[field_] = Setting(self._words(stage, instruction), (*at, "arguments"))

    def volume(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        for number, word in enumerate(instruction.words):
            place = (*at, "arguments", number)
            path = self.expanded(stage, word.text)
            stage.volumes[path if isinstance(path, str) else f"{place}"] = Setting(path, place)

    def stop_signal(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        stage.settings["stop_signal"] = Setting(self.expanded(stage, instruction.arguments.text), (*at, "arguments"))

    def on_build(self, stage: Stage, at: DocPath, instruction: Instruction) -> None:
        if instruction.trigger is None:
            return
        place = (*at, "trigger")
        stage.triggers.append((place, instruction.trigger))
        stage.onbuild[f"{place}"] = Setting(trigger_text(instruction.trigger), place)
        self._look(stage, place, instruction.trigger, later)
        if instruction.trigger.keyword == "WORKDIR":
            stage.left_workdir = self._sights[place].workdir

    def _words(self, stage: Stage, instruction: Instruction) -> list[str]:
        if instruction.form == "exec":
            return [word.text for word in instruction.words]
        text = instruction.arguments.text
        return [*self._shell_of(stage)[0], text] if text else []

    def _shell_of(self, stage: Stage) -> tuple[tuple[str, ...], bool]:
        """The shell of a stage as far as it is read, and whether a SHELL sets it."""
        line = stage.line_of_descent()
        for member in reversed(line):
            if member.shell:
                return member.shell, True
        # The backquote as escape character is what Windows files are given, where \ parts directories.
        windows = self._document.escape == "`" or is_windows(stage)
        return (_WINDOWS_SHELL if windows else _SHELL), False


def is_windows(stage: Stage) -> bool:
    """Whether a stage is built for Windows: by its platform, or standing on an image that there is only for it."""
    return any(map(_is_of_windows, stage.line_of_descent()))


def _is_of_windows(stage: Stage) -> bool:
    name = stage.image_name or stage.base
    return str(stage.platform).startswith("windows") or (isinstance(name, str) and _WINDOWS_IMAGE(name) is not None)


_SETTERS: dict[str, Callable[[_Builder, Stage, DocPath, Instruction], None]] = {
    "ARG": _Builder.arg,
    "CMD": _Builder.command,
    "ENTRYPOINT": _Builder.command,
    "ENV": _Builder.env,
    "EXPOSE": _Builder.expose,
    "HEALTHCHECK": _Builder.healthcheck,
    "LABEL": _Builder.label,
    "ONBUILD": _Builder.on_build,
    "SHELL": _Builder.shell,
    "STOPSIGNAL": _Builder.stop_signal,
    "USER": _Builder.user,
    "VOLUME": _Builder.volume,
    "WORKDIR": _Builder.workdir,
}
