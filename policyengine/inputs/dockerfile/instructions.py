"""The facts of single instructions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.inputs.facts import Facts
from policyengine.model.kinds import instruction as instruction_kind

if TYPE_CHECKING:
    from policyengine.documents.dockerfile import DockerfileDocument
    from policyengine.documents.dockerfile_instruction import Instruction
    from policyengine.inputs.context import Context
    from policyengine.inputs.dockerfile.stages import Stage


def instruction_facts(document: DockerfileDocument, at: int, stage: Stage | None, context: Context) -> Facts:
    """The facts of the instruction at an index; ``stage`` is the one that it is in, if any."""
    instruction = document.instructions[at]
    facts = Facts(instruction_kind.KIND, document, (at,), context)
    facts.put("instruction", instruction.keyword, (at, "keyword"))
    facts.put("arguments", arguments(instruction))
    facts.put("flags", _flags(instruction) or None)
    if instruction.keyword in ("ADD", "COPY"):
        words = [word.text for word in instruction.words]
        facts.put("sources", words[:-1], (at, "arguments"))
        facts.put("destination", words[-1], (at, "arguments", len(words) - 1))
    if instruction.keyword in ("CMD", "ENTRYPOINT", "RUN", "SHELL"):
        facts.put("form", instruction.form, (at, "arguments"))
    facts.put("stage", stage.name if stage else None)
    facts.put("line", instruction.line)
    return facts


def arguments(instruction: Instruction) -> str:
    """The arguments as they may be shown: the values of ENV and ARG may be secrets, so of these the names only."""
    if instruction.keyword in ("ARG", "ENV"):
        return " ".join(pair.name.text for pair in instruction.pairs)
    if instruction.trigger is not None:
        return f"{instruction.trigger.keyword} {arguments(instruction.trigger)}"
    if instruction.keyword == "RUN" and instruction.body:
        # A heredoc's text is what the shell runs: a rule about commands must see it.
        return f"{instruction.arguments.text}\n{instruction.body}"
    return instruction.arguments.text


def _flags(instruction: Instruction) -> dict[str, str]:
    """The flags by name; the values of a repeated one (--mount) with a space between them."""
    found: dict[str, list[str]] = {}
    for flag in instruction.flags:
        found.setdefault(flag.name, []).append(flag.value.text)
    return {name: " ".join(values) for name, values in found.items()}
