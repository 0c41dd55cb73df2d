"""Every operation of the OpenAPI document, fuzzed from its own schemas with a fixed seed.

No server error, no undeclared status, content type, header or body, as roles with much, little
and no access.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings, strategies
from schemathesis import Case, GenerationMode, checks
from schemathesis.core.failures import FailureGroup

from service.api.all import ROUTES
from service.api.openapi import document
from service.local.servers import Servers
from service.workflows import REGISTRY
from tests.attacks.conftest import Tally
from tests.attacks.server import serving
from tests.attacks.world import World, build
from tests.support import servers as support
from tests.support.live import living

SEED = 20261121
EXAMPLES = 8
ROLES = ("admin@above", "dispatcher@above", "crew@own", "resident@below")

CHECKED = (
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
    checks.negative_data_rejection,
)

SPEC = schemathesis.openapi.from_dict(document(ROUTES, "http://127.0.0.1", "0.1.0"))
OPERATIONS = {found.ok().label: found.ok() for found in SPEC.get_all_operations()}
_BESIDE = {"GET /readyz": [checks.not_a_server_error]}  # 503 is what it is there to say
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


_KIND_AT = {f"/v1/{workflow.collection}/": workflow.kind for workflow in REGISTRY}


def _aim(world: World, case: Case, data: strategies.DataObject) -> None:
    """Let a path often name something that is there: past the 404 lies the rest."""
    params: dict[str, Any] = case.path_parameters or {}
    kinds = [kind for path, kind in _KIND_AT.items() if case.path.startswith(path)]
    tickets = [ident for kind in kinds or _KIND_AT.values() for ident in world.of(kind).values()]
    others = () if kinds else ("u1", "c7", "v-lotus", "REP-DEFAULT", "not-found")
    if "id" in params and data.draw(strategies.booleans()):
        params["id"] = data.draw(strategies.sampled_from((*tickets, *others)))
    if "clock" in params:
        known = ("ack", "arrive", "tier_limit", "obligation-1", "cure", params["clock"])
        params["clock"] = data.draw(strategies.sampled_from(known))


@pytest.fixture(scope="module")
def stand(servers: Servers, template: str, logs: Path) -> Iterator[tuple[World, str]]:
    """Give a world of its own, as fuzzing changes it, and the address of its server."""
    with (
        support.copied_database(servers, "anju_fuzzed") as database,
        living(database) as live,
        serving(database, servers.redis_url, logs, RATE_LIMIT="off", LOG_LEVEL="error",
                GUESS_LIMIT="100000") as port,
    ):  # fmt: skip
        yield build(live), f"http://127.0.0.1:{port}"


@pytest.mark.attack("fuzz")
@pytest.mark.parametrize("label", OPERATIONS)
def test_whatever_the_schema_allows_or_forbids_is_answered_as_declared(
    label: str, stand: tuple[World, str], tally: Tally
) -> None:
    world, base = stand
    operation = OPERATIONS[label]
    statuses: Counter[int] = Counter()

    @seed(SEED)
    @settings(
        max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
        phases=(Phase.generate,), suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(data=strategies.data(), who=strategies.sampled_from((*ROLES, None)))
    def attempt(data: strategies.DataObject, who: str | None) -> None:
        mode = data.draw(strategies.sampled_from(MODES))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        _aim(world, case, data)
        if who is not None:  # else the generated credential stays, which is nobody's
            case.headers["Authorization"] = f"Bearer {world.key(who)}"
        answer = case.call(base_url=base)
        statuses[answer.status_code] += 1
        case.validate_response(answer, checks=CHECKED, excluded_checks=_BESIDE.get(label))

    attempt()
    assert set(statuses) != {401}, "somebody is let in"
    tally(statuses.total())


@pytest.mark.attack("fuzz")
def test_the_checks_can_fail(stand: tuple[World, str]) -> None:
    """An answer that the document does not declare is found."""
    _, base = stand
    altered = document(ROUTES, "http://127.0.0.1", "0.1.0")
    del altered["paths"]["/v1/me"]["get"]["responses"]["401"]
    case = schemathesis.openapi.from_dict(altered)["/v1/me"]["GET"].Case()

    with pytest.raises(FailureGroup):
        case.validate_response(case.call(base_url=base), checks=CHECKED)
