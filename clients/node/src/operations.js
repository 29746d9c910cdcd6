// The calls of the control interface, by the operationId of its OpenAPI document. Every request goes
// through this table; a test compares it with the document both ways.

// Whose world is meant.
const WHOSE = 'access_key_id';
const FILTERS = ['action', 'code', 'status', 'key', 'after'];

// Parts of the path in braces are filled in. `query` names the parameters of the query.
const call = (method, path, ...query) => ({ method, path, query, hasBody: false });
const callWithBody = (...how) => ({ ...call(...how), hasBody: true });

export const OPERATIONS = {
  health: call('GET', '/_local/health'),
  metrics: call('GET', '/_local/metrics'),
  certificate: call('GET', '/_local/certificate'),
  openapi: call('GET', '/_local/openapi.json'),
  schema: call('GET', '/_local/schemas/{name}'),
  rows: call('GET', '/_local/rows', 'all'),
  world: call('GET', '/_local/world', WHOSE),
  loadWorld: callWithBody('PUT', '/_local/world', WHOSE, 'at'),
  changeWorld: callWithBody('PATCH', '/_local/world', WHOSE),
  resetWorld: call('DELETE', '/_local/world', WHOSE),
  forkWorld: call('POST', '/_local/world/fork', WHOSE, 'to'),
  snapshots: call('GET', '/_local/snapshots', WHOSE),
  keep: call('PUT', '/_local/snapshots/{name}', WHOSE),
  forget: call('DELETE', '/_local/snapshots/{name}', WHOSE),
  bringBack: call('POST', '/_local/snapshots/{name}/load', WHOSE),
  calls: call('GET', '/_local/calls', WHOSE, ...FILTERS),
  why: call('GET', '/_local/calls/{request_id}'),
  faults: call('GET', '/_local/faults', WHOSE),
  armFault: callWithBody('POST', '/_local/faults', WHOSE),
  disarmFaults: call('DELETE', '/_local/faults', WHOSE),
  clock: call('GET', '/_local/clock', WHOSE),
  moveClock: callWithBody('POST', '/_local/clock', WHOSE),
  account: call('GET', '/_local/account', WHOSE),
  changeAccount: callWithBody('POST', '/_local/account', WHOSE),
  orders: call('GET', '/_local/orders', WHOSE, 'instance_id'),
  order: call('GET', '/_local/orders/{id}', WHOSE),
  payOrder: call('POST', '/_local/orders/{id}/pay', WHOSE),
  cancelOrder: call('POST', '/_local/orders/{id}/cancel', WHOSE),
  instance: call('GET', '/_local/instances/{id}', WHOSE),
  history: call('GET', '/_local/instances/{id}/history', WHOSE),
};
