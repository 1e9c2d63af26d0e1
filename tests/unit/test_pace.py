"""How much one socket may say."""

from realtime.pace import A_SECOND, BURST, Pace


def test_a_burst_is_heard_what_is_over_is_not_and_quiet_refills():
    pace = Pace(at=100.0)
    assert [pace.allows(100.0) for _ in range(BURST + 1)] == [True] * BURST + [False]
    assert pace.allows(100.0 + 2 / A_SECOND)
    assert not pace.allows(100.0 + 2 / A_SECOND)


def test_long_quiet_saves_no_more_than_a_burst():
    pace = Pace(at=100.0)
    assert sum(pace.allows(9000.0) for _ in range(3 * BURST)) == BURST
