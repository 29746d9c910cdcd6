// The helper for node:test and what README.md shows, run as test files of somebody else's, who has
// the package installed.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { EcsLocal } from 'ecs-local-client';

// Where run-tests has installed the package as it would be published.
const PLACE = process.env.ECS_LOCAL_CLIENT_PLACE;

const README = await fs.readFile(new URL('../README.md', import.meta.url), 'utf8');

// The first JavaScript under a heading of README.md.
function shown(heading) {
  const [, after] = README.split(`\n## ${heading}\n`);
  return /```js\n(.*?)```/s.exec(after.split('\n## ')[0])[1];
}

// Runs a program; how it ended and what it printed.
async function run(t, text, args, variables = {}) {
  const file = path.join(PLACE, `${t.name.replace(/\W+/g, '-')}.test.mjs`);
  await fs.writeFile(file, text);
  t.after(() => fs.rm(file));
  const env = { ...process.env, ...variables };
  // A runner inside a runner reports to the outer one where this is set.
  delete env.NODE_TEST_CONTEXT;
  return new Promise((resolve) => {
    execFile(process.execPath, [...args, file], { env, timeout: 60_000 }, (error, stdout) =>
      resolve({ status: error?.code ?? 0, stdout }),
    );
  });
}

const tests = ['--test', '--test-reporter=tap'];

test('the first test of the README passes', async (t) => {
  const { status, stdout } = await run(t, shown('A first test'), tests);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^# pass 1$/m);
});

test('the README works without node:test too', async (t) => {
  const { status, stdout } = await run(t, shown('Without node:test'), []);
  assert.deepEqual({ status, stdout }, { status: 0, stdout: 'Stopped\n' });
});

test('the Testcontainers snippet of the README compiles', async (t) => {
  const { status, stdout } = await run(t, shown('Testcontainers'), ['--check']);
  assert.equal(status, 0, stdout);
});

const HELPER = `
  import assert from 'node:assert/strict';
  import { after, test } from 'node:test';
  import { ecsLocal } from 'ecs-local-client/test';

  const emulator = await ecsLocal({ clock: 'manual' });
  after(async () => {
    console.error(await emulator.health().then(() => 'goes on', () => 'has ended'));
  });

  test('one', async () => {
    console.error(emulator.url);
    assert.equal(await emulator.account().clock.isFrozen(), true);
  });
  test('other', async () => {
    assert.equal((await emulator.health()).status, 'ok');
  });
`;

test('the helper gives the tests of a file an emulator, and ends it', async (t) => {
  const { status, stdout } = await run(t, HELPER, tests);
  assert.equal(status, 0, stdout);
  assert.match(stdout, /^# pass 2$/m);
  assert.match(stdout, /has ended/);
});

test('the helper finds a running emulator, and leaves it running', async (t) => {
  const emulator = await EcsLocal.start({ clock: 'manual', token: 'hush' });
  t.after(() => emulator.stop());
  const { status, stdout } = await run(t, HELPER, tests, {
    ECS_LOCAL_ENDPOINT: emulator.endpoint,
    ECS_LOCAL_CONTROL_TOKEN: 'hush',
    // Whatever would be started instead does not start.
    ECS_LOCAL_BIN: '/nowhere/ecs-local',
  });
  assert.equal(status, 0, stdout);
  assert.ok(stdout.includes(emulator.url));
  assert.match(stdout, /goes on/);
  assert.equal((await emulator.health()).status, 'ok');
});
