// What concerns the emulator as a whole.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ControlError, EcsLocal, EcsLocalError } from 'ecs-local-client';
import { ecsLocal } from 'ecs-local-client/test';
import { call } from './api.js';

const emulator = await ecsLocal();

test('health tells the version', async () => {
  const { status, version } = await emulator.health();
  assert.equal(status, 'ok');
  assert.ok(emulator.stderr.includes(`ecs-local ${version} listens`));
});

test('health tells how it is set', async (t) => {
  const { as_of: newest, gateway } = await emulator.health();
  assert.equal(newest, null);
  assert.deepEqual(gateway, { signatures: 'log', errors: 'ecs', flow_control: null });
  const args = ['--gateway-errors', 'pop', '--flow-control', '5'];
  const other = await EcsLocal.start({ asOf: '2019-05-21', signatures: 'off', args });
  t.after(() => other.stop());
  const set = await other.health();
  assert.equal(set.as_of, '2019-05-21');
  assert.deepEqual(set.gateway, { signatures: 'off', errors: 'pop', flow_control: 5 });
});

test('metrics count calls', async () => {
  await call(emulator, 'default', 'DescribeRegions');
  const lines = (await emulator.metrics()).split('\n').filter((line) => !line.startsWith('#'));
  assert.ok(lines.some((line) => line.includes('DescribeRegions')));
});

test('rows tell how each is reached', async () => {
  const rows = await emulator.rows();
  const [row] = rows.filter(
    ({ operation, name, page }) =>
      operation === 'ModifyInstanceSpec' && name === 'NOT_STOPPED' && page === '2026-06-26',
  );
  assert.deepEqual(
    [row.status, row.code, row.reach],
    [400, 'InvalidInstanceStatus.NotStopped', 'raised'],
  );
  assert.ok(rows.every(({ page }) => page));
  assert.ok((await emulator.rows({ all: true })).some(({ page }) => !page));
});

test('schemas are served by name', async () => {
  assert.ok('instance' in (await emulator.schema('world')).properties);
  assert.ok('step' in (await emulator.schema('scenario')).properties);
  assert.ok('row' in (await emulator.schema('fault')).properties);
  await assert.rejects(emulator.schema('nothing'), { status: 404 });
});

test('an emulator without TLS has no certificate', async () => {
  await assert.rejects(emulator.certificate(), (error) => {
    assert.ok(error instanceof ControlError && error instanceof EcsLocalError);
    assert.equal(error.status, 404);
    assert.match(error.message, /--tls/);
    return true;
  });
});

test('the document describes this interface', async () => {
  const document = await emulator.openapi();
  assert.match(document.openapi, /^3\.1/);
  assert.equal(document.info.version, (await emulator.health()).version);
});
