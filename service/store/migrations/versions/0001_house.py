"""The house: places, tickets, histories, clocks, outbox."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None

_SQL = Path(__file__).parent.parent / "0001_house.sql"


def upgrade() -> None:
    """Create every table of the first release."""
    op.get_bind().exec_driver_sql(_SQL.read_text(encoding="utf-8").replace("%", "%%"))


def downgrade() -> None:
    """Refuse: histories are not thrown away by a command."""
    raise NotImplementedError("restore a backup instead")
