"""What a customer is told of a state."""

import pytest

from tickets.enums import Status
from tickets.policies.plain_state import as_told


@pytest.mark.parametrize(
    ("status", "before", "told"),
    [
        pytest.param("waiting_customer", None, "waiting_customer", id="nothing is coming"),
        pytest.param("waiting_customer", "open", "open", id="he cannot read yet for what we wait"),
        pytest.param("waiting_confirmation", "open", "open", id="nor what he is to confirm"),
        pytest.param("waiting_customer", "waiting_customer", "waiting_customer", id="we waited before"),
        pytest.param("open", "waiting_customer", "open", id="he answered meanwhile"),
        pytest.param("closed", "open", "closed", id="he closed it meanwhile"),
        pytest.param("waiting_third_party", "open", "waiting_third_party", id="it is with us all the same"),
    ],
)
def test_that_we_wait_for_him_is_told_with_the_answer(status, before, told):
    assert as_told(Status(status), before and Status(before)) == told
