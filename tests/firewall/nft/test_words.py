"""Words are nft's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from policyengine.firewall.nft import words
from tests.firewall.nft.namespace import described

if TYPE_CHECKING:
    from collections.abc import Mapping

VOCABULARIES: dict[str, Mapping[str, int]] = {
    "ct state": words.STATES,
    "ct status": words.STATUS,
    "ct direction": words.DIRECTIONS,
    "tcp flags": words.FLAGS,
    "icmp type": words.ICMP_TYPES,
    "icmp code": words.ICMP_CODES,
    "icmpv6 type": words.ICMPV6_TYPES,
    "icmpv6 code": words.ICMPV6_CODES,
    "meta nfproto": words.NFPROTO,
    "meta l4proto": words.PROTOCOLS,
    "meta protocol": words.ETHERTYPES,
}


@pytest.mark.parametrize("expression", VOCABULARIES)
def test_every_word_of_nft_is_known(expression: str) -> None:
    told, known = described(expression), VOCABULARIES[expression]
    assert told
    assert {word: known.get(word) for word in told} == told
