"""Every case of the bench."""

from tests.faults.killing import (
    calendar,
    desk,
    disputes,
    follow_ups,
    grievances,
    jobs,
    orders,
    vendors,
)

CASES = (
    *orders.CASES, *disputes.CASES, *vendors.CASES, *grievances.CASES,
    *desk.CASES, *jobs.CASES, *follow_ups.CASES, *calendar.CASES,
)  # fmt: skip
