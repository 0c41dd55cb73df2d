"""Concentrated complaints: which are grouped, why, and what order cures them."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.workflows.clusters import Cluster, Filed, alike, clusters, order_facts, subject_words
from tests.support.bench import DAY, NOW, TICK

SIZE, WITHIN = 5, timedelta(days=30)
SMELL = "3号楼垃圾房气味太重"


def filed(n: int, **changes: Any) -> Filed:
    known = Filed(
        ticket=f"id-{n}", number=f"CP-20261101-{n:04}", compound="lotus", topic="cmp_cleaning",
        subject=f"问题{n}", vendor="v1", received_at=NOW - DAY,
    )  # fmt: skip
    return replace(known, **changes)


def found(*complaints: Filed) -> tuple[Cluster, ...]:
    return clusters(complaints, now=NOW, size=SIZE, within=WITHIN)


def numbers(cluster: Cluster) -> list[str]:
    return [member.filed.number[-2:] for member in cluster.members]


@pytest.mark.parametrize(("count", "groups"), [(4, 0), (5, 1), (6, 1)])
def test_five_on_one_topic_in_one_compound_are_a_cluster(count, groups):
    assert len(found(*(filed(n) for n in range(count)))) == groups


def test_a_cluster_says_who_belongs_to_it_and_why():
    (cluster,) = found(*(filed(n) for n in range(5)))

    assert {member.why for member in cluster.members} == {"same_topic"}
    assert (cluster.compound, cluster.topic, cluster.vendor) == ("lotus", "cmp_cleaning", "v1")
    assert cluster.id == "lotus:cmp_cleaning:CP-20261101-0000"


@pytest.mark.parametrize(
    ("age", "groups"),
    [(WITHIN - TICK, 1), (WITHIN, 1), (WITHIN + TICK, 0), (-TICK, 0)],
    ids=["younger", "exactly", "older", "not-yet"],
)
def test_only_what_came_within_the_time_counts(age, groups):
    edge = filed(9, received_at=NOW - age)

    assert len(found(edge, *(filed(n) for n in range(4)))) == groups


def test_another_compound_or_topic_does_not_count():
    four = [filed(n) for n in range(4)]

    assert found(*four, filed(8, compound="plum")) == ()
    assert found(*four, filed(8, topic="cmp_noise")) == ()


def test_a_similar_subject_joins_whatever_its_topic():
    four = [filed(n) for n in range(3)] + [filed(3, subject=SMELL)]
    other = filed(4, topic="cmp_other", subject="3号楼垃圾房,气味太重!")

    (cluster,) = found(*four, other)

    assert numbers(cluster) == ["00", "01", "02", "03", "04"]
    assert (cluster.members[4].why, cluster.members[4].like) == (
        "similar_subject", "CP-20261101-0003",
    )  # fmt: skip


def test_the_same_words_under_another_topic_join_the_larger_group():
    four = [filed(n, subject=SMELL) for n in range(4)]
    other = filed(4, topic="cmp_greening", subject=SMELL)

    (cluster,) = found(*four, other)

    assert cluster.topic == "cmp_cleaning"
    assert [m.why for m in cluster.members] == ["same_topic"] * 4 + ["similar_subject"]


def test_what_is_not_alike_stays_with_its_own_topic():
    four = [filed(n, subject=SMELL) for n in range(4)]
    lawn = filed(4, topic="cmp_greening", subject="草坪枯死")
    smell = filed(5, topic="cmp_greening", subject=SMELL)

    (cluster,) = found(*four, lawn, smell)

    assert numbers(cluster) == ["00", "01", "02", "03", "05"]


def test_complaints_without_a_topic_need_similar_subjects():
    loose = [filed(n, topic="cmp_other", subject=SMELL) for n in range(5)]
    mixed = [*loose[:4], filed(9, topic="cmp_other", subject="快递柜坏了")]

    (cluster,) = found(*loose)
    assert cluster.topic == "cmp_other"
    assert cluster.members[1].like == "CP-20261101-0000"
    assert found(*mixed) == ()


def test_a_complaint_counts_in_one_cluster_only():
    cleaning = [filed(n) for n in range(5)]
    noise = [filed(n, topic="cmp_noise") for n in range(10, 15)]

    both = found(*noise, *cleaning)

    assert [cluster.topic for cluster in both] == ["cmp_cleaning", "cmp_noise"]
    seen = [m.filed.number for cluster in both for m in cluster.members]
    assert len(seen) == len(set(seen)) == 10


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (SMELL, "3號樓垃圾房氣味太重", True),
        (SMELL, "3号楼 垃圾房气味 太重!!", True),
        ("电梯总是坏", "电梯老是坏", False),
        ("楼道卫生差", "停车位不够", False),
        ("电梯坏了", "电梯坏了", True),
        ("投诉物", "投诉物", False),
        ("!", "!", False),
        ("", "", False),
    ],
    ids=[
        "script",
        "punctuation",
        "half-alike",
        "different",
        "short",
        "says-nothing",
        "nothing-left",
        "empty",
    ],
)
def test_subjects_are_compared_without_script_width_and_punctuation(one, other, same):
    assert alike(one, other) is same


def test_the_words_of_a_subject_are_folded():
    assert subject_words("３號樓,垃圾房 A!") == "3号楼垃圾房a"


# ── the order that cures it ──────────────────────────────────────────────────


def test_the_order_is_against_the_company_most_complained_about():
    (cluster,) = found(
        *(filed(n) for n in range(2)), *(filed(n, vendor="v2") for n in range(2, 5)),
        filed(5, vendor=None),
    )  # fmt: skip

    assert order_facts(cluster, "环境卫生") == {
        "subject": "vendor",
        "vendor": "v2",
        "grade": "ordinary",
        "items": [
            {
                "what": "集中投诉：环境卫生，共 6 件（CP-20261101-0000, CP-20261101-0001,"
                " CP-20261101-0002, CP-20261101-0003, CP-20261101-0004）"
            }
        ],
        "source": {"ticket": "id-0", "number": "CP-20261101-0000"},
    }


def test_danger_is_cured_at_once():
    (cluster,) = found(filed(0, danger=True), *(filed(n) for n in range(1, 5)))

    assert order_facts(cluster, "Cleaning", lang="en")["grade"] == "immediate"


def test_a_cluster_about_nobody_names_no_company():
    (cluster,) = found(*(filed(n, vendor=None) for n in range(5)))

    assert cluster.vendor is None
