// A started emulator as a process: which binary, until when it is waited for, how it ends. It ends
// with the tests, however they end; its stderr is read for as long as it runs.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { StartError } from './errors.js';

const LISTENS = /listens on (https?:\/\/\S+)/;

// How many of the latest lines of stderr are kept.
const KEPT_LINES = 200;

// Milliseconds between asking it to end and making it.
const PATIENCE_MS = 10_000;

// Ends the emulator when its own stdin ends: the other end is held by this process alone, and is
// closed even where this process is killed.
const WATCHDOG = 'read -r _; kill "$1" 2>/dev/null';

// A running emulator. `url` is where it says it listens.
export class Process {
  #child;
  #watchdog;
  #closed;
  #patienceMs;
  #lines = [];

  // Resolves when it listens; rejects with a StartError where it does not.
  static async start(binary, args, timeoutMs, patienceMs = PATIENCE_MS) {
    const command = [binary || process.env.ECS_LOCAL_BIN || 'ecs-local', ...args];
    const started = new Process(await spawned(command), patienceMs);
    try {
      started.url = await started.#listening(timeoutMs);
    } catch (how) {
      await started.stop();
      throw new StartError(`${command.join(' ')}: ${how.message}`, started.stderr);
    }
    started.#leaveAlone();
    return started;
  }

  constructor(child, patienceMs) {
    this.#child = child;
    this.#patienceMs = patienceMs;
    this.#closed = new Promise((resolve) => child.once('close', resolve));
    this.#watchdog = watchdog(child.pid);
  }

  // The latest 200 lines it wrote.
  get stderr() {
    return this.#lines.join('\n');
  }

  // How it ended and what it wrote, where it has ended; else nothing.
  epitaph() {
    const { exitCode, signalCode } = this.#child;
    const how = exitCode ?? signalCode;
    return how === null ? '' : `\nit has ended with status ${how}\n${this.stderr}`;
  }

  // Ends it and waits until it has ended. Does nothing the second time.
  async stop() {
    this.#watchdog.kill('SIGKILL');
    this.#child.ref();
    this.#child.kill();
    const impatience = setTimeout(() => this.#force(), this.#patienceMs);
    await this.#closed;
    clearTimeout(impatience);
  }

  #force() {
    this.#child.kill('SIGKILL');
    // Something it started may still hold its stderr.
    this.#child.stderr.destroy();
  }

  async #listening(timeoutMs) {
    let timer;
    const isLate = new Promise((_, reject) => {
      const late = () => reject(new Error(`did not listen within ${timeoutMs} ms`));
      timer = setTimeout(late, timeoutMs);
    });
    const isOver = this.#closed.then(() => {
      const { exitCode, signalCode } = this.#child;
      throw new Error(`ended with status ${exitCode ?? signalCode}`);
    });
    // It ends some day, and then nobody waits for it here.
    isOver.catch(() => {});
    try {
      return await Promise.race([this.#heard(), isLate, isOver]);
    } finally {
      clearTimeout(timer);
    }
  }

  // Reads stderr from now on; resolves at the line that says where it listens.
  #heard() {
    return new Promise((resolve) => {
      createInterface({ input: this.#child.stderr }).on('line', (line) => {
        this.#lines = [...this.#lines, line].slice(-KEPT_LINES);
        const found = LISTENS.exec(line);
        if (found) {
          resolve(reachable(found[1]));
        }
      });
    });
  }

  // Tests that forget to stop it are not kept from ending.
  #leaveAlone() {
    this.#child.unref();
    this.#child.stderr.unref();
  }
}

// Detached, in a session of its own, so that Ctrl-C does not reach it and tests can still clean up.
async function spawned([binary, ...args]) {
  const stdio = ['ignore', 'ignore', 'pipe'];
  const child = spawn(binary, args, { stdio, detached: true, env: environment() });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw new StartError(
      `cannot start ${binary}: ${error.message}; put ecs-local on the PATH, set ECS_LOCAL_BIN, or ` +
        'say which binary to start',
    );
  }
  return child;
}

// What the emulator is started with is what the test says, not what a shell has left over.
function environment() {
  const variables = Object.entries(process.env);
  return Object.fromEntries(variables.filter(([name]) => !name.startsWith('ECS_LOCAL_')));
}

function watchdog(pid) {
  const stdio = ['pipe', 'ignore', 'ignore'];
  const args = ['-c', WATCHDOG, 'ecs-local-watchdog', String(pid)];
  const child = spawn('sh', args, { stdio, detached: true });
  child.unref();
  child.stdin.unref();
  return child;
}

// Where to call an emulator that listens on every address.
function reachable(url) {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:');
}
