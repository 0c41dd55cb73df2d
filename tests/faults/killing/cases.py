"""Every case of the bench."""

from tests.faults.killing import desk, jobs, orders

CASES = (*orders.CASES, *desk.CASES, *jobs.CASES)
