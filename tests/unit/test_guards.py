"""Who may be blocked or demoted, as sentences."""

import pytest

from staff.guards import Standing, refusal
from staff.roles import Role

ADMIN, SECOND = Standing(1, Role.ADMIN), Standing(2, Role.ADMIN)
LEAD, AGENT = Standing(3, Role.LEAD), Standing(4, Role.AGENT)


@pytest.mark.parametrize(
    ("everybody", "changed", "by", "code"),
    [
        pytest.param([ADMIN, SECOND], Standing(2, Role.AGENT), 1, "", id="one of two administrators becomes an agent"),
        pytest.param([ADMIN, SECOND], Standing(1, Role.LEAD), 1, "locks_himself_out", id="oneself demoted"),
        pytest.param([ADMIN, SECOND], Standing(1, Role.ADMIN, False), 1, "locks_himself_out", id="or blocks himself"),
        pytest.param([ADMIN, AGENT], Standing(1, Role.AGENT), 4, "last_administrator", id="the last administrator"),
        pytest.param(
            [ADMIN, Standing(2, Role.ADMIN, False)], Standing(1, Role.ADMIN, False), None, "last_administrator",
            id="a blocked administrator does not count",
        ),
        pytest.param([ADMIN, LEAD, AGENT], Standing(3, Role.LEAD, False), 1, "last_lead", id="the last lead of agents"),
        pytest.param([ADMIN, LEAD, AGENT], Standing(3, Role.AGENT), 1, "last_lead", id="the last lead demoted"),
        pytest.param([ADMIN, LEAD], Standing(3, Role.LEAD, False), 1, "", id="a lead of nobody"),
        pytest.param([ADMIN, LEAD, AGENT], Standing(4, Role.AGENT, False), 1, "", id="an agent"),
        pytest.param([ADMIN, AGENT], Standing(4, Role.LEAD), 1, "", id="an agent becomes the first lead"),
        pytest.param([ADMIN], Standing(1, Role.ADMIN), 1, "", id="nothing changes"),
    ],
)  # fmt: skip
def test_the_desk_keeps_the_people_it_needs(everybody, changed, by, code):
    assert refusal(everybody, changed=changed, by=by) == code
