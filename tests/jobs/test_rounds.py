"""Rounds: what is due fires, is told, and is numbered."""

from service.jobs import rounds
from tests.support.live import Live


def test_a_breach_reaches_the_inbox_of_whom_its_rung_names(live: Live) -> None:
    live.story.submit()
    live.story.advance(minutes=16)

    rounds.sweep_round(live.app, by="test")
    rounds.relay_round(live.app)

    told = live.rows(
        "SELECT a.role, i.clock, i.level FROM inbox i JOIN account a ON a.id = i.account_id "
        "WHERE i.topic = 'sla.breached'"
    )
    assert told == [("dispatcher", "ack", 0)]


def test_a_second_relay_tells_nobody_again(live: Live) -> None:
    live.story.until("assigned")
    rounds.relay_round(live.app)
    before = live.value("SELECT count(*) FROM inbox")

    live.do("UPDATE outbox SET sent_at = NULL")
    rounds.relay_round(live.app)

    assert before
    assert live.value("SELECT count(*) FROM inbox") == before


def test_every_letter_is_settled_by_one_relay(live: Live) -> None:
    live.story.until("closed")

    rounds.relay_round(live.app)

    assert live.value("SELECT count(*) FROM outbox WHERE sent_at IS NULL OR feeds") == 0


def test_a_held_clock_fires_nothing_in_production(live: Live) -> None:
    live.story.submit()
    live.story.advance(minutes=16)
    live.do(
        "INSERT INTO heartbeat VALUES ('hold', clock_timestamp(), app_now(), '{\"held\": true}')"
    )

    held = rounds.sweep_round(_production(live), by="test")
    live.do("UPDATE heartbeat SET wall_at = wall_at - interval '11 s'")
    after = rounds.sweep_round(_production(live), by="test")

    assert held.fired == 0
    assert after.fired > 0


def _production(live: Live) -> object:
    class Produced:
        ports = live.app.ports
        engine = live.app.engine

        class settings:  # noqa: N801
            environment = "production"
            redis_url = None
            webhook_allow = ()

    return Produced
