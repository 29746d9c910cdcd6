// A call of the API, as the code under test would make it: plain HTTP, unsigned, JSON.

// Status and body of the answer.
export async function call(emulator, key, action, parameters = {}) {
  const said = { Action: action, AccessKeyId: key, Format: 'JSON', ...parameters };
  const answer = await fetch(`${emulator.url}/?${new URLSearchParams(said)}`);
  return { status: answer.status, body: await answer.json() };
}
