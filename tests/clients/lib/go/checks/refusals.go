// The refusals the programs call forth, as the emulator answers them.

package checks

// Refusal is an answer that refuses a call. Those below have no RequestID: each answer has its own.
type Refusal struct {
	Status                   int
	Code, Message, RequestID string
	// The message goes on, with what differs from call to call.
	GoesOn bool
}

var (
	NotStopped = Refusal{
		Status:  400,
		Code:    "InvalidInstanceStatus.NotStopped",
		Message: "The specified Instance status is not stopped.",
	}
	Bandwidth = Refusal{
		Status:  400,
		Code:    "InvalidInternetMaxBandwidthOut.ValueNotSupported",
		Message: "The specified InternetMaxBandwidthOut is beyond the permitted range.",
	}
	Forbidden = Refusal{
		Status: 403,
		Code:   "Forbidden.RAM",
		Message: "User not authorized to operate on the specified resource, " +
			"or this API doesn't support RAM.",
	}
	NotFound = Refusal{
		Status:  404,
		Code:    "InvalidInstanceId.NotFound",
		Message: "The specified InstanceId does not exist.",
	}
	Signature = Refusal{
		Status: 400,
		Code:   "IncompleteSignature",
		Message: "The request signature does not conform to Aliyun standards. " +
			"server string to sign is:",
		GoesOn: true,
	}
	Internal = Refusal{
		Status: 500,
		Code:   "InternalError",
		Message: "The request processing has failed due to some unknown error, " +
			"exception or failure.",
	}
	Unavailable = Refusal{
		Status:  503,
		Code:    "ServiceUnavailable",
		Message: "The request has failed due to a temporary failure of the server.",
	}
)
