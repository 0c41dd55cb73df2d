"""The history is append-only for everybody who can log in (PROOF 4.2)."""

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.support.servers import Database

pytestmark = [pytest.mark.db, pytest.mark.attack]


@pytest.mark.parametrize("who", ["app_url", "owner_url"])
@pytest.mark.parametrize("table", ["event", "pii_access_log"])
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_nobody_changes_what_was_written(database, who, table, statement):
    url = getattr(database, who).replace("+psycopg", "")

    with psycopg.connect(url) as conn, pytest.raises(InsufficientPrivilege):
        conn.execute(statement.format(table))


def test_the_application_deletes_only_what_is_kept_for_a_while_and_sight(database: Database):
    with psycopg.connect(database.app_url.replace("+psycopg", "")) as conn:
        rows = conn.execute(
            "SELECT table_name FROM information_schema.role_table_grants"
            " WHERE grantee = current_user AND privilege_type IN ('DELETE', 'TRUNCATE')"
        )
        found = {row[0] for row in rows}

    kept_for_a_while = {"attachment", "attachment_part", "idempotency", "webhook_endpoint"}
    assert found == kept_for_a_while | {"ticket_stake"}
