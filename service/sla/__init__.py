"""Time rules, pure: profiles, calendars, clocks, ladders, explanations."""
