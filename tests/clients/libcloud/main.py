"""The steps of the matrix through Apache Libcloud's ECSDriver: nodes and their states where the
driver has a method, its connection where it has none; XML answers, BaseHTTPError for refusals."""

import ast
import json
from unittest import mock

from libcloud.common.exceptions import BaseHTTPError
from libcloud.compute.base import Node, NodeImage
from libcloud.compute.drivers.ecs import ECSDriver
from libcloud.compute.types import NodeState
from libcloud.utils.xml import findall, findtext

import emulator
import refusals
from checks import Checks
from emulator import IMAGE, REGION, SECURITY_GROUP, VSWITCH, advance

# The driver's methods return when a node is as it was asked for: they ask every three seconds, and
# sleep between. Their sleep is the account's clock here, so time passes and nobody waits.
mock.patch("time.sleep", lambda seconds: advance(f"{seconds}s")).start()


def connect(key_id, key_secret):
    host, port = emulator.ENDPOINT.split(":")
    return ECSDriver(key_id, key_secret, region=REGION, secure=False, host=host, port=int(port))


def read(error):
    """The code of the exception is the HTTP status. Its message is the answer's fields, as the text
    of a dict."""
    fields = ast.literal_eval(error.message)
    return error.code, fields["code"], fields["message"], fields["request_id"]


driver = connect(emulator.KEY_ID, emulator.KEY_SECRET)
check = Checks("apache-libcloud", exception=BaseHTTPError, read=read)


def request(action, parameters):
    """A call the driver has no method for, or whose answer has more than the driver takes out."""
    return driver.connection.request("/", params={"Action": action, **parameters}).object


def run_instance(parameters):
    answer = request(
        "RunInstances",
        {
            "RegionId": REGION,
            "ImageId": IMAGE,
            "InstanceType": "ecs.g6.large",
            "VSwitchId": VSWITCH,
            "SecurityGroupId": SECURITY_GROUP,
            **parameters,
        },
    )
    [instance_id] = [element.text for element in findall(answer, "InstanceIdSets/InstanceIdSet")]
    return instance_id


def shown(instance_id):
    [node] = driver.list_nodes(ex_node_ids=[instance_id])
    return node


def describe(instance_id):
    """The whole answer: a node has no size, no bandwidth, no security groups and no tags."""
    return request(
        "DescribeInstances", {"RegionId": REGION, "InstanceIds": json.dumps([instance_id])}
    )


def modify(instance_id, instance_type):
    request("ModifyInstanceSpec", {"InstanceId": instance_id, "InstanceType": instance_type})


def modify_network(instance_id, mbps):
    request(
        "ModifyInstanceNetworkSpec", {"InstanceId": instance_id, "InternetMaxBandwidthOut": mbps}
    )


with check.step("create"):
    # The driver's create_node (below) knows no tags and no subscriptions.
    web = run_instance(
        {
            "InternetMaxBandwidthOut": 5,
            "InstanceName": "libcloud",
            "Tag.1.Key": "client",
            "Tag.1.Value": "libcloud",
        }
    )
    check.equal("beginning of the id", web[:2], "i-")
    advance("10s")

with check.step("describe"):
    node = shown(web)
    check.equal("InstanceId", node.id, web)
    check.equal("InstanceName", node.name, "libcloud")
    check.equal("Status", node.state, NodeState.RUNNING)
    check.equal("InstanceType", node.extra["instance_type"], "ecs.g6.large")
    check.equal("IoOptimized", node.extra["io_optimized"], "true")
    check.equal("VSwitchId", node.extra["vpc_attributes"]["vswitch_id"], VSWITCH)
    answer = describe(web)
    check.equal("RequestId", findtext(answer, "RequestId"), emulator.latest_request_id())
    check.equal("TotalCount", findtext(answer, "TotalCount"), "1")
    [instance] = findall(answer, "Instances/Instance")
    for path, value in {
        "Cpu": "2",
        "Memory": "8192",
        "InternetMaxBandwidthOut": "5",
        "SecurityGroupIds/SecurityGroupId": SECURITY_GROUP,
        "Tags/Tag/TagKey": "client",
        "Tags/Tag/TagValue": "libcloud",
    }.items():
        check.equal(path, findtext(instance, path), value)

with check.step("state"):
    check.refused(lambda: modify(web, "ecs.g6.xlarge"), refusals.NOT_STOPPED)

with check.step("stop"):
    driver.stop_node(shown(web))
    check.equal("Status", shown(web).state, NodeState.STOPPED)

with check.step("modify"):
    modify(web, "ecs.g6.xlarge")
    [instance] = findall(describe(web), "Instances/Instance")
    check.equal("Cpu", findtext(instance, "Cpu"), "4")
    check.equal("Memory", findtext(instance, "Memory"), "16384")

with check.step("start"):
    driver.start_node(shown(web))
    check.equal("Status", shown(web).state, NodeState.RUNNING)

with check.step("network"):
    modify_network(web, 20)
    [instance] = findall(describe(web), "Instances/Instance")
    check.equal("InternetMaxBandwidthOut", findtext(instance, "InternetMaxBandwidthOut"), "20")

with check.step("prepay"):
    prepaid = run_instance({"InstanceChargeType": "PrePaid", "Period": 1, "PeriodUnit": "Month"})
    advance("10s")
    driver.stop_node(shown(prepaid))
    answer = request(
        "ModifyPrepayInstanceSpec",
        {"RegionId": REGION, "InstanceId": prepaid, "InstanceType": "ecs.g6.xlarge"},
    )
    order = emulator.order(findtext(answer, "OrderId"))
    check.equal("kind of the order", order["kind"], "upgrade")
    advance("10s")
    check.equal("InstanceType", shown(prepaid).extra["instance_type"], "ecs.g6.xlarge")

with check.step("parameter"):
    check.refused(lambda: modify_network(web, 999), refusals.BANDWIDTH)

with check.step("forbidden"):
    reader = connect(emulator.READER_ID, emulator.READER_SECRET)
    node = shown(web)
    check.refused(lambda: reader.stop_node(node), refusals.FORBIDDEN)
    check.equal("nodes", [node.id for node in reader.list_nodes([web])], [web])

with check.step("missing"):
    nowhere = Node("i-nowhere", "nowhere", NodeState.UNKNOWN, [], [], driver)
    check.refused(lambda: driver.stop_node(nowhere), refusals.NOT_FOUND)

with check.step("secret"):
    badly_signing = connect(emulator.KEY_ID, "another-secret")
    check.refused(badly_signing.list_nodes, refusals.SIGNATURE)

with check.step("internal"), emulator.fault("ModifyInstanceSpec", "INTERNAL"):
    check.refused(lambda: modify(web, "ecs.g6.2xlarge"), refusals.INTERNAL)

with check.step("unavailable"), emulator.fault("DescribeInstances", "UNAVAILABLE"):
    check.refused(driver.list_nodes, refusals.UNAVAILABLE)

# What follows is the driver's own way: a size, an image, and a node that is there when it returns.

with check.step("create-node"):
    [size] = [size for size in driver.list_sizes() if size.id == "ecs.g6.large"]
    check.equal("cores", size.extra["cpu_core_count"], 2)
    check.equal("ram", size.ram, 8.0)
    node = driver.create_node(
        name="libcloud-node",
        size=size,
        image=NodeImage(id=IMAGE, name=None, driver=driver),
        ex_security_group_id=SECURITY_GROUP,
        ex_vswitch_id=VSWITCH,
    )
    check.equal("state", shown(node.id).state, NodeState.RUNNING)

with check.step("destroy-node"):
    driver.destroy_node(node)
    check.equal("nodes", driver.list_nodes(ex_node_ids=[node.id]), [])

with check.step("places"):
    [region] = [region for region in driver.list_locations() if region.id == REGION]
    check.equal("name of the region", region.name, "华东1（杭州）")
    [zone] = [zone for zone in driver.ex_list_zones() if zone.id == "cn-hangzhou-h"]
    resources = sorted(zone.available_resource_types)
    check.equal("resources", resources, ["Disk", "Instance", "IoOptimized", "VSwitch"])

check.finish()
