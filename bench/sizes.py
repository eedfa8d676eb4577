"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sizes:
    rounds: int
    seconds: float
    """Of load in each round."""
    connections: int
    """In the larger database."""
    reads: int
    """After which memory is looked at again."""
    many: int
    """Of what is done one by one, such as renewals."""

    @classmethod
    def of(cls, *, full: bool, quick: bool) -> Sizes:
        if quick:
            return cls(rounds=1, seconds=1.0, connections=20_000, reads=2_000, many=20)
        return cls(
            rounds=5 if full else 3,
            seconds=4.0 if full else 2.0,
            connections=1_000_000 if full else 100_000,
            reads=1_000_000 if full else 100_000,
            many=400 if full else 200,
        )
