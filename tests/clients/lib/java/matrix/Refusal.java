// The refusals the programs call forth, as the emulator answers them. With `goesOn`, the message
// goes on after what stands here, with what differs from call to call.

package matrix;

public record Refusal(int status, String code, String message, boolean goesOn) {
    public static final Refusal NOT_STOPPED = new Refusal(
            400,
            "InvalidInstanceStatus.NotStopped",
            "The specified Instance status is not stopped.");

    public static final Refusal BANDWIDTH = new Refusal(
            400,
            "InvalidInternetMaxBandwidthOut.ValueNotSupported",
            "The specified InternetMaxBandwidthOut is beyond the permitted range.");

    public static final Refusal FORBIDDEN = new Refusal(
            403,
            "Forbidden.RAM",
            "User not authorized to operate on the specified resource, "
                    + "or this API doesn't support RAM.");

    public static final Refusal NOT_FOUND = new Refusal(
            404,
            "InvalidInstanceId.NotFound",
            "The specified InstanceId does not exist.");

    public static final Refusal SIGNATURE = new Refusal(
            400,
            "IncompleteSignature",
            "The request signature does not conform to Aliyun standards. "
                    + "server string to sign is:",
            true);

    public static final Refusal INTERNAL = new Refusal(
            500,
            "InternalError",
            "The request processing has failed due to some unknown error, "
                    + "exception or failure.");

    public static final Refusal UNAVAILABLE = new Refusal(
            503,
            "ServiceUnavailable",
            "The request has failed due to a temporary failure of the server.");

    public Refusal(int status, String code, String message) {
        this(status, code, message, false);
    }
}
