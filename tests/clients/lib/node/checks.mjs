// Counts what a program checks, and prints it in the form of tests/clients/README.md. A program has
// one run of checks, so the module itself holds it.

import { createRequire } from 'node:module';
import { inspect, isDeepStrictEqual } from 'node:util';

import * as emulator from './emulator.mjs';

let current;
let passed = 0;
let failed = 0;

// Prints the versions of these packages, as the program finds them.
export function version(...packages) {
  const require = createRequire(process.argv[1]);
  const versions = packages.map((name) => `${name} ${require(`${name}/package.json`).version}`);
  console.log(`version: ${versions.join(', ')}`);
}

// Runs one step. What it throws is a failure of it; the next steps still run.
export async function step(name, run) {
  current = name;
  try {
    await run();
  } catch (error) {
    // A message may have several lines; what is printed of a check has one.
    fail(`ended by ${error}`.replace(/\s+/g, ' '));
  }
}

export function equal(what, got, wanted) {
  if (isDeepStrictEqual(got, wanted)) {
    pass(`${what} ${shown(got)}`);
  } else {
    fail(`${what}: got ${shown(got)}, wanted ${shown(wanted)}`);
  }
}

// Runs a call that is to be refused, and gives the client's error. `read` takes status, code,
// message and request id out of such an error, and throws what is none. The client is to make the
// call once: neither of the two here repeats any by default.
export async function refused(call, read, wanted) {
  const before = await emulator.calls();
  const error = await caught(call);
  const after = await emulator.calls();
  const made = after.total - before.total;
  console.log(`refused ${current}: ${error.constructor.name}, ${made} calls`);

  const { status, code, message, requestId } = read(error);
  const compared = wanted.goesOn ? message.slice(0, wanted.message.length) : message;
  equal('HTTP status', status, wanted.status);
  equal('Code', code, wanted.code);
  equal('Message', compared, wanted.message);
  equal('RequestId', requestId, after.calls[0].request_id);
  equal('calls', made, 1);
  return error;
}

// Prints the sum, and lets the program end with it.
export function finish() {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed ? 1 : 0;
}

async function caught(call) {
  try {
    await call();
  } catch (error) {
    return error;
  }
  throw new Error('a call was not refused');
}

function shown(value) {
  return inspect(value, { breakLength: Infinity });
}

function pass(found) {
  passed += 1;
  console.log(`ok      ${current}: ${found}`);
}

function fail(found) {
  failed += 1;
  console.log(`FAILED  ${current}: ${found}`);
}
