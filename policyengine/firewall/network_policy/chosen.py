"""What is selected, in three values: sets of bits that are surely in it, and that may be."""

from __future__ import annotations

from typing import NamedTuple


class Chosen(NamedTuple):
    """A set whose members are ``sure``, or ``possible`` where that is not known; all that is sure is possible."""

    sure: int
    possible: int

    def both(self, other: Chosen) -> Chosen:
        """What is in both."""
        return Chosen(self.sure & other.sure, self.possible & other.possible)

    def either(self, other: Chosen) -> Chosen:
        """What is in one of them."""
        return Chosen(self.sure | other.sure, self.possible | other.possible)

    def within(self, bits: int) -> Chosen:
        """What is in it and among ``bits``."""
        return Chosen(self.sure & bits, self.possible & bits)

    def without(self, bits: int) -> Chosen:
        """What is in it and not among ``bits``."""
        return Chosen(self.sure & ~bits, self.possible & ~bits)

    def doubted(self, bits: int) -> Chosen:
        """The same, where nothing among ``bits`` is sure."""
        return Chosen(self.sure & ~bits, self.possible)


NOTHING = Chosen(0, 0)


def surely(bits: int) -> Chosen:
    """A set all of which is known."""
    return Chosen(bits, bits)


def perhaps(bits: int) -> Chosen:
    """A set of which nothing is known but that it has no others."""
    return Chosen(0, bits)
