"""Concentrated complaints: which of them concern one matter, and why (R-CMP-13). Pure.

Two complaints of one compound concern the same matter when their topic is the same, or
their subjects are nearly the same words: a catch-all topic says nothing by itself, and the
same bad smell is reported as cleaning by one person and as drains by the next.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from service.core.messages import text
from service.core.text import fold

CATCH_ALL: Final = "cmp_other"
WHY_GROUPED: Final = ("same_topic", "similar_subject")
_ALIKE = 0.6  # share of common word pairs from which two subjects are called similar
_LEAST_PAIRS = 3  # a subject such as "complaint" resembles everything and says nothing
_NAMED = 5  # numbers that a finding lists; the rest are counted


@dataclass(frozen=True, slots=True)
class Filed:
    """One complaint as the detector reads it. `vendor` is who is complained about."""

    ticket: str
    number: str
    compound: str
    topic: str
    subject: str
    vendor: str | None
    received_at: datetime
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One complaint of a cluster, and why it belongs: `same_topic` or `similar_subject`.

    `like` is the number of the complaint whose subject it resembles.
    """

    filed: Filed
    why: str
    like: str | None = None


@dataclass(frozen=True, slots=True)
class Cluster:
    """Complaints that concern one matter, oldest first."""

    compound: str
    topic: str
    vendor: str | None
    members: tuple[Member, ...]

    @property
    def id(self) -> str:
        """Name the cluster by its oldest complaint: the same one, found again, is the same."""
        return f"{self.compound}:{self.topic}:{self.members[0].filed.number}"

    @property
    def grade(self) -> str:
        """Return the grade of the order that cures it: danger is cured at once."""
        return "immediate" if any(m.filed.danger for m in self.members) else "ordinary"


def clusters(
    complaints: Iterable[Filed], *, now: datetime, size: int, within: timedelta
) -> tuple[Cluster, ...]:
    """Return every group of at least `size` complaints received in the time up to `now`.

    Complaints that count for an earlier cluster are left out by the caller. A complaint
    exactly `within` old still counts. Rule: R-CMP-13 (≥5 same topic/compound/30 d).
    """
    recent = [c for c in complaints if now - within <= c.received_at <= now]
    by_compound: dict[str, list[Filed]] = defaultdict(list)
    for filed in sorted(recent, key=lambda c: (c.received_at, c.number)):
        by_compound[filed.compound].append(filed)
    found = (
        _cluster(group)
        for _, listed in sorted(by_compound.items())
        for group in _groups(listed)
        if len(group) >= size
    )
    return tuple(found)


def order_facts(cluster: Cluster, label: str, *, lang: str = "zh-Hans") -> Mapping[str, Any]:
    """Return the facts of the rectification order that cures a cluster.

    `label` is the topic in words. The order's subject is the vendor complained about.
    """
    numbers = [member.filed.number for member in cluster.members]
    what = text(
        "cluster.item", lang, topic=label, count=len(numbers), numbers=", ".join(numbers[:_NAMED])
    )
    first = cluster.members[0].filed
    return {
        "subject": "vendor",
        "vendor": cluster.vendor,
        "grade": cluster.grade,
        "items": [{"what": what}],
        "source": {"ticket": first.ticket, "number": first.number},
    }


def subject_words(subject: str) -> str:
    """Return a subject as it is compared: script and width folded, letters and digits only."""
    kept = (c for c in fold(subject) if unicodedata.category(c)[0] in "LN")
    return "".join(kept)


def alike(one: str, other: str) -> bool:
    """Tell whether two subjects are nearly the same words (Dice on pairs of characters)."""
    first, second = _pairs(subject_words(one)), _pairs(subject_words(other))
    if min(len(first), len(second)) < _LEAST_PAIRS:
        return False
    return 2 * len(first & second) / (len(first) + len(second)) >= _ALIKE


def _pairs(words: str) -> set[str]:
    return {words[n : n + 2] for n in range(len(words) - 1)}


def _groups(listed: Sequence[Filed]) -> Iterator[list[Member]]:
    """Yield the groups of one compound; each complaint is in one group only."""
    by_topic: dict[str, list[Member]] = defaultdict(list)
    loose: list[Filed] = []
    for filed in listed:
        if filed.topic == CATCH_ALL:
            loose.append(filed)
        else:
            by_topic[filed.topic].append(Member(filed, "same_topic"))
    groups = [group for _, group in sorted(by_topic.items())]
    for filed in loose:
        _join(groups, filed)
    # The largest first: a small group of another topic joins it when its subject is the same.
    groups.sort(key=lambda g: (-len(g), g[0].filed.number))
    yield from _merged(groups)


def _join(groups: list[list[Member]], filed: Filed) -> None:
    """Put a complaint without a topic where a subject resembles its own, else by itself."""
    for group in groups:
        like = _resembled(group, filed)
        if like is not None:
            group.append(Member(filed, "similar_subject", like))
            return
    groups.append([Member(filed, "same_topic")])


def _merged(groups: Sequence[list[Member]]) -> Sequence[list[Member]]:
    kept: list[list[Member]] = []
    for group in groups:
        stay = [m for m in group if not _taken(kept, m)]
        if stay:
            kept.append(stay)
    return kept


def _taken(kept: Sequence[list[Member]], member: Member) -> bool:
    """Move a complaint to an earlier group with a subject like its own."""
    for group in kept:
        like = _resembled(group, member.filed)
        if like is not None:
            group.append(Member(member.filed, "similar_subject", like))
            return True
    return False


def _resembled(group: Iterable[Member], filed: Filed) -> str | None:
    same = (m.filed for m in group if alike(m.filed.subject, filed.subject))
    return next((other.number for other in same), None)


def _cluster(group: Sequence[Member]) -> Cluster:
    members = sorted(group, key=lambda m: (m.filed.received_at, m.filed.number))
    topics = [m.filed.topic for m in members if m.why == "same_topic"]
    vendors = [m.filed.vendor for m in members if m.filed.vendor is not None]
    return Cluster(
        compound=members[0].filed.compound,
        topic=topics[0],
        vendor=max(vendors, key=vendors.count) if vendors else None,
        members=tuple(members),
    )
