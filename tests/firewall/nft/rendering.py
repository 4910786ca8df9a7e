"""Rules as texts that a test can say whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from policyengine.firewall.rules import (
    AddressType,
    Atom,
    Call,
    Interface,
    Numbers,
    Return,
    Stop,
    Translate,
    Unknown,
    Untrack,
)

if TYPE_CHECKING:
    from policyengine.firewall.intervals import Intervals
    from policyengine.firewall.rules import Action, Condition, Rule, Table


def rules(tables: tuple[Table, ...]) -> list[str]:
    """``protocol=6 & dport=22 | ... -> accept``, one for each rule."""
    return [shown(rule) for table in tables for chain in table.chains for rule in chain.rules]


def shown(rule: Rule) -> str:
    cases = " | ".join(" & ".join(map(_condition, case)) or "all" for case in rule.any_of) or "never"
    return f"{cases} -> {_action(rule.action)}"


def _condition(one: Condition) -> str:
    match one:
        case Numbers(field, values):
            return f"{field}={_numbers(values)}"
        case Interface(side, names, negated):
            return f"{'!' if negated else ''}{side}={','.join(names)}"
        case AddressType(side, kind, negated):
            return f"{'!' if negated else ''}{side} {kind}"
        case Atom(name, negated):
            return f"{'!' if negated else ''}<{name}>"


def _numbers(values: Intervals) -> str:
    return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in values)


def _action(action: Action | None) -> str:
    match action:
        case None:
            return "on"
        case Stop(does):
            return does
        case Call(chain, back):
            return f"{'jump' if back else 'goto'} {chain}"
        case Return():
            return "return"
        case Untrack():
            return "notrack"
        case Unknown(text):
            return f"? {text}"
        case Translate(does, addresses, ports):
            to = "" if addresses is None else f" {_numbers(addresses)}"
            return f"{does}{to}{'' if ports is None else f' :{_numbers(ports)}'}"
