"""Instructions as they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from policyengine.documents.dockerfile_instruction import Instruction


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


def trigger_text(trigger: Instruction) -> str:
    """What ONBUILD triggers, in one text; of ENV and ARG the names only."""
    if trigger.keyword in ("ARG", "ENV"):
        return f"{trigger.keyword} {arguments(trigger)}"
    return f"{trigger.keyword} {trigger.source.text[trigger.written.end :].strip()}"


def written_flags(instruction: Instruction) -> dict[str, str]:
    """The flags by name; the values of a repeated one (--mount) with a space between them."""
    found: dict[str, list[str]] = {}
    for flag in instruction.flags:
        found.setdefault(flag.name, []).append(flag.value.text)
    return {name: " ".join(values) for name, values in found.items()}
