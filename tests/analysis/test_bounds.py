"""What partial knowledge settles: cases worked out by hand, then random complete tables with units hidden."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from parlib.scoring.ranking import BOTTOM, TOP, Count, Sighting, above, at, close


def known(value: float, rank: int | None = None) -> Sighting:
    return Sighting(at(value), above(value), rank or 1, rank)


def test_a_known_rank_and_value_settle_the_number_at_and_above_it():
    # ten units; the third best has 80: two are above 80, three at 80 or above, seven below or equal
    counts = close(10, [known(80, 3)], cuts=[at(80), above(80)])
    assert counts.between(at(80)) == (3, 10)  # others may share the value without being seen
    assert counts.between(above(80)) == (0, 2)
    assert counts.between(BOTTOM, at(80)) == (0, 7)


def test_neighbouring_ranks_settle_a_bound_between_them():
    # rank 19 has 80.21, rank 20 has 79.90: nineteen units are at 80 or above, whatever the others have
    counts = close(63, [known(80.21, 19), known(79.9, 20)], cuts=[at(80)])
    assert counts.between(at(80)) == (19, 19)
    assert counts.between(BOTTOM, at(80)) == (44, 44)


def test_units_without_a_rank_count_where_they_lie():
    # rank 19 has 80.21; two more units at 74.85 and in [70, 80): between 70 and 80 are at least two
    counts = close(63, [known(80.21, 19), known(74.85), Sighting(at(70), at(80))], cuts=[at(70), at(80)])
    assert counts.between(at(70), at(80)) == (2, 44)
    assert counts.between(at(70)) == (21, 63)
    assert counts.ranks(at(74.85), above(74.85)) == (20, 63)


def test_a_printed_count_and_a_known_rank_settle_the_rest():
    # nine at 80 or above and three below 70 of 63: 51 between, so ranks 10 to 60 lie in [70, 80)
    printed = [Count(at(80), TOP, 9, 9), Count(BOTTOM, at(70), 3, 3)]
    counts = close(63, [], printed)
    assert counts.between(at(70), at(80)) == (51, 51)
    assert counts.place(10) == (at(70), at(80))
    assert counts.place(9) == (at(80), TOP)
    assert counts.place(61) == (BOTTOM, at(70))


def test_the_value_of_a_place_is_settled_by_its_rank_or_by_its_neighbours():
    counts = close(5, [known(90, 1), known(80, 3), known(80, 4)])
    assert counts.values[0] == 90
    assert counts.values[2] == counts.values[3] == 80
    assert np.isnan(counts.values[1])
    assert counts.place(2) == (at(80), above(90))
    assert np.isnan(counts.values[4])


def test_units_that_share_a_rank_hold_the_places_behind_it():
    # two units of rank 2 with 80 each: places 2 and 3 are theirs
    counts = close(4, [known(80, 2), known(80, 2)])
    assert counts.values[2] == 80
    assert counts.between(at(80))[0] == 3


def test_equal_printed_values_may_have_different_ranks():
    # 84.94 and 84.94 at ranks 4 and 5: they differ beyond the printed decimals
    counts = close(10, [known(84.94, 4), known(84.94, 5)])
    assert counts.consistent
    assert counts.values[3] == counts.values[4] == 84.94
    assert counts.between(above(84.94)) == (0, 3)


def test_what_cannot_be_true_together_is_seen():
    assert not close(5, [known(90, 3), known(95, 4)]).consistent  # a worse rank with a better value
    assert not close(3, [], [Count(at(80), TOP, 2, 2), Count(BOTTOM, at(80), 2, 2)]).consistent
    assert not close(2, [known(90), known(91), known(92)]).consistent  # three units of two


def test_a_rank_known_to_a_range_bounds_both_ways():
    counts = close(19, [Sighting(at(80.58), above(81.18), 2, 4)], cuts=[at(80), at(82)])
    assert counts.between(at(82)) == (0, 3)
    assert counts.between(at(80))[0] == 2


# --- random complete tables with units hidden -----------------------------------------------------


@st.composite
def hidden_levels(draw: st.DrawFn) -> tuple[np.ndarray, list[Sighting], list[Count]]:
    """True values, printed to one decimal of which ranks know more; what is told of some; some printed counts."""
    n = draw(st.integers(1, 12))
    true = np.array(draw(st.lists(st.integers(0, 300), min_size=n, max_size=n))) / 100  # 0.00 to 3.00
    printed = np.floor(true * 10 + 0.5) / 10
    ranks = np.array([1 + int((true > value).sum()) for value in true])
    seen = []
    for value, rank in zip(printed, ranks, strict=True):
        sentence = draw(st.sampled_from(["nothing", "value", "rank", "both", "band", "band and rank", "ranks"]))
        low, high = BOTTOM, TOP
        if sentence in ("value", "both"):
            low, high = at(float(value)), above(float(value))
        if sentence.startswith("band"):
            low, high = at(float(np.floor(value))), at(float(np.floor(value)) + 1)
        best, worst = 1, None
        if sentence in ("rank", "both", "band and rank"):
            best = worst = int(rank)
        if sentence == "ranks":
            best, worst = max(1, int(rank) - draw(st.integers(0, 2))), min(n, int(rank) + draw(st.integers(0, 2)))
        if sentence != "nothing":
            seen.append(Sighting(low, high, best, worst))
    counts = []
    for bound in (1.0, 2.0):
        if draw(st.booleans()):
            number = int((printed >= bound).sum())
            counts.append(Count(at(bound), TOP, number, number))
    return printed, seen, counts


@given(hidden_levels())
def test_bounds_hold_the_truth_and_what_is_settled_is_true(level: tuple[np.ndarray, list[Sighting], list[Count]]):
    printed, seen, sentence = level
    n = len(printed)
    cuts = [1.0, 1.5, 2.0]
    counts = close(n, seen, sentence, [at(cut) for cut in cuts])
    assert counts.consistent
    falling = np.sort(printed)[::-1]
    ends = [-np.inf, *cuts, np.inf]
    for first, last in ((i, j) for i in range(len(ends)) for j in range(i + 1, len(ends))):
        number = int(((printed >= ends[first]) & (printed < ends[last])).sum())
        least, most = counts.between(at(ends[first]), at(ends[last]))
        assert least <= number <= most
    for position in range(1, n + 1):
        low, high = counts.place(position)
        assert low <= at(falling[position - 1]) < high
        settled = counts.values[position - 1]
        assert np.isnan(settled) or settled == falling[position - 1]


@given(hidden_levels())
def test_the_rank_of_every_unit_lies_in_its_bounds(level: tuple[np.ndarray, list[Sighting], list[Count]]):
    printed, seen, sentence = level
    counts = close(
        len(printed), seen, sentence, [end for value in printed for end in (at(float(value)), above(float(value)))]
    )
    for value in printed:
        best, worst = counts.ranks(at(float(value)), above(float(value)))
        # a unit of this printed value has at least so many better ones, at most so many others beside it
        assert best <= 1 + int((printed > value).sum()) <= worst


@given(st.lists(st.integers(0, 100), min_size=1, max_size=15))
def test_complete_knowledge_settles_everything(values: list[int]):
    ranks = [1 + sum(other > value for other in values) for value in values]
    counts = close(len(values), [known(float(v), r) for v, r in zip(values, ranks, strict=True)], cuts=[at(50.0)])
    number = sum(value >= 50 for value in values)
    assert counts.between(at(50.0)) == (number, number)
    for position, value in enumerate(sorted(values, reverse=True), 1):
        assert counts.values[position - 1] == value


def test_bounds_are_as_tight_as_can_be():
    """Against all complete tables that fit: nothing tighter could be said (three units, printed values 0 to 3).

    One unit has 2 and rank 2, one lies in [0, 2). The third is the first: it has 3, or 2 with more behind the decimals.
    """
    seen = [Sighting(at(2.0), above(2.0), 2, 2), Sighting(at(0.0), at(2.0))]
    counts = close(3, seen, cuts=[at(1.0), at(2.0), at(3.0)])
    fitting = [[2, second, third] for second in (0, 1) for third in (2, 3)]
    for low, high in ((0, 1), (1, 2), (2, 3), (1, 3)):
        numbers = [sum(low <= value < high for value in table) for table in fitting]
        first = BOTTOM if low == 0 else at(float(low))
        assert counts.between(first, at(float(high))) == (min(numbers), max(numbers))


def test_asking_for_a_bound_that_was_not_announced_is_an_error():
    with pytest.raises(KeyError):
        close(3, []).between(at(1.0))
