"""Ids that many need are made like all others, and none is given twice."""

from __future__ import annotations

from symphony_connect.base.ids import Ids

AT = 1_800_000_000_000


class Source:
    """Never the same bytes twice."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, count: int) -> bytes:
        self.asked += 1
        return (self.asked << 32).to_bytes(count, "big")


def test_ids_of_many_look_like_all_others_and_none_is_given_twice() -> None:
    source = Source()
    many = Ids(lambda: AT, source).many("req")
    made = [next(many) for _ in range(10_000)]
    assert len(set(made)) == 10_000
    assert source.asked == 3, "randomness is asked for again after 3,844 ids"
    assert {len(id) for id in made} == {len(Ids(lambda: AT).new("req"))} == {len("req_") + 24}


def test_ids_sort_by_the_time_they_were_made_at() -> None:
    now = [AT]
    ids = Ids(lambda: now[0])
    many, made = ids.many("req"), []
    for step in (0, 1, 3_843, 3_844, 3_845, 10_000_000):
        now[0] = AT + step
        made += [next(many), ids.new("req", AT + step)]
    assert [id[:12] for id in made] == sorted(id[:12] for id in made)
    assert len({id[:12] for id in made}) == 6
