"""Concentrated complaints become one order with one person, one deadline (R-CMP-13, 3D).

A cluster whose firm is known gets a rectification order; without one, the compound is
proposed for listed supervision. Each complaint notes which cluster it counts for and why.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from service.commands.aside import Cause
from service.commands.fire_event import Fire, fire
from service.commands.link_causes import link_causes
from service.commands.ports import Ports
from service.core.actors import SYSTEM
from service.core.errors import GuardRefused
from service.core.ids import derived
from service.core.messages import DEFAULT, text
from service.jobs.planned import open_once
from service.store import directory, grievance, reference, ticket
from service.workflows.clusters import Cluster, Member, clusters, order_facts

KIND: Final = "complaint"
SUPERVISION: Final = "listed_supervision"
WITHDRAWN: Final = ("withdrawn",)
RELATION: Final = "cluster"


def detect(ports: Ports, now: datetime) -> int:
    """Open what each new cluster asks for; return how many complaints were grouped."""
    workflow = ports.registry[KIND]
    with ports.uow() as tx:
        profile = ports.policies.newest(tx, workflow.default_profile)
        since = now - profile.cluster_within
        filed = grievance.loose(tx, KIND, since, without=WITHDRAWN)
    found = clusters(filed, now=now, size=profile.cluster_size, within=profile.cluster_within)
    return sum(_settle(ports, cluster) for cluster in found)


def _settle(ports: Ports, cluster: Cluster) -> int:
    ident = _supervision(ports, cluster) or _open(ports, cluster)
    if ident is None:  # refused: its complaints stay loose, and the next turn tries again
        return 0
    return sum(_join(ports, cluster, member, ident) for member in cluster.members)


def _supervision(ports: Ports, cluster: Cluster) -> UUID | None:
    """Return the supervision that the compound is under or proposed for: one is enough."""
    if cluster.vendor is not None:
        return None
    with ports.uow() as tx:
        compound = directory.node(tx, cluster.compound)
        standing = reference.open_here(tx, SUPERVISION, compound["path"]) if compound else ()
    if not standing:
        return None
    link_causes(ports, standing[0].id, _causes(cluster))
    return standing[0].id


def _causes(cluster: Cluster) -> tuple[Cause, ...]:
    return tuple(Cause(UUID(m.filed.ticket), 1, RELATION) for m in cluster.members)


def _open(ports: Ports, cluster: Cluster) -> UUID | None:
    """Open the order or the proposal; return its id, new or not, or None when it is refused."""
    category = ports.catalogue.get(cluster.topic)
    label = category.labels[DEFAULT] if category else cluster.topic
    members = _order(ports, cluster, label) if cluster.vendor else _proposal(cluster, label)
    causes = _causes(cluster)
    open_once(ports, RELATION, cluster.id, place=cluster.compound, causes=causes, **members)
    ident = derived("planned", members["kind"], RELATION, cluster.id)
    with ports.uow() as tx:
        opened = ticket.seen(tx, kind=members["kind"], ref=ident, actor=SYSTEM)
    return ident if opened is not None else None


def _order(ports: Ports, cluster: Cluster, label: str) -> Mapping[str, Any]:
    with ports.uow() as tx:
        vendor = reference.vendor(tx, cluster.vendor)
    developer = vendor is not None and vendor.body == "developer"
    facts = order_facts(cluster, label)
    return {
        "kind": "rectification_order",
        "event": "record",
        "category": "rect_complaints",
        "title": text("cluster.title", DEFAULT, topic=label, count=len(cluster.members)),
        "facts": {**facts, "subject": "developer"} if developer else facts,
    }


def _proposal(cluster: Cluster, label: str) -> Mapping[str, Any]:
    title = text("cluster.title", DEFAULT, topic=label, count=len(cluster.members))
    numbers = ", ".join(member.filed.number for member in cluster.members)
    return {
        "kind": SUPERVISION,
        "event": "propose",
        "category": "sup_service",
        "title": title,
        "facts": {"reason": "major_opinion", "basis": f"{title}: {numbers}"[:2000]},
    }


def _join(ports: Ports, cluster: Cluster, member: Member, order: UUID) -> int:
    """Note the cluster on a complaint, once."""
    data = {
        "cluster": cluster.id,
        "why": member.why,
        "ticket": str(order),
        **({"like": member.like} if member.like else {}),
    }
    command = Fire(
        kind=KIND,
        ticket=member.filed.ticket,
        event="join_cluster",
        actor=SYSTEM,
        data=data,
        id=derived("cluster", cluster.id, member.filed.ticket),
    )
    try:
        return int(fire(ports, command).how == "created")
    except GuardRefused:
        return 0
