"""The `anju` command: hands the composition root's offers to the command line."""

import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import click
from sqlalchemy.exc import OperationalError

from service import bootstrap
from service.api.all import ROUTES
from service.api.openapi import document
from service.core.errors import OutcomeUnknown, ServiceError, StorageUnavailable
from service.edge.problems import body_of
from service.jobs import ticker as ticking
from service.jobs import worker as working
from service.jobs.revisits import draw_revisits
from service.local.binaries import ServersUnavailable
from service.local.cli import checking, keys, looking, running, tickets
from service.local.cli.session import REFUSED, UNAVAILABLE, USAGE, Session
from service.local.demo import DemoRefused
from service.local.replay.stage import Chores
from service.local.wiring import Wiring

_UNAVAILABLE = (StorageUnavailable, OutcomeUnknown, ServersUnavailable, OperationalError)
