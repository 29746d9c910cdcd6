"""The steps of the matrix through alibabacloud_ecs20140526: a generated client, typed models,
version 3 signatures, ClientException and ServerException for refusals; then the life of a
subscription."""

import json

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.exceptions import AlibabaCloudException
from alibabacloud_tea_openapi.models import Config

import emulator
import refusals
from checks import Checks
from emulator import IMAGE, REGION, SECURITY_GROUP, VSWITCH, advance
from refusals import Refusal


def connect(key_id, key_secret, protocol="http"):
    return Client(
        Config(
            access_key_id=key_id,
            access_key_secret=key_secret,
            region_id=REGION,
            endpoint=emulator.ENDPOINT,
            protocol=protocol,
            ca=emulator.CERTIFICATE,
        )
    )


def read(error):
    """The message of the exception is `code: STATUS, MESSAGE request id: ID`; the answer's own
    fields are in `data`."""
    return error.status_code, error.code, error.data["Message"], error.request_id


client = connect(emulator.KEY_ID, emulator.KEY_SECRET)
# Both exceptions have the one class above them that is caught here.
check = Checks("alibabacloud_ecs20140526", exception=AlibabaCloudException, read=read)


def run_instance(**parameters):
    request = models.RunInstancesRequest(
        region_id=REGION,
        image_id=IMAGE,
        instance_type="ecs.g6.large",
        v_switch_id=VSWITCH,
        security_group_id=SECURITY_GROUP,
        **parameters,
    )
    [instance_id] = client.run_instances(request).body.instance_id_sets.instance_id_set
    return instance_id


def describe(instance_id, client=client):
    request = models.DescribeInstancesRequest(
        region_id=REGION, instance_ids=json.dumps([instance_id])
    )
    return client.describe_instances(request).body


def shown(instance_id):
    [instance] = describe(instance_id).instances.instance
    return instance


def start(instance_id):
    client.start_instance(models.StartInstanceRequest(instance_id=instance_id))


def stop(instance_id, client=client):
    client.stop_instance(models.StopInstanceRequest(instance_id=instance_id))


def modify(instance_id, **parameters):
    client.modify_instance_spec(
        models.ModifyInstanceSpecRequest(instance_id=instance_id, **parameters)
    )


def modify_network(instance_id, mbps):
    client.modify_instance_network_spec(
        models.ModifyInstanceNetworkSpecRequest(
            instance_id=instance_id, internet_max_bandwidth_out=mbps
        )
    )


def modify_prepaid(instance_id, **parameters):
    """The id of the order."""
    request = models.ModifyPrepayInstanceSpecRequest(
        region_id=REGION, instance_id=instance_id, **parameters
    )
    return client.modify_prepay_instance_spec(request).body.order_id


def modify_renewal(instance_id, **parameters):
    client.modify_instance_auto_renew_attribute(
        models.ModifyInstanceAutoRenewAttributeRequest(
            region_id=REGION, instance_id=instance_id, **parameters
        )
    )


with check.step("create"):
    web = run_instance(
        internet_max_bandwidth_out=5,
        instance_name="python-tea",
        tag=[models.RunInstancesRequestTag(key="client", value="python-tea")],
    )
    check.equal("beginning of the id", web[:2], "i-")
    advance("10s")

with check.step("describe"):
    body = describe(web)
    check.equal("RequestId", body.request_id, emulator.latest_request_id())
    check.equal("TotalCount", body.total_count, 1)
    [instance] = body.instances.instance
    check.equal("InstanceId", instance.instance_id, web)
    check.equal("InstanceName", instance.instance_name, "python-tea")
    check.equal("Status", instance.status, "Running")
    check.equal("InstanceType", instance.instance_type, "ecs.g6.large")
    check.equal("Cpu", instance.cpu, 2)
    check.equal("Memory", instance.memory, 8192)
    check.equal("InternetMaxBandwidthOut", instance.internet_max_bandwidth_out, 5)
    check.equal("IoOptimized", instance.io_optimized, True)
    check.equal("SecurityGroupIds", instance.security_group_ids.security_group_id, [SECURITY_GROUP])
    check.equal("VSwitchId", instance.vpc_attributes.v_switch_id, VSWITCH)
    [tag] = instance.tags.tag
    check.equal("Tag", (tag.tag_key, tag.tag_value), ("client", "python-tea"))

with check.step("state"):
    check.refused(lambda: modify(web, instance_type="ecs.g6.xlarge"), refusals.NOT_STOPPED)

with check.step("stop"):
    stop(web)
    advance("10s")
    check.equal("Status", shown(web).status, "Stopped")

with check.step("modify"):
    modify(web, instance_type="ecs.g6.xlarge")
    instance = shown(web)
    check.equal("Cpu", instance.cpu, 4)
    check.equal("Memory", instance.memory, 16384)

with check.step("start"):
    start(web)
    advance("10s")
    check.equal("Status", shown(web).status, "Running")

with check.step("network"):
    modify_network(web, 20)
    check.equal("InternetMaxBandwidthOut", shown(web).internet_max_bandwidth_out, 20)

with check.step("prepay"):
    prepaid = run_instance(instance_charge_type="PrePaid", period=1, period_unit="Month")
    advance("10s")
    stop(prepaid)
    advance("10s")
    order_id = modify_prepaid(prepaid, instance_type="ecs.g6.xlarge")
    check.equal("kind of the order", emulator.order(order_id)["kind"], "upgrade")
    advance("10s")
    check.equal("InstanceType", shown(prepaid).instance_type, "ecs.g6.xlarge")

with check.step("parameter"):
    check.refused(lambda: modify_network(web, 999), refusals.BANDWIDTH)

with check.step("forbidden"):
    reader = connect(emulator.READER_ID, emulator.READER_SECRET)
    check.refused(lambda: stop(web, reader), refusals.FORBIDDEN)
    check.equal("TotalCount", describe(web, reader).total_count, 1)

with check.step("missing"):
    check.refused(lambda: stop("i-nowhere"), refusals.NOT_FOUND)

with check.step("secret"):
    badly_signing = connect(emulator.KEY_ID, "another-secret")
    check.refused(lambda: describe(web, badly_signing), refusals.SIGNATURE)

with check.step("internal"), emulator.fault("ModifyInstanceSpec", "INTERNAL"):
    check.refused(lambda: modify(web, instance_type="ecs.g6.2xlarge"), refusals.INTERNAL)

with check.step("unavailable"), emulator.fault("DescribeInstances", "UNAVAILABLE"):
    check.refused(lambda: describe(web), refusals.UNAVAILABLE)

# What follows is this SDK's own: the life of an instance to its end, and a subscription.

with check.step("dry-run"):
    # The change of the type cools down for five minutes.
    advance("5m")
    check.refused(
        lambda: modify(web, internet_max_bandwidth_out=30, dry_run=True), refusals.DRY_RUN
    )
    check.equal("InternetMaxBandwidthOut", shown(web).internet_max_bandwidth_out, 20)

with check.step("unknown"):
    check.refused(lambda: modify("i-nowhere", instance_type="ecs.g6.large"), refusals.NOT_FOUND)

with check.step("cooldown"):
    stop(web)
    advance("10s")
    modify(web, instance_type="ecs.g6.large")
    check.refused(lambda: modify(web, instance_type="ecs.g6.xlarge"), refusals.COOLING_DOWN)

with check.step("delete"):
    client.delete_instance(models.DeleteInstanceRequest(instance_id=web, force=True))
    advance("10s")
    check.equal("TotalCount", describe(web).total_count, 0)

with check.step("convert"):
    converted = run_instance()
    check.equal("Status", shown(converted).status, "Pending")
    advance("10s")
    answer = client.modify_instance_charge_type(
        models.ModifyInstanceChargeTypeRequest(
            region_id=REGION,
            instance_ids=json.dumps([converted]),
            instance_charge_type="PrePaid",
            period=1,
            period_unit="Month",
            is_detail_fee=True,
        )
    )
    [fee] = answer.body.fee_of_instances.fee_of_instance
    check.more("Fee", float(fee.fee), 0)
    monthly = {"auto_renew": True, "duration": 1, "period_unit": "Month"}
    # It takes five seconds to become a subscription.
    check.refused(
        lambda: modify_renewal(converted, **monthly),
        Refusal(
            403, "ChargeTypeViolation", "Pay-As-You-Go instances do not support this operation."
        ),
    )
    advance("5s")
    check.equal("InstanceChargeType", shown(converted).instance_charge_type, "PrePaid")

with check.step("unpaid"):
    order_id = modify_prepaid(converted, instance_type="ecs.g6.xlarge", auto_pay=False)
    advance("10s")
    check.equal("InstanceType", shown(converted).instance_type, "ecs.g6.large")
    emulator.pay(order_id)
    advance("7s")
    check.equal("InstanceType", shown(converted).instance_type, "ecs.g6.xlarge")
    check.equal("state of the order", emulator.order(order_id)["state"], "completed")

with check.step("auto-renew"):
    modify_renewal(converted, **monthly)
    answer = client.describe_instance_auto_renew_attribute(
        models.DescribeInstanceAutoRenewAttributeRequest(region_id=REGION, instance_id=converted)
    )
    [renewal] = answer.body.instance_renew_attributes.instance_renew_attribute
    check.equal("RenewalStatus", renewal.renewal_status, "AutoRenewal")
    check.equal("Duration", renewal.duration, 1)
    check.equal("PeriodUnit", renewal.period_unit, "Month")
    before = shown(converted).expired_time
    advance("30d")
    check.more("ExpiredTime", shown(converted).expired_time, before)

with check.step("expiry"):
    modify_renewal(converted, renewal_status="NotRenewal")
    advance("40d")
    ended = shown(converted)
    locks = [lock.lock_reason for lock in ended.operation_locks.lock_reason]
    check.equal("Status", ended.status, "Stopped")
    check.equal("OperationLocks", locks, ["financial"])

with check.step("renew"):
    answer = client.renew_instance(
        models.RenewInstanceRequest(instance_id=converted, period=1, period_unit="Month")
    )
    check.equal("kind of the order", emulator.order(answer.body.order_id)["kind"], "renew")
    advance("5s")
    check.equal("Status", shown(converted).status, "Running")

with check.step("https"):
    secure = connect(emulator.KEY_ID, emulator.KEY_SECRET, protocol="https")
    answer = secure.describe_regions(models.DescribeRegionsRequest()).body
    check.equal("RequestId", answer.request_id, emulator.calls()["calls"][0]["request_id"])

check.finish()
