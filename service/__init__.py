"""Anju (安居): the workflow service for residential repairs and disputes.

Reading order for newcomers:

1. ``core/workflow.py``: what a workflow row is and how an event is decided.
2. ``workflows/repair_order.py``: the repair order, one table.
3. ``sla/clocks.py``: how a clock follows from a ticket's history.
4. ``commands/fire_event.py``: one event, one transaction.
5. ``jobs/sweep.py``: how what is due gets fired.
6. ``api/tickets.py``: the HTTP front door.
7. ``bootstrap.py``: where the pieces meet.
"""
