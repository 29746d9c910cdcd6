"""The life of an instance, and of a subscription, through alibabacloud_ecs20140526: a generated
client, typed models, version 3 signatures, ClientException for refusals."""

import json

from alibabacloud_ecs20140526 import models
from alibabacloud_ecs20140526.client import Client
from alibabacloud_tea_openapi.models import Config

from checks import ENDPOINT, IMAGE, REGION, SECURITY_GROUP, VSWITCH, Checks


def read(error):
    """The fields of a ClientException. Its message is `code: STATUS, MESSAGE request id: ID`; the
    answer's own fields are in `data`."""
    return (error.status_code, error.code, error.data["Message"], error.request_id)


def connect(check):
    return Client(
        Config(
            access_key_id=check.access_key_id,
            access_key_secret="any-secret",
            region_id=REGION,
            endpoint=ENDPOINT,
            protocol="http",
        )
    )


def life(check):
    client = connect(check)

    def found(instance_id):
        answer = client.describe_instances(
            models.DescribeInstancesRequest(
                region_id=REGION, instance_ids=json.dumps([instance_id])
            )
        )
        return answer.body.instances.instance

    def status(instance_id):
        return found(instance_id)[0].status

    created = client.run_instances(
        models.RunInstancesRequest(
            region_id=REGION,
            image_id=IMAGE,
            instance_type="ecs.g6.large",
            v_switch_id=VSWITCH,
            security_group_id=SECURITY_GROUP,
            internet_max_bandwidth_out=5,
            instance_name="tea",
        )
    )
    check.request_id("RunInstances answers with a request id", created.body.request_id)
    [instance_id] = created.body.instance_id_sets.instance_id_set
    check.equal("a new instance is Pending", status(instance_id), "Pending")
    check.advance("10s")
    check.equal("ten seconds later it is Running", status(instance_id), "Running")

    to_xlarge = models.ModifyInstanceSpecRequest(
        instance_id=instance_id, instance_type="ecs.g6.xlarge"
    )
    check.refused(
        "a running instance keeps its type",
        lambda: client.modify_instance_spec(to_xlarge),
        read,
        (
            400,
            "InvalidInstanceStatus.NotStopped",
            "The specified Instance status is not stopped.",
        ),
    )

    client.stop_instance(models.StopInstanceRequest(instance_id=instance_id))
    check.equal("StopInstance makes it Stopping", status(instance_id), "Stopping")
    check.advance("10s")
    check.equal("ten seconds later it is Stopped", status(instance_id), "Stopped")

    client.modify_instance_spec(to_xlarge)
    [shown] = found(instance_id)
    check.equal("the new type shows", shown.instance_type, "ecs.g6.xlarge")
    check.equal("with its vCPUs and memory", (shown.cpu, shown.memory), (4, 16384))

    check.refused(
        "a second change within five minutes",
        lambda: client.modify_instance_spec(
            models.ModifyInstanceSpecRequest(
                instance_id=instance_id, instance_type="ecs.g6.2xlarge"
            )
        ),
        read,
        (
            400,
            "Throttling",
            "Request was denied due to request throttling, please try again after 5 minutes.",
        ),
    )

    client.start_instance(models.StartInstanceRequest(instance_id=instance_id))
    check.advance("10s")
    check.equal("StartInstance makes it Running", status(instance_id), "Running")

    client.modify_instance_network_spec(
        models.ModifyInstanceNetworkSpecRequest(
            instance_id=instance_id, internet_max_bandwidth_out=20
        )
    )
    [shown] = found(instance_id)
    check.equal("the new bandwidth shows", shown.internet_max_bandwidth_out, 20)

    # The change of the type cools down for five minutes.
    check.advance("5m")
    check.refused(
        "a dry run that would succeed",
        lambda: client.modify_instance_spec(
            models.ModifyInstanceSpecRequest(
                instance_id=instance_id, internet_max_bandwidth_out=30, dry_run=True
            )
        ),
        read,
        (
            400,
            "DryRunOperation",
            "Request validation has been passed with DryRun flag set.",
        ),
    )
    [shown] = found(instance_id)
    check.equal("a dry run changes nothing", shown.internet_max_bandwidth_out, 20)

    check.refused(
        "an unknown instance",
        lambda: client.modify_instance_spec(
            models.ModifyInstanceSpecRequest(
                instance_id="i-nowhere", instance_type="ecs.g6.xlarge"
            )
        ),
        read,
        (404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist."),
    )

    client.delete_instance(models.DeleteInstanceRequest(instance_id=instance_id, force=True))
    check.advance("10s")
    check.equal("a deleted instance is gone", found(instance_id), [])


def subscription(check):
    client = connect(check)
    created = client.run_instances(
        models.RunInstancesRequest(
            region_id=REGION,
            image_id=IMAGE,
            instance_type="ecs.g6.large",
            v_switch_id=VSWITCH,
            security_group_id=SECURITY_GROUP,
        )
    )
    [instance_id] = created.body.instance_id_sets.instance_id_set
    check.advance("10s")

    def shown():
        request = models.DescribeInstancesRequest(
            region_id=REGION, instance_ids=json.dumps([instance_id])
        )
        [instance] = client.describe_instances(request).body.instances.instance
        return instance

    converted = client.modify_instance_charge_type(
        models.ModifyInstanceChargeTypeRequest(
            region_id=REGION,
            instance_ids=json.dumps([instance_id]),
            instance_charge_type="PrePaid",
            period=1,
            period_unit="Month",
            is_detail_fee=True,
        )
    )
    [fee] = converted.body.fee_of_instances.fee_of_instance
    check.true("the conversion names its fee", float(fee.fee) > 0, fee.fee)
    auto_renew = models.ModifyInstanceAutoRenewAttributeRequest(
        region_id=REGION, instance_id=instance_id, auto_renew=True, duration=1, period_unit="Month"
    )
    check.refused(
        "renewal settings before the conversion shows",
        lambda: client.modify_instance_auto_renew_attribute(auto_renew),
        read,
        (
            403,
            "ChargeTypeViolation",
            "Pay-As-You-Go instances do not support this operation.",
        ),
    )
    check.advance("5s")
    check.equal("five seconds later it is a subscription", shown().instance_charge_type, "PrePaid")

    upgraded = client.modify_prepay_instance_spec(
        models.ModifyPrepayInstanceSpecRequest(
            region_id=REGION,
            instance_id=instance_id,
            instance_type="ecs.g6.xlarge",
            auto_pay=False,
        )
    )
    check.advance("10s")
    check.equal("an unpaid order changes nothing", shown().instance_type, "ecs.g6.large")
    check.pay(upgraded.body.order_id)
    check.advance("7s")
    check.equal("a paid one does", shown().instance_type, "ecs.g6.xlarge")
    check.equal("it is completed", check.order(upgraded.body.order_id)["state"], "completed")

    client.modify_instance_auto_renew_attribute(auto_renew)
    attributes = client.describe_instance_auto_renew_attribute(
        models.DescribeInstanceAutoRenewAttributeRequest(
            region_id=REGION, instance_id=instance_id
        )
    )
    [renewal] = attributes.body.instance_renew_attributes.instance_renew_attribute
    check.equal(
        "its renewal is as it was set",
        (renewal.renewal_status, renewal.duration, renewal.period_unit),
        ("AutoRenewal", 1, "Month"),
    )
    before = shown().expired_time
    check.advance("30d")
    check.true("it has renewed itself", shown().expired_time > before, before)

    client.modify_instance_auto_renew_attribute(
        models.ModifyInstanceAutoRenewAttributeRequest(
            region_id=REGION, instance_id=instance_id, renewal_status="NotRenewal"
        )
    )
    check.advance("40d")
    ended = shown()
    locks = [lock.lock_reason for lock in ended.operation_locks.lock_reason]
    check.equal("at its end it is locked and stopped", (ended.status, locks), ("Stopped", ["financial"]))
    renewed = client.renew_instance(
        models.RenewInstanceRequest(instance_id=instance_id, period=1, period_unit="Month")
    )
    check.equal("a renewal is an order", check.order(renewed.body.order_id)["kind"], "renew")
    check.advance("5s")
    check.equal("and brings it back", shown().status, "Running")


if __name__ == "__main__":
    Checks("python-tea").run(life, subscription)
