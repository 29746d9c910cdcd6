// The emulator, started or found running: what concerns all of it, and the way to its accounts.
// index.d.ts says what each method does.

import { Account } from './account.js';
import { Process } from './process.js';
import { Transport } from './transport.js';

const DEFAULT_ENDPOINT = '127.0.0.1:4526';

export class EcsLocal {
  #transport;
  #process;

  // Made by `start` and `connect`.
  constructor(transport, process) {
    this.#transport = transport;
    this.#process = process;
  }

  static async start({ binary, args = [], timeoutMs = 30_000, ...options } = {}) {
    const started = await Process.start(binary, [...written(options), ...args], timeoutMs);
    const transport = new Transport(started.url, options.token, () => started.epitaph());
    return new EcsLocal(transport, started);
  }

  static async connect(endpoint, { token } = {}) {
    const where = endpoint || process.env.ECS_LOCAL_ENDPOINT || DEFAULT_ENDPOINT;
    const url = where.includes('://') ? where : `http://${where}`;
    const shown = token || process.env.ECS_LOCAL_CONTROL_TOKEN;
    const emulator = new EcsLocal(new Transport(url.replace(/\/+$/, ''), shown, () => ''));
    await emulator.health();
    return emulator;
  }

  get url() {
    return this.#transport.url;
  }

  get endpoint() {
    return new URL(this.url).host;
  }

  get stderr() {
    return this.#process?.stderr ?? '';
  }

  async stop() {
    await this.#process?.stop();
  }

  [Symbol.asyncDispose]() {
    return this.stop();
  }

  account(key) {
    return new Account(this.#transport, key);
  }

  health() {
    return this.#transport.call('health');
  }

  metrics() {
    return this.#transport.call('metrics');
  }

  rows({ all } = {}) {
    return this.#transport.call('rows', { query: { all: all || undefined } });
  }

  why(requestId) {
    return this.#transport.call('why', { path: { request_id: requestId } });
  }

  openapi() {
    return this.#transport.call('openapi');
  }

  schema(name) {
    return this.#transport.call('schema', { path: { name } });
  }

  certificate() {
    return this.#transport.call('certificate');
  }
}

function written({
  listen = '127.0.0.1:0',
  log = 'info',
  seed,
  clock,
  scenario,
  asOf,
  signatures,
  data,
  token,
}) {
  const options = {
    listen,
    // Where it listens it says by a message of its own.
    log: `${log},ecs_local::cli=info`,
    seed,
    clock,
    scenario,
    'as-of': asOf,
    signatures,
    data,
    'control-token': token,
  };
  const said = Object.entries(options).filter(([, value]) => value !== undefined);
  return said.map(([name, value]) => `--${name}=${value}`);
}
