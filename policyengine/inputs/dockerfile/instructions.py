"""The facts of single instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from policyengine.inputs.dockerfile.remote import remote_sources
from policyengine.inputs.dockerfile.written import arguments, written_flags
from policyengine.inputs.facts import Facts
from policyengine.model.kinds import instruction as instruction_kind
from policyengine.model.provenance import Provenance
from policyengine.model.unknown import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.documents.document import DocPath
    from policyengine.inputs.context import Context
    from policyengine.inputs.dockerfile.sight import Sight
    from policyengine.model.resource import Resource
    from policyengine.model.scope import Scope

_RUNNING = frozenset(("CMD", "ENTRYPOINT", "HEALTHCHECK", "RUN"))
_DEFAULT = Provenance("default", "Dockerfile reference")


class InstructionReader:
    """Reads the instructions of one file."""

    def __init__(self, document: DockerfileDocument, context: Context, scope: Scope, origin: str) -> None:
        self._document = document
        self._context = context
        self._scope = scope
        self._origin = origin
        self._commands = context.wants("instruction", "commands")

    def resources(self, at: int, sights: dict[DocPath, Sight], stage: str | None, parent: str) -> Iterator[Resource]:
        """The instruction at an index, and what it triggers; ``sights`` is what each sees, by its path."""
        instruction = self._document.instructions[at]
        yield self._resource((at,), instruction, sights.get((at,)), stage, parent)
        if instruction.trigger:
            path = (at, "trigger")
            yield self._resource(path, instruction.trigger, sights.get(path), stage, parent)

    def _resource(
        self, at: DocPath, instruction: Instruction, sight: Sight | None, stage: str | None, parent: str
    ) -> Resource:
        facts = Facts(instruction_kind.KIND, self._document, at, self._context)
        facts.put("instruction", instruction.keyword, (*at, "keyword"))
        facts.put("arguments", arguments(instruction))
        facts.put("flags", (sight and sight.flags) or written_flags(instruction) or None)
        if instruction.keyword in ("ADD", "COPY"):
            _put_copied(facts, at, instruction, sight)
        if instruction.keyword in ("ARG", "ENV"):
            _put_variables(facts, at, instruction, sight)
        if instruction.keyword in ("CMD", "ENTRYPOINT", "RUN", "SHELL"):
            facts.put("form", instruction.form, (*at, "arguments"))
        if instruction.keyword in _RUNNING and instruction.form and sight:
            self._put_run(facts, at, instruction, sight)
        facts.put("onbuild", len(at) > 1)
        facts.put("stage", stage)
        facts.put("line", instruction.line)
        onbuild = "ONBUILD " if len(at) > 1 else ""
        resource = facts.resource(f"{onbuild}{instruction.keyword} {int(at[0]) + 1}", self._scope, self._origin, parent)
        return replace(resource, identity=(onbuild + instruction.keyword, arguments(instruction)))

    def _put_run(self, facts: Facts, at: DocPath, instruction: Instruction, sight: Sight) -> None:
        facts.put("shell", list(sight.shell), how=None if sight.shell_is_set else _DEFAULT)
        # The exec form of CMD may be the arguments of an ENTRYPOINT.
        if self._commands and (instruction.keyword, instruction.form) != ("CMD", "exec"):
            from policyengine.inputs.dockerfile.commands import put_commands

            put_commands(facts, self._document, at, instruction, sight.shell)


def _put_copied(facts: Facts, at: DocPath, instruction: Instruction, sight: Sight | None) -> None:
    words = list(sight.words) if sight else [word.text for word in instruction.words]
    last = len(words) - 1
    facts.put("sources", words[:-1], (*at, "arguments"))
    facts.put("destination", words[-1], (*at, "arguments", last))
    if instruction.keyword == "ADD":
        written = [word.text for word in instruction.words]
        remote = remote_sources(written[:-1], words[:-1])
        facts.put("remote_sources", [source for _, source in remote] or None, (*at, "arguments"))
        for number, (index, _) in enumerate(remote):
            facts.place(("remote_sources", number), (*at, "arguments", index))


def _put_variables(facts: Facts, at: DocPath, instruction: Instruction, sight: Sight | None) -> None:
    # A value that is not known comes from elsewhere, at least in part: the base image, an argument of the build.
    seen = sight.variables.items() if sight else ()
    values = {name: None if isinstance(value, Unknown) else value for name, value in seen}
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
