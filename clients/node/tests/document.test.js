// The package against the OpenAPI document that a running emulator serves: its table of calls, its
// methods, what they send, and the types of index.d.ts.

import assert from 'node:assert/strict';
import fs from 'node:fs/promises';
import { test } from 'node:test';
import { Account, Clock, EcsLocal } from 'ecs-local-client';
import { ecsLocal } from 'ecs-local-client/test';
import { OPERATIONS } from '../src/operations.js';
import { Transport } from '../src/transport.js';
import { call } from './api.js';
import { answerSchema, bodySchema, check, operations, queryNames, resolved } from './document.js';
import { classes, interfaces } from './declarations.js';

const emulator = await ecsLocal({ clock: 'manual' });
const document = await emulator.openapi();
const documented = operations(document);
const declared = await fs.readFile(new URL('../index.d.ts', import.meta.url), 'utf8');

// Each method that makes a call, with all that it can say.
const METHODS = {
  EcsLocal: {
    health: (it) => it.health(),
    metrics: (it) => it.metrics(),
    rows: (it) => it.rows({ all: true }),
    why: (it) => it.why('r'),
    openapi: (it) => it.openapi(),
    schema: (it) => it.schema('world'),
    certificate: (it) => it.certificate(),
  },
  Account: {
    world: (it) => it.world(),
    loadWorld: (it) => it.loadWorld({}, { at: new Date('2031-01-01T00:00:00Z') }),
    changeWorld: (it) => it.changeWorld({}),
    resetWorld: (it) => it.resetWorld(),
    fork: (it) => it.fork('b'),
    keep: (it) => it.keep('s'),
    bringBack: (it) => it.bringBack('s'),
    forget: (it) => it.forget('s'),
    snapshots: (it) => it.snapshots(),
    armFault: (it) => it.armFault({ row: 'INTERNAL' }),
    faults: (it) => it.faults(),
    disarmFaults: (it) => it.disarmFaults(),
    calls: (it) => it.calls({ action: 'A', code: 'C', status: 400, key: 'k', after: 1 }),
    why: (it) => it.why('r'),
    details: (it) => it.details(),
    topUp: (it) => it.topUp(1),
    setArrears: (it) => it.setArrears(false),
    orders: (it) => it.orders({ instanceId: 'i' }),
    order: (it) => it.order('o'),
    payOrder: (it) => it.payOrder('o'),
    cancelOrder: (it) => it.cancelOrder('o'),
    instance: (it) => it.instance('i'),
    history: (it) => it.history('i'),
  },
  Clock: {
    now: (it) => it.now(),
    isFrozen: (it) => it.isFrozen(),
    advance: (it) => it.advance(1000),
    set: (it) => it.set(new Date('2031-01-01T00:00:00Z')),
    freeze: (it) => it.freeze(),
    run: (it) => it.run(),
  },
};

// These make no call of their own.
const SILENT = { EcsLocal: ['account', 'endpoint', 'stderr', 'stop', 'url'], Account: [], Clock: [] };

// The document's name of each type that has another there.
const SCHEMAS = {
  AccountDetails: 'Account',
  Order: 'OrderView',
  Instance: 'InstanceView',
};

// Types that no answer has.
const OURS = ['StartOptions', 'CallFilters'];

// Calls nobody, and notes what would have been sent.
class Recorder extends Transport {
  sent = {};

  constructor() {
    super('http://nowhere', undefined, () => '');
  }

  async call(operationId, { query = {}, body } = {}) {
    const said = Object.entries(query).filter(([, value]) => value !== undefined);
    this.sent[operationId] ??= [];
    this.sent[operationId].push({ query: Object.fromEntries(said), body });
    return { now: '2026-01-01T00:00:00Z', frozen: true };
  }
}

async function recorded() {
  const recorder = new Recorder();
  const account = new Account(recorder, 'a');
  const owners = { EcsLocal: new EcsLocal(recorder), Account: account, Clock: account.clock };
  for (const [owner, methods] of Object.entries(METHODS)) {
    for (const method of Object.values(methods)) {
      await method(owners[owner]);
    }
  }
  return recorder.sent;
}

const sent = await recorded();
const sorted = (names) => [...names].sort();
const keysOf = (values) => sorted(new Set(values.flatMap((one) => Object.keys(one))));

test('the table has the calls of the document and no others', () => {
  const expected = Object.entries(documented).map(([id, { method, path, operation }]) => {
    const query = sorted(queryNames(operation));
    return [id, { method, path, query, hasBody: 'requestBody' in operation }];
  });
  const table = Object.entries(OPERATIONS).map(([id, { query, ...rest }]) => {
    return [id, { ...rest, query: sorted(query) }];
  });
  assert.deepEqual(Object.fromEntries(table), Object.fromEntries(expected));
});

test('every method is known here and declared', () => {
  for (const owner of [EcsLocal, Account, Clock]) {
    const names = Object.getOwnPropertyNames(owner.prototype);
    const methods = sorted(names.filter((name) => name !== 'constructor'));
    const known = [...Object.keys(METHODS[owner.name]), ...SILENT[owner.name]];
    assert.deepEqual(methods, sorted(known), owner.name);
    const fields = Object.keys(new Account(new Recorder(), 'a'));
    const expected = owner === Account ? [...known, ...fields] : known;
    assert.deepEqual(sorted(classes(declared)[owner.name]), sorted(expected), owner.name);
  }
});

test('every call has a method', () => {
  assert.deepEqual(sorted(Object.keys(sent)), sorted(Object.keys(OPERATIONS)));
});

test('the methods can say every query parameter', () => {
  for (const [id, many] of Object.entries(sent)) {
    assert.deepEqual(keysOf(many.map((one) => one.query)), sorted(OPERATIONS[id].query), id);
  }
});

test('the methods send what the document takes', () => {
  for (const [id, many] of Object.entries(sent)) {
    const schema = bodySchema(documented[id].operation);
    for (const { body } of many) {
      if (schema) {
        check(document, schema, body, id);
      } else {
        assert.equal(body, undefined, id);
      }
    }
  }
});

test('the methods can say all of a body', () => {
  for (const id of ['moveClock', 'changeAccount']) {
    const { properties } = resolved(document, bodySchema(documented[id].operation));
    assert.deepEqual(keysOf(sent[id].map((one) => one.body)), sorted(Object.keys(properties)), id);
  }
});

for (const [name, fields] of Object.entries(interfaces(declared))) {
  if (!OURS.includes(name)) {
    const schemaName = SCHEMAS[name] ?? name;
    test(`${name} has the keys and values of its schema`, () => {
      const schema = document.components.schemas[schemaName];
      assert.ok(schema, schemaName);
      assert.deepEqual(sorted(Object.keys(fields)), sorted(Object.keys(schema.properties)));
      for (const key of schema.required ?? []) {
        assert.equal(fields[key].isOptional, false, key);
      }
      for (const [key, { type }] of Object.entries(fields)) {
        const choices = resolved(document, schema.properties[key]).oneOf ?? [];
        const values = choices.map((one) => `'${one.const}'`);
        // A type may leave open what tests do not tell apart.
        if (type.includes("'")) {
          assert.deepEqual(sorted(type.split(' | ')), sorted(values), key);
        }
      }
    });
  }
}

test('answers are what the document and the declarations say', async (t) => {
  const account = emulator.account();
  const key = account.accessKeyId;
  const order = { InstanceId: 'i-bp67acfmxazb4ph****', InternetMaxBandwidthOut: 5 };
  const bought = await call(emulator, key, 'ModifyInstanceNetworkSpec', {
    ...order,
    NetworkChargeType: 'PayByBandwidth',
  });
  const refused = await call(emulator, key, 'StartInstance', { InstanceId: 'i-web' });
  await account.keep('now');
  await account.armFault({ action: 'StopInstance', delay: '1s', sequence: [true], times: 2 });
  const answers = {
    health: [await emulator.health(), 'Health'],
    metrics: [await emulator.metrics()],
    rows: [await emulator.rows(), 'Row'],
    schema: [await emulator.schema('fault')],
    world: [await account.world()],
    changeWorld: [await account.changeWorld({}), 'WorldSize'],
    snapshots: [await account.snapshots(), 'Snapshot'],
    calls: [await account.calls(), 'Calls'],
    why: [await account.why(refused.body.RequestId), 'Explanation'],
    faults: [await account.faults(), 'Fault'],
    account: [await account.details(), 'AccountDetails'],
    orders: [await account.orders(), 'Order'],
    order: [await account.order(bought.body.OrderId), 'Order'],
    instance: [await account.instance(order.InstanceId), 'Instance'],
    history: [await account.history(order.InstanceId), 'HistoryEntry'],
  };
  for (const [id, [answer, type]] of Object.entries(answers)) {
    await t.test(id, () => {
      assert.ok(answer !== undefined && answer.length !== 0, 'it tells nothing');
      check(document, answerSchema(documented[id].operation), answer, id);
      if (type) {
        conforms([answer].flat(), type, id);
      }
    });
  }
});

// Fails where a declared key is missing or an undeclared one is there; looks into other types.
function conforms(values, type, where) {
  const fields = interfaces(declared)[type];
  for (const value of values) {
    for (const key of Object.keys(value)) {
      assert.ok(key in fields, `${where}.${key} is not declared`);
    }
    for (const [key, { isOptional, type: inner }] of Object.entries(fields)) {
      assert.ok(isOptional || key in value, `${where}.${key} is missing`);
      const name = inner.replace(/\[\]$| \| null$/, '');
      if (name in interfaces(declared) && value[key]) {
        conforms([value[key]].flat(), name, `${where}.${key}`);
      }
    }
  }
}
