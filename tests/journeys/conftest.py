"""Journeys are told with the same story as the commands' tests."""

from tests.commands.conftest import story

__all__ = ["story"]
