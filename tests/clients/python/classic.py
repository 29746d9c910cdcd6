"""The life of an instance, and of a subscription, through aliyun-python-sdk-core and -ecs: request classes, an AcsClient,
JSON read by hand, ServerException for refusals."""

import json

from aliyunsdkcore.client import AcsClient
from aliyunsdkecs.request.v20140526.DeleteInstanceRequest import DeleteInstanceRequest
from aliyunsdkecs.request.v20140526.DescribeInstanceAutoRenewAttributeRequest import (
    DescribeInstanceAutoRenewAttributeRequest,
)
from aliyunsdkecs.request.v20140526.DescribeInstancesRequest import DescribeInstancesRequest
from aliyunsdkecs.request.v20140526.ModifyInstanceAutoReleaseTimeRequest import (
    ModifyInstanceAutoReleaseTimeRequest,
)
from aliyunsdkecs.request.v20140526.ModifyInstanceAutoRenewAttributeRequest import (
    ModifyInstanceAutoRenewAttributeRequest,
)
from aliyunsdkecs.request.v20140526.ModifyInstanceChargeTypeRequest import (
    ModifyInstanceChargeTypeRequest,
)
from aliyunsdkecs.request.v20140526.ModifyInstanceNetworkSpecRequest import (
    ModifyInstanceNetworkSpecRequest,
)
from aliyunsdkecs.request.v20140526.ModifyInstanceSpecRequest import ModifyInstanceSpecRequest
from aliyunsdkecs.request.v20140526.ModifyPrepayInstanceSpecRequest import (
    ModifyPrepayInstanceSpecRequest,
)
from aliyunsdkecs.request.v20140526.RenewInstanceRequest import RenewInstanceRequest
from aliyunsdkecs.request.v20140526.RunInstancesRequest import RunInstancesRequest
from aliyunsdkecs.request.v20140526.StartInstanceRequest import StartInstanceRequest
from aliyunsdkecs.request.v20140526.StopInstanceRequest import StopInstanceRequest

from checks import ENDPOINT, IMAGE, REGION, SECURITY_GROUP, VSWITCH, Checks


def read(error):
    """The fields of a ServerException."""
    return (
        error.get_http_status(),
        error.get_error_code(),
        error.get_error_msg(),
        error.get_request_id(),
    )


def connect(check):
    client = AcsClient(check.access_key_id, "any-secret", REGION)
    client.add_endpoint(REGION, "Ecs", ENDPOINT)

    def send(request, **parameters):
        for name, value in parameters.items():
            getattr(request, f"set_{name}")(value)
        return json.loads(client.do_action_with_exception(request))

    return send


def life(check):
    send = connect(check)

    def found(instance_id):
        answer = send(DescribeInstancesRequest(), InstanceIds=json.dumps([instance_id]))
        return answer["Instances"]["Instance"]

    def status(instance_id):
        return found(instance_id)[0]["Status"]

    created = send(
        RunInstancesRequest(),
        ImageId=IMAGE,
        InstanceType="ecs.g6.large",
        VSwitchId=VSWITCH,
        SecurityGroupId=SECURITY_GROUP,
        InternetMaxBandwidthOut=5,
        InstanceName="classic",
    )
    check.request_id("RunInstances answers with a request id", created["RequestId"])
    [instance_id] = created["InstanceIdSets"]["InstanceIdSet"]
    check.equal("a new instance is Pending", status(instance_id), "Pending")
    check.advance("10s")
    check.equal("ten seconds later it is Running", status(instance_id), "Running")

    check.refused(
        "a running instance keeps its type",
        lambda: send(
            ModifyInstanceSpecRequest(), InstanceId=instance_id, InstanceType="ecs.g6.xlarge"
        ),
        read,
        (
            400,
            "InvalidInstanceStatus.NotStopped",
            "The specified Instance status is not stopped.",
        ),
    )

    send(StopInstanceRequest(), InstanceId=instance_id)
    check.equal("StopInstance makes it Stopping", status(instance_id), "Stopping")
    check.advance("10s")
    check.equal("ten seconds later it is Stopped", status(instance_id), "Stopped")

    send(ModifyInstanceSpecRequest(), InstanceId=instance_id, InstanceType="ecs.g6.xlarge")
    [shown] = found(instance_id)
    check.equal("the new type shows", shown["InstanceType"], "ecs.g6.xlarge")
    check.equal("with its vCPUs and memory", (shown["Cpu"], shown["Memory"]), (4, 16384))

    send(StartInstanceRequest(), InstanceId=instance_id)
    check.advance("10s")
    check.equal("StartInstance makes it Running", status(instance_id), "Running")

    send(ModifyInstanceNetworkSpecRequest(), InstanceId=instance_id, InternetMaxBandwidthOut=20)
    [shown] = found(instance_id)
    check.equal("the new bandwidth shows", shown["InternetMaxBandwidthOut"], 20)

    # The change of the type cools down for five minutes.
    check.advance("5m")
    check.refused(
        "a dry run that would succeed",
        lambda: send(
            ModifyInstanceSpecRequest(),
            InstanceId=instance_id,
            InternetMaxBandwidthOut=30,
            DryRun=True,
        ),
        read,
        (
            400,
            "DryRunOperation",
            "Request validation has been passed with DryRun flag set.",
        ),
    )
    [shown] = found(instance_id)
    check.equal("a dry run changes nothing", shown["InternetMaxBandwidthOut"], 20)

    check.refused(
        "an unknown instance",
        lambda: send(
            ModifyInstanceSpecRequest(), InstanceId="i-nowhere", InstanceType="ecs.g6.xlarge"
        ),
        read,
        (404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist."),
    )

    send(DeleteInstanceRequest(), InstanceId=instance_id, Force=True)
    check.advance("10s")
    check.equal("a deleted instance is gone", found(instance_id), [])


def subscription(check):
    send = connect(check)
    created = send(
        RunInstancesRequest(),
        ImageId=IMAGE,
        InstanceType="ecs.g6.xlarge",
        VSwitchId=VSWITCH,
        SecurityGroupId=SECURITY_GROUP,
        InstanceChargeType="PrePaid",
        Period=1,
        PeriodUnit="Month",
    )
    [instance_id] = created["InstanceIdSets"]["InstanceIdSet"]
    check.equal("a subscription is bought", check.order(created["OrderId"])["kind"], "buy")
    check.advance("10s")

    def shown():
        answer = send(DescribeInstancesRequest(), InstanceIds=json.dumps([instance_id]))
        [instance] = answer["Instances"]["Instance"]
        return instance

    before = shown()["ExpiredTime"]
    send(RenewInstanceRequest(), InstanceId=instance_id, Period=1)
    check.true("RenewInstance moves its end", shown()["ExpiredTime"] > before, before)

    send(StopInstanceRequest(), InstanceId=instance_id)
    check.advance("5s")
    lowered = send(
        ModifyPrepayInstanceSpecRequest(),
        InstanceId=instance_id,
        InstanceType="ecs.g6.large",
        OperatorType="downgrade",
    )
    order = check.order(lowered["OrderId"])
    check.true("a downgrade returns money", order["amount_cents"] < 0, order)
    check.advance("7s")
    check.equal("and shows", shown()["InstanceType"], "ecs.g6.large")

    send(
        ModifyInstanceAutoRenewAttributeRequest(),
        InstanceId=instance_id,
        RenewalStatus="AutoRenewal",
        Duration=3,
        PeriodUnit="Month",
    )
    answer = send(DescribeInstanceAutoRenewAttributeRequest(), InstanceId=instance_id)
    [renewal] = answer["InstanceRenewAttributes"]["InstanceRenewAttribute"]
    check.equal(
        "its renewal is as it was set",
        (renewal["RenewalStatus"], renewal["Duration"], renewal["PeriodUnit"]),
        ("AutoRenewal", 3, "Month"),
    )

    release = ModifyInstanceAutoReleaseTimeRequest()
    check.refused(
        "a release is at most three years ahead",
        lambda: send(release, InstanceId=instance_id, AutoReleaseTime="2099-01-01T00:00:00Z"),
        read,
        (
            400,
            "InvalidAutoReleaseTime.Malformed",
            "The specified paramter autoReleaseTime is not valid.",
        ),
    )
    send(
        ModifyInstanceChargeTypeRequest(),
        InstanceIds=json.dumps([instance_id]),
        InstanceChargeType="PostPaid",
    )
    check.advance("5s")
    check.equal("it becomes pay-as-you-go", shown()["InstanceChargeType"], "PostPaid")


if __name__ == "__main__":
    Checks("python-classic").run(life, subscription)
