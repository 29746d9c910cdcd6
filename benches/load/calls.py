"""The calls that are measured, as request targets, and the worlds they are made in.

Nothing here measures. Every call carries the thirteen parameters of a signed version 1 request, whether its
signature is looked at or not, so that the figures of all settings are of the same bytes.
"""

import base64
import hashlib
import hmac
import itertools
import json
import time
import urllib.parse
import uuid

KEY, SECRET = "bench-key", "bench-secret"
REGION = "cn-hangzhou"


def instance_id(number):
    """The id of the world's instance with this number, as long as the service's own."""
    return f"i-bp1{number:017d}"


def world(size):
    """A world document with so many running pay-as-you-go instances in one region."""
    instances = {
        instance_id(number): {"name": f"web-{number}", "instance_type": "ecs.g6.large", "tags": {"team": f"t{number % 50}"}}
        for number in range(size)
    }
    return {
        "base": "starting",
        "settings": {"request_time": "unchecked", "cooldown": "off"},
        "access_key": [{"id": KEY, "secret": SECRET}],
        "instance": instances,
    }


def scenario(size):
    """The same instances as a scenario file."""
    lines = ["about = \"Many instances.\"", ""]
    for number in range(size):
        lines += [f"[given.instance.{instance_id(number)}]", f"name = \"web-{number}\"", "instance_type = \"ecs.g6.large\""]
        lines += [f"tags = {{ team = \"t{number % 50}\" }}", ""]
    lines += ["[[step]]", "call = \"Action=DescribeRegions\""]
    return "\n".join(lines) + "\n"


def refused(number, _turn):
    """A running instance keeps its type: 403 IncorrectInstanceStatus, or what the page in force prints."""
    return {"Action": "ModifyInstanceSpec", "InstanceId": instance_id(number), "InstanceType": "ecs.g6.xlarge"}


def accepted(number, turn):
    """Another bandwidth, never the one it has."""
    return {
        "Action": "ModifyInstanceNetworkSpec",
        "InstanceId": instance_id(number),
        "InternetMaxBandwidthOut": str(1 + turn % 50),
    }


def describe(number, _turn):
    """One instance by its id."""
    return {"Action": "DescribeInstances", "InstanceIds": json.dumps([instance_id(number)]), "PageSize": "10"}


def page(_number, _turn):
    """The first hundred."""
    return {"Action": "DescribeInstances", "MaxResults": "100", "InstanceChargeType": "PostPaid"}


CALLS = {"refused": refused, "accepted": accepted, "describe": describe, "page": page}


def targets(call, size, count):
    """So many signed targets of a call, over the instances of a world in an order that skips through it."""
    order = itertools.cycle((number * 7919) % size for number in range(min(size, count)))
    moment = now()
    # Every instance gets another turn when its time comes again.
    return [signed(CALLS[call](next(order), turn // size + turn), moment) for turn in range(count)]


def now():
    """The moment, as signatures have it."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def creation(amount):
    """So many instances at once, with what people give them."""
    return {
        "Action": "RunInstances",
        "Amount": str(amount),
        "ImageId": "aliyun_3_x64_20G_alibase_20240528.vhd",
        "InstanceType": "ecs.g6.large",
        "InstanceName": "web-[1,6]",
        "HostName": "web-[1,6]",
        "DataDisk.1.Size": "100",
        "DataDisk.1.Category": "cloud_essd",
        "SecurityGroupId": "sg-hangzhou",
        "VSwitchId": "vsw-hangzhou-h",
        "Tag.1.Key": "team",
        "Tag.1.Value": "web",
        "Tag.2.Key": "stage",
        "Tag.2.Value": "test",
    }


def signed(parameters, moment):
    """A target with the parameters of version 1 around these; its nonce is its own."""
    common = {
        "AccessKeyId": KEY,
        "Format": "JSON",
        "RegionId": REGION,
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": str(uuid.uuid4()),
        "SignatureVersion": "1.0",
        "Timestamp": moment,
        "Version": "2014-05-26",
    }
    quote = lambda text: urllib.parse.quote(text, safe="-_.~")
    pairs = sorted((parameters | common).items())
    query = "&".join(f"{quote(name)}={quote(value)}" for name, value in pairs)
    digest = hmac.new(f"{SECRET}&".encode(), f"GET&%2F&{quote(query)}".encode(), hashlib.sha1).digest()
    return f"/?{query}&Signature={quote(base64.b64encode(digest).decode())}"
