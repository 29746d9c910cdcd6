// The emulator: where it is, the account's keys, the world every account begins with, and the
// control interface. All of it is of the contract in tests/clients/README.md; knows no SDK.

// host:port
export const ENDPOINT = variable('ECS_LOCAL_ENDPOINT');
export const KEY_ID = variable('ECS_LOCAL_KEY_ID');
export const KEY_SECRET = variable('ECS_LOCAL_KEY_SECRET');
export const READER_ID = variable('ECS_LOCAL_READER_ID');
export const READER_SECRET = variable('ECS_LOCAL_READER_SECRET');

export const REGION = 'cn-hangzhou';
export const IMAGE = 'aliyun_3_x64_20G_alibase_20240528.vhd';
export const VSWITCH = 'vsw-hangzhou-h';
export const SECURITY_GROUP = 'sg-hangzhou';

// Lets time pass for the account, such as '10s'; what comes due on the way happens.
export async function advance(span) {
  await control('POST', 'clock', { advance: span });
}

// How many calls the account has had (`total`), and the latest first (`calls`).
export function calls() {
  return control('GET', 'calls');
}

export async function latestRequestId() {
  const [latest] = (await calls()).calls;
  return latest.request_id;
}

export function order(id) {
  return control('GET', `orders/${id}`);
}

// Runs something while calls of this action are answered with this row: more of them than any
// client makes.
export async function withFault(action, row, run) {
  await control('POST', 'faults', { action, row, times: 10 });
  try {
    await run();
  } finally {
    await control('DELETE', 'faults');
  }
}

// What the answer says; undefined where it has no body. `fetch` takes no proxy by itself.
async function control(method, path, body) {
  const url = new URL(`/_local/${path}`, `http://${ENDPOINT}`);
  url.searchParams.set('access_key_id', KEY_ID);
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  if (!answer.ok) {
    throw new Error(`${method} /_local/${path}: ${answer.status} ${text}`);
  }
  return text ? JSON.parse(text) : undefined;
}

function variable(name) {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set; tests/clients/README.md says what it is for`);
  }
  return value;
}
