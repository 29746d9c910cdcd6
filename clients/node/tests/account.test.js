// What an account can do, against a running emulator whose clock stands.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControlError } from 'ecs-local-client';
import { ecsLocal } from 'ecs-local-client/test';
import { call } from './api.js';

const SUBSCRIPTION = 'i-bp67acfmxazb4ph****';

const emulator = await ecsLocal({ clock: 'manual' });

const instances = async (account) => Object.keys((await account.world()).instance);
const statusOf = async (account) => (await account.instance('i-web')).instance.status;
const later = (moment, ms) => new Date(moment.getTime() + ms);

// A refusal with this status and code.
function refusal(status, code) {
  return (error) => {
    assert.ok(error instanceof ControlError);
    assert.deepEqual([error.status, error.code], [status, code]);
    assert.equal(error.name, 'ControlError');
    return true;
  };
}

// An order that waits for its payment.
async function orderBandwidth(account) {
  const wanted = {
    InstanceId: SUBSCRIPTION,
    InternetMaxBandwidthOut: 5,
    NetworkChargeType: 'PayByBandwidth',
    AutoPay: false,
  };
  const { status, body } = await call(
    emulator,
    account.accessKeyId,
    'ModifyInstanceNetworkSpec',
    wanted,
  );
  assert.equal(status, 200, JSON.stringify(body));
  return body.OrderId;
}

test('an account has a key of its own', () => {
  assert.notEqual(emulator.account().accessKeyId, emulator.account().accessKeyId);
  assert.equal(emulator.account('mine').accessKeyId, 'mine');
});

test('accounts do not see each other', async () => {
  const [one, other] = [emulator.account(), emulator.account()];
  await one.loadWorld({ instance: { 'i-mine': { status: 'Stopped' } } });
  await one.armFault({ action: 'StopInstance', row: 'INTERNAL' });
  await one.clock.advance('1h');
  assert.ok(!(await instances(other)).includes('i-mine'));
  assert.deepEqual(await other.faults(), []);
  assert.ok((await one.clock.now()) - (await other.clock.now()) >= 3_600_000);
});

test('a key with any letters is one key', async () => {
  const account = emulator.account('a key&to=b#é/%2F');
  await account.loadWorld({ instance: { 'i-mine': {} } });
  assert.deepEqual(await instances(account), ['i-mine']);
  assert.ok(!(await instances(emulator.account('a key'))).includes('i-mine'));
});

test('a world is replaced, changed and reset', async () => {
  const account = emulator.account();
  assert.ok((await instances(account)).includes('i-web'));
  assert.deepEqual(await account.loadWorld({ instance: { 'i-a': {} } }), { instances: 1 });
  assert.deepEqual(await account.changeWorld({ instance: { 'i-b': {} } }), { instances: 2 });
  assert.deepEqual(await instances(account), ['i-a', 'i-b']);
  await account.resetWorld();
  assert.ok((await instances(account)).includes('i-web'));
});

test('a document that is wrong is refused and changes nothing', async () => {
  const account = emulator.account();
  const before = await account.world();
  const wrong = { instance: { 'i-é': { status: 'Nowhere' } } };
  await assert.rejects(account.loadWorld(wrong), refusal(400, 'EcsLocal.BadRequest'));
  await assert.rejects(account.loadWorld(wrong), /Nowhere/);
  assert.deepEqual(await account.world(), before);
});

test('a world is read as of a moment, and its clock stands there', async () => {
  const account = emulator.account();
  const world = { instance: { 'i-a': { charge_type: 'PrePaid' } } };
  const moment = new Date('2020-01-01T12:00:00Z');
  await account.clock.run();
  assert.deepEqual(await account.loadWorld(world, { at: moment }), { instances: 1 });
  assert.equal(await account.clock.isFrozen(), true);
  assert.deepEqual(await account.clock.now(), moment);
  const { expires_at: end } = (await account.instance('i-a')).instance;
  assert.equal(end, '2020-02-01T12:00:00Z');
  await account.loadWorld(world, { at: '2031-01-01T00:00:00.5Z' });
  const then = new Date('2031-01-01T00:00:00.500Z');
  assert.deepEqual(await account.clock.now(), then);
  await account.loadWorld(world);
  assert.deepEqual(await account.clock.now(), then);
});

test('a world as of no moment is refused and changes nothing', async () => {
  const account = emulator.account();
  const [before, now] = [await account.world(), await account.clock.now()];
  const load = () => account.loadWorld({}, { at: 'tomorrow' });
  await assert.rejects(load, refusal(400, 'EcsLocal.BadRequest'));
  await assert.rejects(load, /tomorrow/);
  assert.deepEqual([await account.world(), await account.clock.now()], [before, now]);
});

test('a fork is a copy that goes its own way', async () => {
  const account = emulator.account();
  await account.loadWorld({ instance: { 'i-mine': {} } });
  const then = await account.clock.advance('1h');
  const copy = await account.fork();
  assert.notEqual(copy.accessKeyId, account.accessKeyId);
  assert.deepEqual(await instances(copy), ['i-mine']);
  assert.deepEqual(await copy.clock.now(), then);
  await copy.changeWorld({ instance: { 'i-other': {} } });
  assert.deepEqual(await instances(account), ['i-mine']);
});

test('a fork goes to the key that is named', async () => {
  const account = emulator.account();
  await account.loadWorld({ instance: { 'i-mine': {} } });
  const to = emulator.account();
  assert.equal((await account.fork(to.accessKeyId)).accessKeyId, to.accessKeyId);
  assert.deepEqual(await instances(to), ['i-mine']);
});

test('a kept world comes back with its moment', async () => {
  const account = emulator.account();
  const name = 'before / after é';
  const keptAt = await account.clock.now();
  await account.loadWorld({ instance: { 'i-mine': {} } });
  await account.keep(name);
  await account.loadWorld({});
  await account.clock.advance('1day');
  await account.bringBack(name);
  assert.deepEqual(await instances(account), ['i-mine']);
  assert.deepEqual(await account.clock.now(), keptAt);
  const [snapshot] = await account.snapshots();
  assert.deepEqual([snapshot.name, snapshot.instances], [name, 1]);
  assert.deepEqual(new Date(snapshot.at), keptAt);
  await account.forget(name);
  assert.deepEqual(await account.snapshots(), []);
});

test('what is not kept is not found', async () => {
  const account = emulator.account();
  await assert.rejects(account.bringBack('nothing'), refusal(404, 'EcsLocal.NotFound'));
  await assert.rejects(account.forget('nothing'), refusal(404, 'EcsLocal.NotFound'));
});

test('a stopping instance is stopped when the clock has moved', async () => {
  const account = emulator.account();
  await call(emulator, account.accessKeyId, 'StopInstance', { InstanceId: 'i-web' });
  assert.equal(await statusOf(account), 'Stopping');
  await account.clock.advance(4999);
  assert.equal(await statusOf(account), 'Stopping');
  await account.clock.advance('1ms');
  assert.equal(await statusOf(account), 'Stopped');
});

test('a clock stands, goes forward and runs', async () => {
  const { clock } = emulator.account();
  const start = await clock.now();
  assert.equal(await clock.isFrozen(), true);
  assert.deepEqual(await clock.now(), start);
  assert.deepEqual(await clock.advance('1h 30m'), later(start, 90 * 60_000));
  const moment = new Date('2031-01-31T12:00:00Z');
  assert.deepEqual(await clock.set(moment), moment);
  assert.deepEqual(await clock.set('2031-01-31T12:00:01.5Z'), later(moment, 1500));
  await clock.run();
  assert.equal(await clock.isFrozen(), false);
  const stoppedAt = await clock.freeze();
  assert.equal(await clock.isFrozen(), true);
  assert.deepEqual(await clock.now(), stoppedAt);
  assert.ok(stoppedAt >= moment);
});

test('a clock does not go back', async () => {
  const { clock } = emulator.account();
  const now = await clock.now();
  await assert.rejects(clock.set(later(now, -1000)), /does not go back/);
  assert.deepEqual(await clock.now(), now);
});

test('a fault strikes the calls it is meant for', async () => {
  const account = emulator.account();
  const stop = () =>
    call(emulator, account.accessKeyId, 'StopInstance', { InstanceId: 'i-web' });
  const [armed] = await account.armFault({ action: 'StopInstance', row: 'INTERNAL', times: 1 });
  assert.deepEqual([armed.met, armed.fired, armed.phase], [0, 0, 'before']);
  const { status, body } = await stop();
  assert.deepEqual([status, body.Code], [500, 'InternalError']);
  assert.equal(await statusOf(account), 'Running');
  assert.equal((await stop()).status, 200);
  const [spent] = await account.faults();
  assert.deepEqual([spent.met, spent.fired], [2, 1]);
});

test('a fault may take the answer away', async () => {
  const account = emulator.account();
  await account.armFault({ action: 'StopInstance', drop: true, phase: 'after' });
  const lost = call(emulator, account.accessKeyId, 'StopInstance', { InstanceId: 'i-web' });
  await assert.rejects(lost, TypeError);
  assert.equal(await statusOf(account), 'Stopping');
});

test('disarmed faults strike no more', async () => {
  const account = emulator.account();
  await account.armFault({ status: 503, code: 'Mine', message: 'Not now.', times: 9 });
  const { status, body } = await call(emulator, account.accessKeyId, 'DescribeRegions');
  assert.deepEqual([status, body.Code, body.Message], [503, 'Mine', 'Not now.']);
  await account.disarmFaults();
  assert.deepEqual(await account.faults(), []);
  assert.equal((await call(emulator, account.accessKeyId, 'DescribeRegions')).status, 200);
});

test('calls are found by what became of them', async () => {
  const account = emulator.account();
  const key = account.accessKeyId;
  await call(emulator, key, 'DescribeRegions');
  await call(emulator, key, 'StartInstance', { InstanceId: 'i-web' });
  await call(emulator, key, 'StopInstance', { InstanceId: 'i-nowhere' });
  const all = ['StopInstance', 'StartInstance', 'DescribeRegions'];
  const only = async (filters) => (await account.calls(filters)).calls.map((one) => one.action);
  assert.equal((await account.calls()).total, 3);
  assert.deepEqual(await only(), all);
  assert.deepEqual(await only({ action: 'StartInstance' }), ['StartInstance']);
  assert.deepEqual(await only({ code: 'InvalidInstanceId.NotFound' }), ['StopInstance']);
  assert.deepEqual(await only({ status: 200 }), ['DescribeRegions']);
  assert.deepEqual(await only({ key }), all);
  assert.deepEqual(await only({ key: 'another' }), []);
  assert.deepEqual(await only({ after: 2 }), ['StopInstance']);
});

test('why tells the row that decided', async () => {
  const account = emulator.account();
  const wanted = { InstanceId: 'i-web', InstanceType: 'ecs.g6.xlarge', Mistaken: 1 };
  const refused = await call(emulator, account.accessKeyId, 'ModifyInstanceSpec', wanted);
  assert.equal(refused.body.Code, 'InvalidInstanceStatus.NotStopped');
  const why = await account.why(refused.body.RequestId);
  assert.equal(why.decided.row, 'NOT_STOPPED');
  assert.match(why.decided.fix, /StopInstance/);
  const turnedOn = { what: 'instance.i-web.status', value: 'Running', otherwise: 'Stopped' };
  assert.deepEqual(why.turned_on, [{ ...turnedOn, row: '' }]);
  assert.deepEqual(why.unread, ['Mistaken']);
  const held = why.rules.filter((one) => one.outcome === 'held');
  assert.deepEqual(held.map((one) => one.row), ['NOT_STOPPED']);
  assert.deepEqual(await emulator.why(refused.body.RequestId), why);
});

test('why tells what a call changed', async () => {
  const account = emulator.account();
  const stop = { InstanceId: 'i-web' };
  const { body } = await call(emulator, account.accessKeyId, 'StopInstance', stop);
  const why = await account.why(body.RequestId);
  assert.equal(why.decided, null);
  const [changed] = why.changed;
  assert.deepEqual([changed.instance_id, changed.is_due], ['i-web', false]);
  const [status] = changed.patch.filter((one) => one.path === '/instance/i-web/status');
  assert.deepEqual([status.op, status.value], ['replace', 'Stopping']);
});

test('a call nobody made is not explained', async () => {
  await assert.rejects(emulator.account().why('no-such-call'), refusal(404, 'EcsLocal.NotFound'));
});

test('money comes and debts go', async () => {
  const account = emulator.account();
  const before = (await account.details()).balance_cents;
  assert.equal((await account.topUp(500)).balance_cents, before + 500);
  assert.equal((await account.setArrears(true)).arrears, true);
  assert.equal((await account.details()).arrears, true);
  assert.equal((await account.setArrears(false)).arrears, false);
});

test('an order is paid', async () => {
  const account = emulator.account();
  const id = await orderBandwidth(account);
  const unpaid = await account.order(id);
  assert.deepEqual([unpaid.state, unpaid.kind], ['unpaid', 'upgrade']);
  assert.equal(unpaid.after.bandwidth_out_mbps, 5);
  const balance = (await account.details()).balance_cents;
  const paid = await account.payOrder(id);
  assert.ok(['processing', 'completed'].includes(paid.state));
  assert.equal((await account.details()).balance_cents, balance - paid.amount_cents);
});

test('an order is cancelled once', async () => {
  const account = emulator.account();
  const id = await orderBandwidth(account);
  assert.equal((await account.cancelOrder(id)).state, 'cancelled');
  await assert.rejects(account.payOrder(id), refusal(409, 'EcsLocal.OrderClosed'));
});

test('orders are found by their instance', async () => {
  const account = emulator.account();
  const id = await orderBandwidth(account);
  const found = async (filters) => (await account.orders(filters)).map((one) => one.order_id);
  assert.deepEqual(await found(), [id]);
  assert.deepEqual(await found({ instanceId: SUBSCRIPTION }), [id]);
  assert.deepEqual(await found({ instanceId: 'i-web' }), []);
});

test('an instance tells what its guest sees', async () => {
  const account = emulator.account();
  const { instance_id: id, guest, instance } = await account.instance('i-web');
  assert.deepEqual([id, instance.status], ['i-web', 'Running']);
  assert.deepEqual(guest, { instance_type: 'ecs.g6.large', vcpus: 2, memory_mib: 8192 });
  const nowhere = account.instance('i-nowhere');
  await assert.rejects(nowhere, refusal(404, 'EcsLocal.InstanceNotFound'));
});

test('a history tells what happened and why', async () => {
  const account = emulator.account();
  const stop = { InstanceId: 'i-web' };
  const { body } = await call(emulator, account.accessKeyId, 'StopInstance', stop);
  await account.clock.advance('5s');
  const [stopping, stopped] = await account.history('i-web');
  assert.equal(stopping.cause.request_id, body.RequestId);
  assert.deepEqual(stopping.changes.status, { before: 'Running', after: 'Stopping' });
  assert.deepEqual([stopped.cause.kind, stopped.event], ['due', 'changed']);
  assert.deepEqual(stopped.changes.status, { before: 'Stopping', after: 'Stopped' });
});
