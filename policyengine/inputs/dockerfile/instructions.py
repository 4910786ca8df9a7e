"""The facts of single instructions."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.images.calls import without_user
from policyengine.inputs.dockerfile.copying import copies_from, plain_sources
from policyengine.inputs.dockerfile.remote import remote_sources
from policyengine.inputs.dockerfile.stages import OVERRIDING
from policyengine.inputs.dockerfile.written import arguments, written_flags
from policyengine.inputs.facts import Facts
from policyengine.model.kinds import instruction as instruction_kind
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.document import DocPath
    from policyengine.images.packages import Stage as Settled
    from policyengine.inputs.context import Context
    from policyengine.inputs.dockerfile.layers import Layers
    from policyengine.inputs.dockerfile.sight import Sight
    from policyengine.inputs.dockerfile.stages import Reading, Stage
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope

_RUNNING = frozenset(("CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN"))
_MEANING = ("packages", "unsigned", "downloads", "tls_off", "pipefail")
"""Fields that say what the commands of RUN mean."""
_LAYERS = frozenset(("ADD", "COPY", "RUN"))
"""Instructions that add a layer to the image."""
_DEFAULT = Provenance("default", "Dockerfile reference")


class InstructionReader:
    """Reads the instructions of one file."""

    def __init__(self, document: DockerfileDocument, context: Context, scope: Scope, reading: Reading) -> None:
        self._document = document
        self._context = context
        self._scope = scope
        self._reading = reading
        self._final = {stage.index for stage in reading.stages[-1].line_of_descent()}
        self._commands = context.wants("instruction", "commands")
        self._calls = context.wants("instruction", "calls")
        self._meaning = any(context.wants("instruction", field) for field in _MEANING)
        self._settled: dict[int, Settled] = {}

    @cached_property
    def _layers(self) -> Layers:
        from policyengine.inputs.dockerfile.layers import Layers

        return Layers(self._document)

    @cached_property
    def _shipped(self) -> frozenset[int]:
        from policyengine.inputs.dockerfile.shipping import shipped

        return shipped(self._document, self._reading.stages)

    def resources(self, at: int, stage: Stage | None, parent: str) -> Iterator[Resource]:
        """The instruction at an index, and what it triggers. They must be asked for in the order of the file."""
        instruction = self._document.instructions[at]
        yield self._resource((at,), instruction, stage, parent)
        if instruction.trigger:
            yield self._resource((at, "trigger"), instruction.trigger, stage, parent)

    def _resource(self, at: DocPath, instruction: Instruction, stage: Stage | None, parent: str) -> Resource:
        sight = self._reading.sights.get(at)
        facts = Facts(instruction_kind.KIND, self._document, at, self._context)
        facts.put("instruction", instruction.keyword, (*at, "keyword"))
        facts.put("arguments", arguments(instruction))
        facts.put("flags", (sight and sight.flags) or written_flags(instruction) or None)
        if instruction.keyword in ("ADD", "COPY"):
            _put_copied(facts, at, instruction, sight)
        source = instruction.flag("from") if instruction.keyword == "COPY" and len(at) == 1 else None
        if source and stage:
            facts.put("copies_from", copies_from(source.text, stage, self._reading.stages), (*at, "flags", "from"))
        if instruction.keyword in ("ARG", "ENV"):
            _put_variables(facts, at, instruction, sight)
            if sight and self._context.wants("instruction", "tls_off"):
                from policyengine.inputs.dockerfile.meaning import put_variables_off

                put_variables_off(facts, at, {k: value for k, value in sight.variables.items() if value is not None})
        if instruction.keyword in ("ADD", "COPY", "WORKDIR") and sight:
            place = (*at, "arguments", *([len(instruction.words) - 1] if instruction.words else []))
            facts.put("absolute", sight.absolute, place)
            facts.put("workdir", sight.workdir, place)
        if instruction.keyword in OVERRIDING and len(at) == 1:
            facts.put("overridden", at in self._reading.overridden)
        if instruction.keyword in ("CMD", "ENTRYPOINT", "RUN", "SHELL"):
            facts.put("form", instruction.form, (*at, "arguments"))
        if instruction.keyword in _RUNNING and instruction.form and sight:
            self._put_run(facts, at, instruction, sight, stage)
        self._put_layer(facts, at, instruction, stage)
        facts.put("onbuild", len(at) > 1)
        if stage:
            facts.put("final", stage.index in self._final)
            facts.put("stage", stage.name)
        facts.put("line", instruction.line)
        onbuild = "ONBUILD " if len(at) > 1 else ""
        resource = facts.resource(f"{onbuild}{instruction.keyword} {int(at[0]) + 1}", self._scope, "dockerfile", parent)
        return replace(resource, identity=(onbuild + instruction.keyword, arguments(instruction)))

    def _put_run(self, facts: Facts, at: DocPath, instruction: Instruction, sight: Sight, stage: Stage | None) -> None:
        facts.put("shell", list(sight.shell), how=None if sight.shell_is_set else _DEFAULT)
        meant = self._meaning and instruction.keyword == "RUN"
        # The exec form of CMD may be the arguments of an ENTRYPOINT.
        if (self._commands or self._calls or meant) and (instruction.keyword, instruction.form) != ("CMD", "exec"):
            from policyengine.inputs.dockerfile.commands import hide_passwords, put_calls, put_commands, read_calls

            calls = read_calls(self._document, at, instruction, sight.shell)
            hide_passwords(self._document, at, calls)
            if self._commands:
                put_commands(facts, at, calls)
            if self._calls:
                put_calls(facts, at, calls)
            if meant:
                from policyengine.inputs.dockerfile.meaning import put_meaning

                settled = self._settled_in(stage)
                put_meaning(facts, at, calls, sight, instruction, settled if len(at) == 1 else settled.copy())

    def _put_layer(self, facts: Facts, at: DocPath, instruction: Instruction, stage: Stage | None) -> None:
        if stage is None or instruction.keyword not in _LAYERS:
            return
        wants = self._context.wants
        if wants("instruction", "shipped"):
            facts.put("shipped", stage.index in self._shipped)
        if len(at) > 1:
            return
        if wants("instruction", "mergeable") or wants("instruction", "unpacked"):
            self._layers.put(facts, int(at[0]))
        if instruction.keyword != "RUN" and self._meaning:
            from policyengine.inputs.dockerfile.meaning import learn_copy

            learn_copy(self._settled_in(stage), instruction)

    def _settled_in(self, stage: Stage | None) -> Settled:
        """What the instructions before, in the stage and in those it stands on, have settled for package managers."""
        from policyengine.images.packages import Stage as Settled

        if stage is None:
            return Settled()
        if stage.index not in self._settled:
            above = stage.parent.index if stage.parent else None
            self._settled[stage.index] = self._settled[above].copy() if above in self._settled else Settled()
        return self._settled[stage.index]


def _put_copied(facts: Facts, at: DocPath, instruction: Instruction, sight: Sight | None) -> None:
    words = list(sight.words) if sight else [word.text for word in instruction.words]
    last = len(words) - 1
    facts.put("sources", words[:-1], (*at, "arguments"))
    facts.put("destination", words[-1], (*at, "arguments", last))
    if instruction.keyword == "ADD":
        written = [word.text for word in instruction.words]
        remote = remote_sources(written[:-1], words[:-1])
        _put_plain(facts, at, written, words, {index for index, source in remote if not isinstance(source, Unknown)})
        facts.put("remote_sources", [source for _, source in remote] or None, (*at, "arguments"))
        checked = "checksum" in (sight.flags if sight else written_flags(instruction))
        facts.put("downloads", [_download(source, checked) for _, source in remote] or None)
        for number, (index, _) in enumerate(remote):
            for field in ("remote_sources", "downloads"):
                facts.place((field, number), (*at, "arguments", index))


def _download(source: object, checked: bool) -> dict[str, object]:
    unknown = Unknown("downloads.url", "a variable names the address")
    known = isinstance(source, str) and not source.startswith("$")
    return {"url": without_user(str(source)) if known else unknown, "verified": checked}


def _put_plain(
    facts: Facts, at: DocPath, written: Sequence[str], words: Sequence[str | Unknown], remote: Collection[int]
) -> None:
    found = plain_sources(written, words, remote)
    plain = [(index, source) for index, source in found if isinstance(source, str)]
    # One that is known is reason enough, whatever the others turn out to be.
    unknown = next((source for _, source in found if isinstance(source, Unknown)), None)
    facts.put("plain_sources", [source for _, source in plain] or unknown, (*at, "arguments"))
    for number, (index, _) in enumerate(plain):
        facts.place(("plain_sources", number), (*at, "arguments", index))


def _put_variables(facts: Facts, at: DocPath, instruction: Instruction, sight: Sight | None) -> None:
    # A value that is not known comes from elsewhere, at least in part: the base image, an argument of the build.
    seen = sight.variables.items() if sight else ()
    values = {name: None if isinstance(value, Unknown) else value for name, value in seen}
    if sight and sight.own:
        facts.put("refers_to_own", list(sight.own))
        facts.place(("refers_to_own",), (*at, "pairs", sight.own[0]), hide=False)
        for number, name in enumerate(sight.own):
            facts.place(("refers_to_own", number), (*at, "pairs", name), hide=False)
    # The document hides the values itself; the whole of an instruction must stay readable.
    facts.put("environment", values or None)
    facts.place(("environment",), (*at, "pairs"), hide=False)
    for name in values:
        facts.place(("environment", name), (*at, "pairs", name), hide=False)
    if instruction.keyword == "ARG":
        asked = [pair.name.text for pair in instruction.pairs if pair.value is None or not pair.value.text.strip("'\"")]
        facts.put("build_arguments", asked or None)
        for number, name in enumerate(asked):
            facts.place(("build_arguments", number), (*at, "pairs", name))
