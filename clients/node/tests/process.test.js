// Starting, finding and ending an emulator, and what is said where that goes wrong.

import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { ControlError, EcsLocal, StartError, UnreachableError } from 'ecs-local-client';
import { Process } from '../src/process.js';
import { call } from './api.js';

const CLIENT = new URL('../src/index.js', import.meta.url).href;

async function started(t, options) {
  const emulator = await EcsLocal.start(options);
  t.after(() => emulator.stop());
  return emulator;
}

async function folder(t) {
  const made = await fs.mkdtemp(path.join(os.tmpdir(), 'ecs-local-'));
  t.after(() => fs.rm(made, { recursive: true }));
  return made;
}

// A stand-in for the emulator.
async function program(t, text) {
  const file = path.join(await folder(t), 'stand-in');
  await fs.writeFile(file, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  return file;
}

function withVariables(t, variables) {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    process.env[name] = value;
    t.after(() => {
      if (before === undefined) {
        delete process.env[name];
      } else {
        process.env[name] = before;
      }
    });
  }
}

async function closedPort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

// Asks it until it does not answer; not for ever.
async function hasEnded(emulator) {
  const deadline = Date.now() + 30_000;
  while (Date.now() < deadline) {
    try {
      await emulator.health();
    } catch (error) {
      assert.ok(error instanceof UnreachableError);
      return true;
    }
  }
  return false;
}

test('a started emulator answers until it is stopped', async () => {
  const emulator = await EcsLocal.start();
  assert.equal((await emulator.health()).status, 'ok');
  assert.equal(emulator.url, `http://${emulator.endpoint}`);
  assert.ok(emulator.stderr.includes(`listens on ${emulator.url}`));
  await emulator.stop();
  await assert.rejects(emulator.health(), (error) => {
    assert.ok(error instanceof UnreachableError);
    assert.match(error.message, /it has ended with status 0/);
    return true;
  });
  await emulator.stop();
});

test('disposing of an emulator stops it', async () => {
  const emulator = await EcsLocal.start();
  await emulator[Symbol.asyncDispose]();
  await assert.rejects(emulator.health(), UnreachableError);
});

test('two emulators share nothing', async (t) => {
  const [one, other] = [await started(t), await started(t)];
  await one.account('a').keep('mine');
  assert.notEqual(one.url, other.url);
  assert.deepEqual(await other.account('a').snapshots(), []);
});

test('the clock stands or runs as it is told', async (t) => {
  const manual = await started(t, { clock: 'manual' });
  const running = await started(t);
  assert.equal(await manual.account().clock.isFrozen(), true);
  assert.equal(await running.account().clock.isFrozen(), false);
});

test('a seed decides the ids', async (t) => {
  const requestId = async (seed) => {
    const emulator = await started(t, { seed, clock: 'manual' });
    return (await call(emulator, 'a', 'DescribeRegions')).body.RequestId;
  };
  assert.equal(await requestId(7), await requestId(7));
  assert.notEqual(await requestId(7), await requestId(8));
});

test('a scenario is the starting world', async (t) => {
  const scenario = path.join(await folder(t), 'mine.toml');
  await fs.writeFile(scenario, 'about = "One."\n[given.instance.i-mine]\nstatus = "Stopped"\n');
  const account = (await started(t, { scenario, clock: 'manual' })).account();
  assert.deepEqual(Object.keys((await account.world()).instance), ['i-mine']);
  assert.equal((await account.clock.now()).toISOString(), '2026-01-01T00:00:00.000Z');
});

test('a date chooses the pages', async (t) => {
  const page = async (asOf) => {
    const emulator = await started(t, { asOf });
    const wanted = { InstanceId: 'i-web', InstanceType: 'ecs.g6.xlarge' };
    const { body } = await call(emulator, 'a', 'ModifyInstanceSpec', wanted);
    return (await emulator.why(body.RequestId)).page;
  };
  assert.equal(await page('2019-05-21'), '2019-05-21');
  assert.ok((await page()) > '2019-05-21');
});

test('strict signatures refuse an unknown key', async (t) => {
  const emulator = await started(t, { signatures: 'strict' });
  const { status, body } = await call(emulator, 'nobody', 'DescribeRegions');
  assert.ok(status >= 400);
  assert.ok(body.Code);
});

test('a data directory keeps worlds over a restart', async (t) => {
  const data = await folder(t);
  const emulator = await EcsLocal.start({ data });
  assert.equal((await emulator.health()).data.directory, data);
  await emulator.account('a').loadWorld({ instance: { 'i-mine': {} } });
  await emulator.stop();
  const again = await started(t, { data });
  assert.deepEqual(Object.keys((await again.account('a').world()).instance), ['i-mine']);
  assert.equal((await (await started(t)).health()).data, null);
});

test('arguments without a name reach it', async (t) => {
  const emulator = await started(t, { args: ['--tls'] });
  assert.match(await emulator.certificate(), /^-----BEGIN CERTIFICATE-----/);
});

test('every option is written as the command line has it', async (t) => {
  const binary = await program(t, 'printf "%s\\n" "$@" >&2');
  const options = {
    binary,
    seed: 3,
    clock: 'manual',
    scenario: '/a.toml',
    asOf: '2020-01-02',
    signatures: 'off',
    data: '/data',
    token: 'hush',
    log: 'debug',
    args: ['--last', 'one'],
  };
  await assert.rejects(EcsLocal.start(options), (error) => {
    assert.deepEqual(error.stderr.split('\n'), [
      '--listen=127.0.0.1:0',
      '--log=debug,ecs_local::cli=info',
      '--seed=3',
      '--clock=manual',
      '--scenario=/a.toml',
      '--as-of=2020-01-02',
      '--signatures=off',
      '--data=/data',
      '--control-token=hush',
      '--last',
      'one',
    ]);
    return true;
  });
});

test('a quiet emulator is heard to listen', async (t) => {
  assert.equal((await (await started(t, { log: 'error' })).health()).status, 'ok');
});

test('variables of the shell do not reach it', async (t) => {
  withVariables(t, { ECS_LOCAL_CLOCK: 'manual', ECS_LOCAL_CONTROL_TOKEN: 'hush' });
  assert.equal(await (await started(t)).account().clock.isFrozen(), false);
});

test('the binary is found on the path', async (t) => {
  const place = await folder(t);
  await fs.symlink(path.resolve(process.env.ECS_LOCAL_BIN), path.join(place, 'ecs-local'));
  withVariables(t, { ECS_LOCAL_BIN: '', PATH: `${place}:${process.env.PATH}` });
  assert.equal((await (await started(t)).health()).status, 'ok');
});

test('a named binary comes before the variable', async (t) => {
  withVariables(t, { ECS_LOCAL_BIN: '/nowhere/from-the-variable' });
  await assert.rejects(EcsLocal.start(), /\/nowhere\/from-the-variable/);
  await assert.rejects(EcsLocal.start({ binary: '/nowhere/from-the-option' }), (error) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, /\/nowhere\/from-the-option.*set ECS_LOCAL_BIN/);
    return true;
  });
});

test('a binary that refuses to start says why', async () => {
  await assert.rejects(EcsLocal.start({ listen: 'nonsense' }), (error) => {
    assert.ok(error instanceof StartError);
    assert.match(error.message, /ended with status 2/);
    assert.match(error.stderr, /invalid value 'nonsense' for '--listen/);
    assert.ok(error.message.includes(error.stderr));
    return true;
  });
});

test('a binary that never listens is ended', async (t) => {
  const binary = await program(t, 'echo "$$" >&2; exec tail -f /dev/null');
  await assert.rejects(EcsLocal.start({ binary, timeoutMs: 500 }), (error) => {
    assert.match(error.message, /did not listen within 500 ms/);
    assert.throws(() => process.kill(Number(error.stderr), 0), { code: 'ESRCH' });
    return true;
  });
});

test('a binary that takes no hint is killed', async (t) => {
  // What a shell ignores, the program it becomes ignores too.
  const text = "trap '' TERM; echo listens on http://127.0.0.1:1 >&2; exec tail -f /dev/null";
  const stubborn = await Process.start(await program(t, text), [], 30_000, 200);
  await stubborn.stop();
  assert.match(stubborn.epitaph(), /status SIGKILL/);
});

// Starts an emulator, says where it is, and waits to be ended.
const OWNER = `
  import { EcsLocal } from '${CLIENT}';
  const emulator = await EcsLocal.start();
  process.on('SIGINT', async () => {
    console.log((await emulator.health()).status);
    process.exit();
  });
  console.log(emulator.endpoint);
  process.stdin.resume();
`;

async function owner(t) {
  const args = ['--input-type=module', '--eval', OWNER];
  const stdio = ['pipe', 'pipe', 'inherit'];
  const child = spawn(process.execPath, args, { stdio, detached: true });
  t.after(() => child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const emulator = await EcsLocal.connect((await lines.next()).value);
  return { child, lines, emulator };
}

test('an emulator ends with the process that started it', async (t) => {
  const { child, emulator } = await owner(t);
  child.kill('SIGKILL');
  assert.ok(await hasEnded(emulator));
});

test('Ctrl-C leaves the emulator to those who clean up', async (t) => {
  const { child, lines, emulator } = await owner(t);
  process.kill(-child.pid, 'SIGINT');
  assert.equal((await lines.next()).value, 'ok');
  assert.ok(await hasEnded(emulator));
});

test('a forgotten emulator keeps nobody from ending', async () => {
  const text = `
    import { EcsLocal } from '${CLIENT}';
    console.log((await EcsLocal.start()).endpoint);
  `;
  const args = ['--input-type=module', '--eval', text];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  const found = EcsLocal.connect(stdout.trim());
  assert.ok(await found.then(hasEnded, (error) => error instanceof UnreachableError));
});

test('an emulator that others reach asks for its token', async (t) => {
  const emulator = await started(t, { listen: '0.0.0.0:0', token: 'hush' });
  assert.match(emulator.url, /^http:\/\/127\.0\.0\.1:/);
  assert.deepEqual(await emulator.account().snapshots(), []);
  for (const token of [undefined, 'wrong']) {
    const stranger = await EcsLocal.connect(emulator.url, { token });
    await assert.rejects(stranger.account().world(), (error) => {
      assert.ok(error instanceof ControlError);
      assert.deepEqual([error.status, error.code], [401, 'EcsLocal.TokenRequired']);
      assert.match(error.message, /Authorization: Bearer/);
      return true;
    });
  }
  withVariables(t, { ECS_LOCAL_CONTROL_TOKEN: 'hush' });
  const friend = await EcsLocal.connect(emulator.url);
  assert.deepEqual(await friend.account().snapshots(), []);
});

test('a running emulator is found and left running', async (t) => {
  const emulator = await started(t);
  await emulator.account('a').keep('mine');
  for (const endpoint of [emulator.url, emulator.endpoint, `${emulator.url}/`]) {
    const found = await EcsLocal.connect(endpoint);
    assert.deepEqual([found.url, found.stderr], [emulator.url, '']);
    await found.stop();
  }
  withVariables(t, { ECS_LOCAL_ENDPOINT: emulator.endpoint });
  const [snapshot] = await (await EcsLocal.connect()).account('a').snapshots();
  assert.equal(snapshot.name, 'mine');
});

test('nothing to connect to is said', async () => {
  const url = `http://127.0.0.1:${await closedPort()}`;
  await assert.rejects(EcsLocal.connect(url), (error) => {
    assert.ok(error instanceof UnreachableError);
    assert.ok(error.message.startsWith(`${url} does not answer: `));
    return true;
  });
});

test('no proxy is asked', async (t) => {
  const emulator = await started(t);
  const proxy = `http://127.0.0.1:${await closedPort()}`;
  const text = `
    import { EcsLocal } from '${CLIENT}';
    console.log((await (await EcsLocal.connect('${emulator.url}')).health()).status);
  `;
  const proxies = { http_proxy: proxy, HTTP_PROXY: proxy, NODE_USE_ENV_PROXY: '1' };
  const env = { ...process.env, ...proxies };
  const args = ['--input-type=module', '--eval', text];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  assert.equal(stdout, 'ok\n');
});
