"""The steps of the matrix through aliyun-python-sdk-core and -ecs: request classes, an AcsClient,
JSON read by hand, ServerException for refusals; then its requests for subscriptions."""

import json
from unittest import mock

from aliyunsdkcore.acs_exception.exceptions import ServerException
from aliyunsdkcore.auth.credentials import StsTokenCredential
from aliyunsdkcore.client import AcsClient
from aliyunsdkcore.endpoint.location_service_endpoint_resolver import (
    LocationServiceEndpointResolver,
)
from aliyunsdkcore.endpoint.resolver_endpoint_request import ResolveEndpointRequest
from aliyunsdkcore.request import CommonRequest
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

import emulator
import refusals
from checks import Checks
from emulator import IMAGE, REGION, SECURITY_GROUP, VSWITCH, advance
from refusals import Refusal

# ModifyInstanceSpec and DescribeInstances are among the calls that the client repeats, up to three
# times, for a server's error and for `Throttling`. It sleeps between; nothing here does.
REPEATED = 4
mock.patch("time.sleep").start()


def connect(key_id, key_secret):
    """A function that fills a request, sends it and reads the answer."""
    client = AcsClient(key_id, key_secret, REGION)
    client.add_endpoint(REGION, "Ecs", emulator.ENDPOINT)

    def send(request, **parameters):
        for name, value in parameters.items():
            getattr(request, f"set_{name}")(value)
        return json.loads(client.do_action_with_exception(request))

    return send


def read(error):
    return (
        error.get_http_status(),
        error.get_error_code(),
        error.get_error_msg(),
        error.get_request_id(),
    )


send = connect(emulator.KEY_ID, emulator.KEY_SECRET)
check = Checks(
    "aliyun-python-sdk-core", "aliyun-python-sdk-ecs", exception=ServerException, read=read
)


def run_instance(**parameters):
    """One new instance: its id and the whole answer."""
    answer = send(
        RunInstancesRequest(),
        ImageId=IMAGE,
        VSwitchId=VSWITCH,
        SecurityGroupId=SECURITY_GROUP,
        **parameters,
    )
    [instance_id] = answer["InstanceIdSets"]["InstanceIdSet"]
    return instance_id, answer


def describe(instance_id):
    return send(DescribeInstancesRequest(), InstanceIds=json.dumps([instance_id]))


def shown(instance_id):
    [instance] = describe(instance_id)["Instances"]["Instance"]
    return instance


def modify(instance_id, **parameters):
    return send(ModifyInstanceSpecRequest(), InstanceId=instance_id, **parameters)


with check.step("create"):
    web, _ = run_instance(
        InstanceType="ecs.g6.large",
        InternetMaxBandwidthOut=5,
        InstanceName="python-classic",
        Tags=[{"Key": "client", "Value": "python-classic"}],
    )
    check.equal("beginning of the id", web[:2], "i-")
    advance("10s")

with check.step("describe"):
    answer = describe(web)
    check.equal("RequestId", answer["RequestId"], emulator.latest_request_id())
    check.equal("TotalCount", answer["TotalCount"], 1)
    [instance] = answer["Instances"]["Instance"]
    for field, value in {
        "InstanceId": web,
        "InstanceName": "python-classic",
        "Status": "Running",
        "InstanceType": "ecs.g6.large",
        "Cpu": 2,
        "Memory": 8192,
        "InternetMaxBandwidthOut": 5,
        "IoOptimized": True,
        "SecurityGroupIds": {"SecurityGroupId": [SECURITY_GROUP]},
        "Tags": {"Tag": [{"TagKey": "client", "TagValue": "python-classic"}]},
    }.items():
        check.equal(field, instance[field], value)
    check.equal("VSwitchId", instance["VpcAttributes"]["VSwitchId"], VSWITCH)

with check.step("state"):
    check.refused(lambda: modify(web, InstanceType="ecs.g6.xlarge"), refusals.NOT_STOPPED)

with check.step("stop"):
    send(StopInstanceRequest(), InstanceId=web)
    advance("10s")
    check.equal("Status", shown(web)["Status"], "Stopped")

with check.step("modify"):
    modify(web, InstanceType="ecs.g6.xlarge")
    instance = shown(web)
    check.equal("Cpu", instance["Cpu"], 4)
    check.equal("Memory", instance["Memory"], 16384)

with check.step("start"):
    send(StartInstanceRequest(), InstanceId=web)
    advance("10s")
    check.equal("Status", shown(web)["Status"], "Running")

with check.step("network"):
    send(ModifyInstanceNetworkSpecRequest(), InstanceId=web, InternetMaxBandwidthOut=20)
    check.equal("InternetMaxBandwidthOut", shown(web)["InternetMaxBandwidthOut"], 20)

with check.step("prepay"):
    prepaid, _ = run_instance(
        InstanceType="ecs.g6.large", InstanceChargeType="PrePaid", Period=1, PeriodUnit="Month"
    )
    advance("10s")
    send(StopInstanceRequest(), InstanceId=prepaid)
    advance("10s")
    upgraded = send(
        ModifyPrepayInstanceSpecRequest(), InstanceId=prepaid, InstanceType="ecs.g6.xlarge"
    )
    check.equal("kind of the order", emulator.order(upgraded["OrderId"])["kind"], "upgrade")
    advance("10s")
    check.equal("InstanceType", shown(prepaid)["InstanceType"], "ecs.g6.xlarge")

with check.step("parameter"):
    request = ModifyInstanceNetworkSpecRequest()
    check.refused(
        lambda: send(request, InstanceId=web, InternetMaxBandwidthOut=999), refusals.BANDWIDTH
    )

with check.step("forbidden"):
    send_as_reader = connect(emulator.READER_ID, emulator.READER_SECRET)
    check.refused(lambda: send_as_reader(StopInstanceRequest(), InstanceId=web), refusals.FORBIDDEN)
    answer = send_as_reader(DescribeInstancesRequest(), InstanceIds=json.dumps([web]))
    check.equal("TotalCount", answer["TotalCount"], 1)

with check.step("missing"):
    check.refused(lambda: send(StopInstanceRequest(), InstanceId="i-nowhere"), refusals.NOT_FOUND)

with check.step("secret"):
    send_badly_signed = connect(emulator.KEY_ID, "another-secret")
    check.refused(lambda: send_badly_signed(DescribeInstancesRequest()), refusals.SIGNATURE)

with check.step("internal"), emulator.fault("ModifyInstanceSpec", "INTERNAL"):
    check.refused(
        lambda: modify(web, InstanceType="ecs.g6.2xlarge"), refusals.INTERNAL, calls=REPEATED
    )

with check.step("unavailable"), emulator.fault("DescribeInstances", "UNAVAILABLE"):
    check.refused(lambda: describe(web), refusals.UNAVAILABLE, calls=REPEATED)

# What follows is this SDK's own: the life of an instance to its end, and a subscription.

with check.step("dry-run"):
    # The change of the type cools down for five minutes.
    advance("5m")
    check.refused(lambda: modify(web, InternetMaxBandwidthOut=30, DryRun=True), refusals.DRY_RUN)
    check.equal("InternetMaxBandwidthOut", shown(web)["InternetMaxBandwidthOut"], 20)

with check.step("unknown"):
    check.refused(lambda: modify("i-nowhere", InstanceType="ecs.g6.large"), refusals.NOT_FOUND)

with check.step("cooldown"):
    send(StopInstanceRequest(), InstanceId=web)
    advance("10s")
    modify(web, InstanceType="ecs.g6.large")
    check.refused(
        lambda: modify(web, InstanceType="ecs.g6.xlarge"), refusals.COOLING_DOWN, calls=REPEATED
    )

with check.step("delete"):
    send(DeleteInstanceRequest(), InstanceId=web, Force=True)
    advance("10s")
    check.equal("TotalCount", describe(web)["TotalCount"], 0)

with check.step("subscription"):
    subscribed, created = run_instance(
        InstanceType="ecs.g6.xlarge", InstanceChargeType="PrePaid", Period=1, PeriodUnit="Month"
    )
    check.equal("kind of the order", emulator.order(created["OrderId"])["kind"], "buy")
    check.equal("Status", shown(subscribed)["Status"], "Pending")
    advance("10s")
    check.equal("Status", shown(subscribed)["Status"], "Running")

with check.step("renew"):
    before = shown(subscribed)["ExpiredTime"]
    send(RenewInstanceRequest(), InstanceId=subscribed, Period=1)
    check.more("ExpiredTime", shown(subscribed)["ExpiredTime"], before)

with check.step("downgrade"):
    send(StopInstanceRequest(), InstanceId=subscribed)
    check.equal("Status", shown(subscribed)["Status"], "Stopping")
    advance("5s")
    lowered = send(
        ModifyPrepayInstanceSpecRequest(),
        InstanceId=subscribed,
        InstanceType="ecs.g6.large",
        OperatorType="downgrade",
    )
    order = emulator.order(lowered["OrderId"])
    check.more("cents returned", -order["amount_cents"], 0)
    advance("7s")
    check.equal("InstanceType", shown(subscribed)["InstanceType"], "ecs.g6.large")

with check.step("auto-renew"):
    send(
        ModifyInstanceAutoRenewAttributeRequest(),
        InstanceId=subscribed,
        RenewalStatus="AutoRenewal",
        Duration=3,
        PeriodUnit="Month",
    )
    answer = send(DescribeInstanceAutoRenewAttributeRequest(), InstanceId=subscribed)
    [renewal] = answer["InstanceRenewAttributes"]["InstanceRenewAttribute"]
    check.equal("RenewalStatus", renewal["RenewalStatus"], "AutoRenewal")
    check.equal("Duration", renewal["Duration"], 3)
    check.equal("PeriodUnit", renewal["PeriodUnit"], "Month")

with check.step("auto-release"):
    # At most three years ahead. (The message is misspelt in the cloud as well.)
    request = ModifyInstanceAutoReleaseTimeRequest()
    check.refused(
        lambda: send(request, InstanceId=subscribed, AutoReleaseTime="2099-01-01T00:00:00Z"),
        Refusal(
            400,
            "InvalidAutoReleaseTime.Malformed",
            "The specified paramter autoReleaseTime is not valid.",
        ),
    )

with check.step("convert"):
    send(
        ModifyInstanceChargeTypeRequest(),
        InstanceIds=json.dumps([subscribed]),
        InstanceChargeType="PostPaid",
    )
    advance("5s")
    check.equal("InstanceChargeType", shown(subscribed)["InstanceChargeType"], "PostPaid")

with check.step("location"):
    # The client asks the Location service over HTTPS, whatever it speaks itself.
    asking = AcsClient(
        emulator.KEY_ID, emulator.KEY_SECRET, REGION, verify=emulator.CERTIFICATE
    )
    resolver = LocationServiceEndpointResolver(asking)
    resolver.set_location_service_endpoint(emulator.ENDPOINT)
    found = resolver.resolve(ResolveEndpointRequest(REGION, "ecs", "ecs", "openAPI"))
    check.equal("endpoint", found, emulator.ENDPOINT)

with check.step("assume-role"):

    def ask_sts(client, action, **parameters):
        request = CommonRequest(emulator.ENDPOINT, "2015-04-01", action)
        for name, value in parameters.items():
            request.add_query_param(name, value)
        return json.loads(client.do_action_with_exception(request))

    own = AcsClient(emulator.KEY_ID, emulator.KEY_SECRET, REGION)
    account = ask_sts(own, "GetCallerIdentity")["AccountId"]
    role = f"acs:ram::{account}:role/builder"
    assumed = ask_sts(own, "AssumeRole", RoleArn=role, RoleSessionName="ci")["Credentials"]
    temporary = StsTokenCredential(
        assumed["AccessKeyId"], assumed["AccessKeySecret"], assumed["SecurityToken"]
    )
    identity = ask_sts(AcsClient(region_id=REGION, credential=temporary), "GetCallerIdentity")
    check.equal("Arn", identity["Arn"], f"acs:ram::{account}:assumed-role/builder/ci")

check.finish()
