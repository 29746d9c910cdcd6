"""The refusals the programs call forth, as the emulator answers them."""

from typing import NamedTuple


class Refusal(NamedTuple):
    status: int
    code: str
    message: str
    # False: the message goes on, with what differs from call to call.
    is_whole: bool = True


NOT_STOPPED = Refusal(
    400, "InvalidInstanceStatus.NotStopped", "The specified Instance status is not stopped."
)
BANDWIDTH = Refusal(
    400,
    "InvalidInternetMaxBandwidthOut.ValueNotSupported",
    "The specified InternetMaxBandwidthOut is beyond the permitted range.",
)
FORBIDDEN = Refusal(
    403,
    "Forbidden.RAM",
    "User not authorized to operate on the specified resource, or this API doesn't support RAM.",
)
NOT_FOUND = Refusal(404, "InvalidInstanceId.NotFound", "The specified InstanceId does not exist.")
SIGNATURE = Refusal(
    400,
    "IncompleteSignature",
    "The request signature does not conform to Aliyun standards. server string to sign is:",
    is_whole=False,
)
INTERNAL = Refusal(
    500,
    "InternalError",
    "The request processing has failed due to some unknown error, exception or failure.",
)
UNAVAILABLE = Refusal(
    503,
    "ServiceUnavailable",
    "The request has failed due to a temporary failure of the server.",
)
COOLING_DOWN = Refusal(
    400,
    "Throttling",
    "Request was denied due to request throttling, please try again after 5 minutes.",
)
DRY_RUN = Refusal(
    400, "DryRunOperation", "Request validation has been passed with DryRun flag set."
)
