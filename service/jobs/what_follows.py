"""Does everything that follows from what has happened, at once: letters, then reactions."""

from service.commands.ports import Ports
from service.jobs import reacting, reactions
from service.notify.channels import CHANNELS
from service.notify.relay import Relay


def settle(ports: Ports) -> int:
    """Relay letters and run follow-ups, and what follows those; return how many were settled.

    For a process that has the world to itself, as a replay has; a service does it in rounds.
    """
    relay = Relay(ports.uow, CHANNELS, reacting=reactions.wanted)
    settled = 0
    while True:
        letters = relay.run_once().letters
        done = reacting.react(ports)
        settled += done
        if letters == done == 0:
            return settled
