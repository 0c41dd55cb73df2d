"""Tells a repair order's life in a few words; what it shares with any kind's is `AnyStory`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from service.commands.ports import Outcome
from tests.support.any_story import AnyStory, iso, rolled_back

__all__ = ["Story", "iso", "rolled_back"]


@dataclass
class Story(AnyStory):
    """One test's world. `order` is the order the short forms speak of."""

    def submit(self, by: str = "dispatcher", **wants: Any) -> Outcome:
        """Open an order and speak of it from now on."""
        asked: dict[str, Any] = {
            "category": "water_leak",
            "title": "厨房水管漏水",
            "description": "水槽下滴水",
            "reporter": {"name": "张三", "phone": "13800000001", "channel": "phone"},
            "facts": {"origin": "customer"},
        } | wants
        return self.open("repair_order", by, **asked)

    def data(self, event: str, by: str) -> Mapping[str, Any]:
        """Return plausible data for an event."""
        now = self.now
        made: Mapping[str, Mapping[str, Any]] = {
            "accept": {
                "category": "water_leak", "urgency": "urgent", "part": "private",
                "responsible": "company", "class": "urgent",
            },
            "assign": {
                "crew": "c7", "price_shown_fen": 8000,
                "visit_from": iso(now + timedelta(minutes=5)),
                "visit_to": iso(now + timedelta(minutes=30)),
            },
            "arrive": {"position": {"lat": 30.65, "lon": 104.08, "accuracy_m": 12}},
            "diagnose": {
                "finding": "水管接头老化", "class": "urgent", "responsible": "company",
                "outcome": "needs_plan",
            },
            "start_work": {"price_accepted": True},
            "no_access": {"photos": [self.photo(by)]} if event == "no_access" else {},
            "make_safe": {"photos": [self.photo(by)], "note": "已关总阀"}
            if event == "make_safe" else {},
            "resume": {
                "visit_from": iso(now + timedelta(hours=1)),
                "visit_to": iso(now + timedelta(hours=2)),
            },
            "complete_work": {
                "report": "更换接头", "photos_before": [self.photo(by)],
                "photos_after": [self.photo(by)],
                "materials": [{"name": "接头", "qty": 1, "cost_fen": 1500}],
                "labour_minutes": 40, "site_clean": True,
            } if event == "complete_work" else {},
            "confirm": {"rating": "satisfied"},
            "report_cannot_finish": {
                "reason": "要换整段水管", "new_promise_at": iso(now + timedelta(days=2)),
                "reporter_notified_at": iso(now), "warning_waiver": "户内维修,无须警示",
            },
            "refuse_confirmation": {"reason": "还在漏"},
            "reopen": {"reason": "又漏了"},
            "cancel": {"reason": "误报"},
            "reassign": {"crew": "c9", "reason": "原班组忙"},
            "reject_assignment": {"reason": "没有配件"},
        }  # fmt: skip
        return made.get(event, {})

    def until(self, state: str) -> "Story":
        """Take the order along the plain road to a state."""
        road = (
            ("accept", "dispatcher", "accepted"), ("assign", "dispatcher", "assigned"),
            ("take", "crew", "en_route"), ("arrive", "crew", "on_site"),
            ("diagnose", "crew", None), ("start_work", "crew", "in_progress"),
            ("complete_work", "crew", "awaiting_confirmation"), ("confirm", "resident", "closed"),
        )  # fmt: skip
        if self.order is None:
            self.submit()
        if state == "submitted":
            return self
        for event, by, reached in road:
            self.fire(event, by)
            if reached == state:
                return self
        raise AssertionError(f"the plain road does not lead to {state}")

    def until_again(self) -> "Story":
        """Take an order in rework to awaiting_confirmation once more."""
        for event, by in (
            ("assign", "dispatcher"), ("take", "crew"), ("arrive", "crew"),
            ("diagnose", "crew"), ("start_work", "crew"), ("complete_work", "crew"),
        ):  # fmt: skip
            self.fire(event, by)
        return self
