"""A random soak: clients in every role, and a nemesis that kills, freezes and empties things.

Read in this order: `run` (one run from start to verdict), `stand` (the processes), `world`
and `people` (who is there), `client` and `event_data` (what they do), `faults` and `nemesis`
(what is done to them), `drain` and `verdict` (what must be true afterwards), `report`.
"""
