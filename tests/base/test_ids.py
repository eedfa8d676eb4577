"""Ids that many need take their randomness in larger pieces, and share none of it."""

from __future__ import annotations

from symphony_connect.base.ids import Ids, pooled


class Source:
    """Never the same four bytes twice."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.next = 0

    def __call__(self, count: int) -> bytes:
        self.asked.append(count)
        found = b"".join((self.next + place).to_bytes(4, "big") for place in range(count // 4))
        self.next += count // 4
        return found


def test_no_piece_is_given_twice() -> None:
    source = Source()
    some = pooled(source, 64)
    given = [some(16) for _ in range(20)]
    assert len(set(given)) == 20
    assert source.asked == [64] * 5
    assert all(len(piece) == 16 for piece in given)


def test_a_piece_larger_than_the_pool_is_whole() -> None:
    some = pooled(Source(), 16)
    assert [len(some(count)) for count in (8, 40, 12)] == [8, 40, 12]


def test_ids_of_a_pool_look_like_all_others() -> None:
    ids = Ids(lambda: 1_800_000_000_000, pooled(Source()))
    made = [ids.new("req") for _ in range(500)]
    assert len(set(made)) == 500
    assert all(len(id) == len("req_") + 24 for id in made)
