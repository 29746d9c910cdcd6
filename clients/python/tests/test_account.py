"""What an account can do, against a running emulator whose clock stands."""

import http.client
from datetime import UTC, datetime, timedelta

import pytest
from api import call
from ecs_local import Account, ControlError, EcsLocal

SUBSCRIPTION = "i-bp67acfmxazb4ph****"


def status_of(account: Account, instance_id: str = "i-web") -> str:
    return str(account.instance(instance_id)["instance"]["status"])


def order_bandwidth(emulator: EcsLocal, account: Account) -> str:
    """An order that waits for its payment."""
    status, answer = call(
        emulator,
        account.access_key_id,
        "ModifyInstanceNetworkSpec",
        InstanceId=SUBSCRIPTION,
        InternetMaxBandwidthOut="5",
        NetworkChargeType="PayByBandwidth",
        AutoPay="false",
    )
    assert status == 200, answer
    return str(answer["OrderId"])


def test_an_account_has_a_key_of_its_own(ecs_local: EcsLocal) -> None:
    one, other = ecs_local.account(), ecs_local.account()
    assert one.access_key_id != other.access_key_id
    assert ecs_local.account("mine").access_key_id == "mine"
    assert one.access_key_id in repr(one)


def test_accounts_do_not_see_each_other(ecs_local: EcsLocal) -> None:
    one, other = ecs_local.account(), ecs_local.account()
    one.load_world({"instance": {"i-mine": {"status": "Stopped"}}})
    one.arm_fault(action="StopInstance", row="INTERNAL")
    one.clock.advance("1h")
    assert "i-mine" not in other.world()["instance"]
    assert other.faults() == []
    assert one.clock.now() - other.clock.now() >= timedelta(hours=1)


def test_a_key_with_any_letters_is_one_key(ecs_local: EcsLocal) -> None:
    account = ecs_local.account("a key&to=b#é/%2F")
    account.load_world({"instance": {"i-mine": {}}})
    assert list(account.world()["instance"]) == ["i-mine"]
    assert "i-mine" not in ecs_local.account("a key").world()["instance"]


def test_a_world_is_replaced_changed_and_reset(ecs_account: Account) -> None:
    assert "i-web" in ecs_account.world()["instance"]
    assert ecs_account.load_world({"instance": {"i-a": {}}}) == {"instances": 1}
    assert ecs_account.change_world({"instance": {"i-b": {}}}) == {"instances": 2}
    assert list(ecs_account.world()["instance"]) == ["i-a", "i-b"]
    ecs_account.reset_world()
    assert "i-web" in ecs_account.world()["instance"]


def test_a_document_that_is_wrong_is_refused_and_changes_nothing(ecs_account: Account) -> None:
    before = ecs_account.world()
    with pytest.raises(ControlError) as refused:
        ecs_account.load_world({"instance": {"i-a": {"status": "Nowhere"}}})
    assert (refused.value.status, refused.value.code) == (400, "EcsLocal.BadRequest")
    assert "Nowhere" in refused.value.message
    assert str(refused.value) == f"400 EcsLocal.BadRequest {refused.value.message}"
    assert ecs_account.world() == before


def test_a_world_is_read_as_of_a_moment_and_its_clock_stands_there(ecs_account: Account) -> None:
    world = {"instance": {"i-a": {"charge_type": "PrePaid"}}}
    moment = datetime(2020, 1, 1, 12, tzinfo=UTC)
    ecs_account.clock.run()
    assert ecs_account.load_world(world, at=moment) == {"instances": 1}
    assert ecs_account.clock.is_frozen()
    assert ecs_account.clock.now() == moment
    assert ecs_account.instance("i-a")["instance"]["expires_at"] == "2020-02-01T12:00:00Z"
    ecs_account.load_world(world, at="2031-01-01T00:00:00.5Z")
    later = datetime(2031, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)
    assert ecs_account.clock.now() == later
    ecs_account.load_world(world)
    assert ecs_account.clock.now() == later


def test_a_world_as_of_no_moment_is_refused_and_changes_nothing(ecs_account: Account) -> None:
    before, now = ecs_account.world(), ecs_account.clock.now()
    with pytest.raises(ControlError, match="tomorrow") as refused:
        ecs_account.load_world({}, at="tomorrow")
    assert (refused.value.status, refused.value.code) == (400, "EcsLocal.BadRequest")
    assert (ecs_account.world(), ecs_account.clock.now()) == (before, now)


def test_a_fork_is_a_copy_that_goes_its_own_way(ecs_account: Account) -> None:
    ecs_account.load_world({"instance": {"i-mine": {}}})
    then = ecs_account.clock.advance("1h")
    copy = ecs_account.fork()
    assert copy.access_key_id != ecs_account.access_key_id
    assert list(copy.world()["instance"]) == ["i-mine"]
    assert copy.clock.now() == then
    copy.change_world({"instance": {"i-other": {}}})
    assert list(ecs_account.world()["instance"]) == ["i-mine"]


def test_a_fork_goes_to_the_key_that_is_named(ecs_local: EcsLocal, ecs_account: Account) -> None:
    ecs_account.load_world({"instance": {"i-mine": {}}})
    to = ecs_local.account().access_key_id
    assert ecs_account.fork(to).access_key_id == to
    assert list(ecs_local.account(to).world()["instance"]) == ["i-mine"]


def test_a_kept_world_comes_back_with_its_moment(ecs_account: Account) -> None:
    name = "before / after é"
    kept_at = ecs_account.clock.now()
    ecs_account.load_world({"instance": {"i-mine": {}}})
    ecs_account.keep(name)
    ecs_account.load_world({})
    ecs_account.clock.advance("1day")
    ecs_account.bring_back(name)
    assert list(ecs_account.world()["instance"]) == ["i-mine"]
    assert ecs_account.clock.now() == kept_at
    [snapshot] = ecs_account.snapshots()
    assert (snapshot["name"], snapshot["instances"]) == (name, 1)
    assert datetime.fromisoformat(snapshot["at"]) == kept_at
    ecs_account.forget(name)
    assert ecs_account.snapshots() == []


def test_what_is_not_kept_is_not_found(ecs_account: Account) -> None:
    for attempt in (ecs_account.bring_back, ecs_account.forget):
        with pytest.raises(ControlError) as refused:
            attempt("nothing")
        assert (refused.value.status, refused.value.code) == (404, "EcsLocal.NotFound")


def test_a_stopping_instance_is_stopped_when_the_clock_has_moved(
    ecs_local: EcsLocal, ecs_account: Account
) -> None:
    key = ecs_account.access_key_id
    assert call(ecs_local, key, "StopInstance", InstanceId="i-web")[0] == 200
    assert status_of(ecs_account) == "Stopping"
    ecs_account.clock.advance(timedelta(seconds=4.999))
    assert status_of(ecs_account) == "Stopping"
    ecs_account.clock.advance("1ms")
    assert status_of(ecs_account) == "Stopped"


def test_a_clock_stands_goes_forward_and_runs(ecs_account: Account) -> None:
    clock = ecs_account.clock
    start = clock.now()
    assert clock.is_frozen()
    assert clock.now() == start
    assert clock.advance("1h 30m") == start + timedelta(minutes=90)
    moment = datetime(2031, 1, 31, 12, tzinfo=UTC)
    assert clock.set(moment) == moment
    assert clock.set("2031-01-31T12:00:01.5Z") == moment + timedelta(seconds=1.5)
    clock.run()
    assert not clock.is_frozen()
    stopped_at = clock.freeze()
    assert clock.is_frozen()
    assert clock.now() == stopped_at >= moment


def test_a_clock_does_not_go_back(ecs_account: Account) -> None:
    now = ecs_account.clock.now()
    with pytest.raises(ControlError, match="does not go back"):
        ecs_account.clock.set(now - timedelta(seconds=1))
    assert ecs_account.clock.now() == now


def test_a_moment_has_a_time_zone(ecs_account: Account) -> None:
    with pytest.raises(ValueError, match="no time zone"):
        ecs_account.clock.set(datetime(2031, 1, 31))
    with pytest.raises(ValueError, match="no time zone"):
        ecs_account.load_world({}, at=datetime(2031, 1, 31))
    east = datetime.fromisoformat("2031-01-31T12:00:00+08:00")
    assert ecs_account.clock.set(east) == east
    ecs_account.load_world({}, at=east)
    assert ecs_account.clock.now() == east


def test_a_fault_strikes_the_calls_it_is_meant_for(
    ecs_local: EcsLocal, ecs_account: Account
) -> None:
    key = ecs_account.access_key_id
    [armed] = ecs_account.arm_fault(action="StopInstance", row="INTERNAL", times=1)
    assert (armed["met"], armed["fired"], armed["phase"]) == (0, 0, "before")
    status, answer = call(ecs_local, key, "StopInstance", InstanceId="i-web")
    assert (status, answer["Code"]) == (500, "InternalError")
    assert status_of(ecs_account) == "Running"
    assert call(ecs_local, key, "StopInstance", InstanceId="i-web")[0] == 200
    [spent] = ecs_account.faults()
    assert (spent["met"], spent["fired"]) == (2, 1)


def test_a_fault_may_take_the_answer_away(ecs_local: EcsLocal, ecs_account: Account) -> None:
    ecs_account.arm_fault(action="StopInstance", drop=True, phase="after")
    with pytest.raises((http.client.HTTPException, ConnectionError)):
        call(ecs_local, ecs_account.access_key_id, "StopInstance", InstanceId="i-web")
    assert status_of(ecs_account) == "Stopping"


def test_disarmed_faults_strike_no_more(ecs_local: EcsLocal, ecs_account: Account) -> None:
    ecs_account.arm_fault(status=503, code="Mine", message="Not now.", times=9)
    key = ecs_account.access_key_id
    status, answer = call(ecs_local, key, "DescribeRegions")
    assert (status, answer["Code"], answer["Message"]) == (503, "Mine", "Not now.")
    ecs_account.disarm_faults()
    assert ecs_account.faults() == []
    assert call(ecs_local, key, "DescribeRegions")[0] == 200


def test_calls_are_found_by_what_became_of_them(ecs_local: EcsLocal, ecs_account: Account) -> None:
    key = ecs_account.access_key_id
    call(ecs_local, key, "DescribeRegions")
    call(ecs_local, key, "StartInstance", InstanceId="i-web")
    call(ecs_local, key, "StopInstance", InstanceId="i-nowhere")
    found = ecs_account.calls()
    actions = [one["action"] for one in found["calls"]]
    assert (found["total"], actions) == (3, ["StopInstance", "StartInstance", "DescribeRegions"])

    def only(**wanted: object) -> list[str]:
        return [one["action"] for one in ecs_account.calls(**wanted)["calls"]]  # type: ignore[arg-type]

    assert only(action="StartInstance") == ["StartInstance"]
    assert only(code="InvalidInstanceId.NotFound") == ["StopInstance"]
    assert only(status=200) == ["DescribeRegions"]
    assert only(key=key) == actions
    assert only(key="another") == []
    assert only(after=2) == ["StopInstance"]


def test_why_tells_the_row_that_decided(ecs_local: EcsLocal, ecs_account: Account) -> None:
    key, wanted = ecs_account.access_key_id, {"InstanceType": "ecs.g6.xlarge"}
    status, answer = call(
        ecs_local, key, "ModifyInstanceSpec", InstanceId="i-web", Mistaken="1", **wanted
    )
    assert (status, answer["Code"]) == (400, "InvalidInstanceStatus.NotStopped")
    why = ecs_account.why(answer["RequestId"])
    assert why["decided"] is not None
    assert why["decided"]["row"] == "NOT_STOPPED"
    assert "StopInstance" in why["decided"]["fix"]
    turned_on = {"what": "instance.i-web.status", "value": "Running", "otherwise": "Stopped"}
    assert why["turned_on"] == [{**turned_on, "row": ""}]
    assert why["unread"] == ["Mistaken"]
    assert [one["row"] for one in why["rules"] if one["outcome"] == "held"] == ["NOT_STOPPED"]
    assert ecs_local.why(answer["RequestId"]) == why


def test_why_tells_what_a_call_changed(ecs_local: EcsLocal, ecs_account: Account) -> None:
    _, answer = call(ecs_local, ecs_account.access_key_id, "StopInstance", InstanceId="i-web")
    why = ecs_account.why(answer["RequestId"])
    assert why["decided"] is None
    [changed] = why["changed"]
    assert (changed["instance_id"], changed["is_due"]) == ("i-web", False)
    assert {"op": "replace", "path": "/instance/i-web/status", "value": "Stopping"} in changed[
        "patch"
    ]


def test_a_call_nobody_made_is_not_explained(ecs_account: Account) -> None:
    with pytest.raises(ControlError) as refused:
        ecs_account.why("no-such-call")
    assert refused.value.status == 404


def test_money_comes_and_debts_go(ecs_account: Account) -> None:
    before = ecs_account.details()["balance_cents"]
    assert ecs_account.top_up(500)["balance_cents"] == before + 500
    assert ecs_account.set_arrears(True)["arrears"] is True
    assert ecs_account.details()["arrears"] is True
    assert ecs_account.set_arrears(False)["arrears"] is False


def test_an_order_is_paid(ecs_local: EcsLocal, ecs_account: Account) -> None:
    order_id = order_bandwidth(ecs_local, ecs_account)
    unpaid = ecs_account.order(order_id)
    assert (unpaid["state"], unpaid["kind"]) == ("unpaid", "upgrade")
    assert unpaid["after"]["bandwidth_out_mbps"] == 5
    balance = ecs_account.details()["balance_cents"]
    paid = ecs_account.pay_order(order_id)
    assert paid["state"] in ("processing", "completed")
    assert ecs_account.details()["balance_cents"] == balance - paid["amount_cents"]


def test_an_order_is_cancelled_once(ecs_local: EcsLocal, ecs_account: Account) -> None:
    order_id = order_bandwidth(ecs_local, ecs_account)
    assert ecs_account.cancel_order(order_id)["state"] == "cancelled"
    with pytest.raises(ControlError) as refused:
        ecs_account.pay_order(order_id)
    assert (refused.value.status, refused.value.code) == (409, "EcsLocal.OrderClosed")


def test_orders_are_found_by_their_instance(ecs_local: EcsLocal, ecs_account: Account) -> None:
    order_id = order_bandwidth(ecs_local, ecs_account)
    assert [one["order_id"] for one in ecs_account.orders()] == [order_id]
    assert [one["order_id"] for one in ecs_account.orders(SUBSCRIPTION)] == [order_id]
    assert ecs_account.orders("i-web") == []


def test_an_instance_tells_what_its_guest_sees(ecs_account: Account) -> None:
    instance = ecs_account.instance("i-web")
    assert instance["instance_id"] == "i-web"
    assert instance["guest"] == {"instance_type": "ecs.g6.large", "vcpus": 2, "memory_mib": 8192}
    assert instance["instance"]["status"] == "Running"
    with pytest.raises(ControlError) as refused:
        ecs_account.instance("i-nowhere")
    assert refused.value.code == "EcsLocal.InstanceNotFound"


def test_a_history_tells_what_happened_and_why(ecs_local: EcsLocal, ecs_account: Account) -> None:
    _, answer = call(ecs_local, ecs_account.access_key_id, "StopInstance", InstanceId="i-web")
    ecs_account.clock.advance("5s")
    stopping, stopped = ecs_account.history("i-web")
    assert stopping["cause"]["request_id"] == answer["RequestId"]
    assert stopping["changes"]["status"] == {"before": "Running", "after": "Stopping"}
    assert (stopped["cause"]["kind"], stopped["event"]) == ("due", "changed")
    assert stopped["changes"]["status"] == {"before": "Stopping", "after": "Stopped"}
