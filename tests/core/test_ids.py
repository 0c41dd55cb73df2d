from datetime import UTC, datetime, timedelta

from service.core.ids import TimeOrderedIds, derived, ticket_number

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_new_ids_are_version_seven_and_sort_by_time():
    ids = TimeOrderedIds()
    early, late = ids.new(NOW), ids.new(NOW + timedelta(milliseconds=1))

    assert (early.version, early.variant) == (7, "specified in RFC 4122")
    assert early < late
    assert ids.new(NOW) != early


def test_what_the_service_derives_is_the_same_every_time():
    assert derived("rung", 1, "arrive") == derived("rung", 1, "arrive")
    assert derived("rung", 1, "arrive") != derived("rung", 11, "rrive")


def test_a_number_has_at_least_four_digits():
    assert ticket_number("RO", NOW, 7) == "RO-20261121-0007"
    assert ticket_number("RO", NOW, 12345) == "RO-20261121-12345"
