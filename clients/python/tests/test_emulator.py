"""What concerns the emulator as a whole."""

import pytest
from api import call
from ecs_local import ControlError, EcsLocal, EcsLocalError


def test_health_tells_the_version(ecs_local: EcsLocal) -> None:
    health = ecs_local.health()
    assert health["status"] == "ok"
    assert f"ecs-local {health['version']} listens" in ecs_local.stderr


def test_health_tells_how_it_is_set(ecs_local: EcsLocal) -> None:
    health = ecs_local.health()
    assert health["as_of"] is None
    assert health["gateway"] == {"signatures": "log", "errors": "ecs", "flow_control": None}
    arguments = ["--gateway-errors", "pop", "--flow-control", "5"]
    with EcsLocal.start(as_of="2019-05-21", signatures="off", arguments=arguments) as other:
        health = other.health()
    assert health["as_of"] == "2019-05-21"
    assert health["gateway"] == {"signatures": "off", "errors": "pop", "flow_control": 5}


def test_metrics_count_calls(ecs_local: EcsLocal) -> None:
    call(ecs_local, "default", "DescribeRegions")
    lines = ecs_local.metrics().splitlines()
    assert any("DescribeRegions" in line and not line.startswith("#") for line in lines)


def test_rows_tell_how_each_is_reached(ecs_local: EcsLocal) -> None:
    rows = ecs_local.rows()
    [row] = [
        one
        for one in rows
        if (one["operation"], one["name"], one["page"])
        == ("ModifyInstanceSpec", "NOT_STOPPED", "2026-06-26")
    ]
    assert (row["status"], row["code"]) == (400, "InvalidInstanceStatus.NotStopped")
    assert row["reach"] == "raised"
    assert all(one["page"] for one in rows)
    assert any(not one["page"] for one in ecs_local.rows(all=True))


def test_schemas_are_served_by_name(ecs_local: EcsLocal) -> None:
    assert "instance" in ecs_local.schema("world")["properties"]
    assert "step" in ecs_local.schema("scenario")["properties"]
    assert "row" in ecs_local.schema("fault")["properties"]
    with pytest.raises(ControlError) as refused:
        ecs_local.schema("nothing")  # type: ignore[arg-type]
    assert refused.value.status == 404


def test_an_emulator_without_tls_has_no_certificate(ecs_local: EcsLocal) -> None:
    with pytest.raises(EcsLocalError, match="--tls") as refused:
        ecs_local.certificate()
    assert isinstance(refused.value, ControlError)
    assert refused.value.status == 404


def test_the_document_describes_this_interface(ecs_local: EcsLocal) -> None:
    document = ecs_local.openapi()
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"] == ecs_local.health()["version"]
