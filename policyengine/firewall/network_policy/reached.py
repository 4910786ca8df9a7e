"""Who is meant, and what reaches them."""

from __future__ import annotations

from typing import NamedTuple


class Reach(NamedTuple):
    """Ports on which connections surely get through, and on which they may; what is not known, each with the ports that
    it is about."""

    passes: int
    may_pass: int
    why: tuple[tuple[int, str], ...] = ()

    def reasons(self, ports: int) -> tuple[str, ...]:
        """What is not known of some ports."""
        unknown = ports & self.may_pass & ~self.passes
        return tuple(dict.fromkeys(text for about, text in self.why if about & unknown))

    def or_else(self, other: Reach) -> Reach:
        """What gets through in one way or the other."""
        return Reach(self.passes | other.passes, self.may_pass | other.may_pass, (*self.why, *other.why))


NOWHERE = Reach(0, 0)


class Members(NamedTuple):
    """Who a place stands for: Pods, by their number; addresses outside, as bits; nodes."""

    pods: tuple[int, ...] = ()
    outside: int = 0
    nodes: bool = False
