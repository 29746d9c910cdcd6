// The refusals the programs call forth, as the emulator answers them. With `goesOn`, the message
// goes on after what stands here, with what differs from call to call.

export const NOT_STOPPED = {
  status: 400,
  code: 'InvalidInstanceStatus.NotStopped',
  message: 'The specified Instance status is not stopped.',
};

export const BANDWIDTH = {
  status: 400,
  code: 'InvalidInternetMaxBandwidthOut.ValueNotSupported',
  message: 'The specified InternetMaxBandwidthOut is beyond the permitted range.',
};

export const FORBIDDEN = {
  status: 403,
  code: 'Forbidden.RAM',
  message:
    'User not authorized to operate on the specified resource, ' +
    "or this API doesn't support RAM.",
};

export const NOT_FOUND = {
  status: 404,
  code: 'InvalidInstanceId.NotFound',
  message: 'The specified InstanceId does not exist.',
};

export const SIGNATURE = {
  status: 400,
  code: 'IncompleteSignature',
  message: 'The request signature does not conform to Aliyun standards. server string to sign is:',
  goesOn: true,
};

export const INTERNAL = {
  status: 500,
  code: 'InternalError',
  message: 'The request processing has failed due to some unknown error, exception or failure.',
};

export const UNAVAILABLE = {
  status: 503,
  code: 'ServiceUnavailable',
  message: 'The request has failed due to a temporary failure of the server.',
};
