"""Rules and expressions in the language of nft(8): what reports show of a dump, which has them as JSON only."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

LONGEST = 24
"""Elements of a set that are shown; a longer one ends in "..."."""

_OPERATORS = {"==": "", "in": "", "!=": "!= ", "!": "! ", "<": "< ", ">": "> ", "<=": "<= ", ">=": ">= "}
_INTERFACES = ("iif", "iifname", "oif", "oifname")
_BITWISE = ("&", "|", "^", "<<", ">>")
_VERDICTS = ("accept", "drop", "continue", "return", "notrack")
_QUIET = ("counter", "quota", "limit", "ct helper", "ct timeout", "ct expectation", "synproxy", "secmark")


def rule(statements: list[object], comment: object = None) -> str:
    """A rule as nft writes it."""
    said = " ".join(map(statement, statements))
    return f'{said} comment "{comment}"' if isinstance(comment, str) else said


def statement(value: object) -> str:
    """One statement of a rule."""
    kind, said = _entry(value)
    if kind in _VERDICTS:
        return kind
    if kind in _NAT:
        return _nat(kind, said)
    writer = _STATEMENTS.get(kind)
    if writer is not None and isinstance(said, dict):
        return writer(said)
    if kind in _QUIET and isinstance(said, str):
        return f'{kind} {"set" if " " in kind else "name"} "{said}"'
    return kind.replace("_", " ") if said is None else f"{kind} {_plain(said)}"


def expression(value: object) -> str:
    """One expression: a field, a constant, a set."""
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, bool):
        return "exists" if value else "missing"
    if isinstance(value, list):
        return ",".join(map(expression, value))
    kind, said = _entry(value)
    if kind in _BITWISE and isinstance(said, list):
        return f" {kind} ".join(_flags(one) if isinstance(one, list) else expression(one) for one in said)
    if kind in ("range", "concat") and isinstance(said, list):
        return ("-" if kind == "range" else " . ").join(map(expression, said))
    if kind == "set":
        return _set(said)
    writer = _EXPRESSIONS.get(kind)
    return writer(said) if writer and isinstance(said, dict) else _plain(value)


def match(said: Mapping[str, object]) -> str:
    """What is matched, and by what: ``ip saddr != 10.0.0.0/8``."""
    left, right = said.get("left"), said.get("right")
    bits = isinstance(left, dict) and "&" in left
    operator = _OPERATORS.get(str(said.get("op")), f"{said.get('op')} ")
    whole = isinstance(right, int) and left == {"payload": {"protocol": "tcp", "field": "flags"}}
    if not operator and (bits or whole or (isinstance(right, dict) and "|" in right)):
        operator = "== "
    if bits and isinstance(right, list):
        return f"{expression(left)} {operator}{_flags(right)}"
    return f"{expression(left)} {operator}{_name(right) if _is_interface(left) else expression(right)}"


def _flags(values: list[object]) -> str:
    return f"({' | '.join(map(expression, values))})"


def _is_interface(left: object) -> bool:
    meta = left.get("meta") if isinstance(left, dict) else None
    return isinstance(meta, dict) and meta.get("key") in _INTERFACES


def _name(right: object) -> str:
    """The names of interfaces, which could be words of the language."""
    if isinstance(right, dict) and isinstance(right.get("set"), list):
        return _set(right["set"], _name)
    return f'"{right}"' if isinstance(right, str) and not right.startswith("@") else expression(right)


def _entry(value: object) -> tuple[str, object]:
    if isinstance(value, dict) and len(value) == 1:
        kind, said = next(iter(value.items()))
        return str(kind), said
    return "", value


def _quoted(text: str) -> str:
    """What has characters of the language's own is written in quotes."""
    return text if not text or text[0] == "@" or not set(text) & set(' "*') or text == "*" else f'"{text}"'


def _plain(value: object) -> str:
    """What there is no better way to write."""
    if isinstance(value, dict):
        return " ".join(f"{key} {_plain(said)}" if said is not None else str(key) for key, said in value.items())
    if isinstance(value, list):
        return " ".join(map(_plain, value))
    return str(value)


def _set(said: object, write: Callable[[object], str] | None = None) -> str:
    elements = said if isinstance(said, list) else [said]
    shown = [(write or _element)(one) for one in elements[:LONGEST]]
    more = ["..."] if len(elements) > LONGEST else []
    return f"{{ {', '.join(shown + more)} }}"


def _element(value: object) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{expression(value[0])} : {_data(value[1])}"
    return expression(value)


def _data(value: object) -> str:
    """What an element of a map stands for: a verdict, or a value."""
    kind, _ = _entry(value)
    return statement(value) if kind in (*_VERDICTS, "jump", "goto") else expression(value)


def _payload(said: Mapping[str, object]) -> str:
    if "base" in said:
        return f"@{said['base']},{said.get('offset')},{said.get('len')}"
    return f"{said.get('protocol')} {said.get('field')}"


def _ct(said: Mapping[str, object]) -> str:
    direction = f"{said['dir']} " if "dir" in said else ""
    return f"ct {direction}{said.get('key')}"


def _fib(said: Mapping[str, object]) -> str:
    flags = said.get("flags")
    return f"fib {' . '.join(map(str, flags if isinstance(flags, list) else [flags]))} {said.get('result')}"


def _meta(said: Mapping[str, object]) -> str:
    key = str(said.get("key"))
    return key if key in _INTERFACES else f"meta {key}"


def _numgen(said: Mapping[str, object]) -> str:
    offset = f" offset {said['offset']}" if said.get("offset") else ""
    return f"numgen {said.get('mode')} mod {said.get('mod')}{offset}"


def _jhash(said: Mapping[str, object]) -> str:
    return f"jhash {expression(said.get('expr'))} mod {said.get('mod')}"


def _option(name: str) -> Callable[[Mapping[str, object]], str]:
    def write(said: Mapping[str, object]) -> str:
        return " ".join([name, str(said.get("name")), *([str(said["field"])] if "field" in said else [])]).lstrip()

    return write


def _map(said: Mapping[str, object]) -> str:
    return f"{expression(said.get('key'))} map {expression(said.get('data'))}"


_EXPRESSIONS: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "payload": _payload,
    "meta": _meta,
    "ct": _ct,
    "fib": _fib,
    "prefix": lambda said: f"{said.get('addr')}/{said.get('len')}",
    "elem": lambda said: expression(said.get("val")),
    "numgen": _numgen,
    "jhash": _jhash,
    "symhash": lambda said: f"symhash mod {said.get('mod')}",
    "exthdr": _option("exthdr"),
    "ip option": _option("ip option"),
    "tcp option": _option("tcp option"),
    "sctp chunk": _option("sctp chunk"),
    "socket": lambda said: f"socket {said.get('key')}",
    "service": lambda said: f"service {said.get('name')}",
    "rt": lambda said: f"rt {said.get('key')}",
    "map": _map,
}

_NAT = ("dnat", "snat", "masquerade", "redirect", "tproxy")
_NAT_FLAGS = ("random", "fully-random", "persistent")


def _nat(kind: str, said: object) -> str:
    if not isinstance(said, dict):
        return kind
    family = f" {said['family']}" if "family" in said else ""
    prefix = " prefix" if said.get("type_flags") == "prefix" else ""
    flags = said.get("flags", [])
    shown = [str(flag) for flag in (flags if isinstance(flags, list) else [flags]) if flag in _NAT_FLAGS]
    return " ".join([f"{kind}{family}{prefix}{_target(said)}", *shown])


def _target(said: Mapping[str, object]) -> str:
    address, port = said.get("addr"), said.get("port")
    if address is None and port is None:
        return ""
    written = "" if address is None else expression(address)
    if port is None:
        return f" to {written}"
    return f" to {f'[{written}]' if ':' in written else written}:{expression(port)}"


def _reject(said: Mapping[str, object]) -> str:
    kind, code = said.get("type"), said.get("expr")
    if kind is None:
        return "reject"
    return f"reject with {kind}" if code is None else f"reject with {kind} type {expression(code)}"


def _limit(said: Mapping[str, object]) -> str:
    over = "over " if said.get("inv") else ""
    unit = f" {said['rate_unit']}" if said.get("rate_unit", "packets") != "packets" else ""
    burst = f" burst {said['burst']} packets" if not unit and said.get("burst") not in (None, 0) else ""
    return f"limit rate {over}{said.get('rate')}{unit}/{said.get('per')}{burst}"


def _update(said: Mapping[str, object]) -> str:
    return f"{said.get('op')} {said.get('set', said.get('map'))} {{ {expression(said.get('elem'))} }}"


_STATEMENTS: Mapping[str, Callable[[Mapping[str, object]], str]] = {
    "match": match,
    "vmap": lambda said: f"{expression(said.get('key'))} vmap {expression(said.get('data'))}",
    "jump": lambda said: f"jump {said.get('target')}",
    "goto": lambda said: f"goto {said.get('target')}",
    "counter": lambda _: "counter",
    "reject": _reject,
    "limit": _limit,
    "log": lambda said: f'log prefix "{said["prefix"]}"' if "prefix" in said else "log",
    "mangle": lambda said: f"{expression(said.get('key'))} set {expression(said.get('value'))}",
    "set": _update,
    "map": _update,
    "meter": lambda said: f"meter {said.get('name')} {{ {expression(said.get('key'))} {statement(said.get('stmt'))} }}",
    "ct count": lambda said: f"ct count {'over ' if said.get('inv') else ''}{said.get('val')}",
    "fwd": lambda said: f"fwd to {expression(said.get('addr', said.get('dev')))}",
    "dup": lambda said: f"dup to {expression(said.get('addr', said.get('dev')))}",
    "flow": lambda said: f"flow {said.get('op')} {said.get('flowtable')}",
}
