// An account of the emulator: a world, a clock, faults and calls of its own, entered by one access
// key. index.d.ts says what each method does.

import { randomBytes } from 'node:crypto';

export class Account {
  #transport;

  constructor(transport, accessKeyId) {
    this.accessKeyId = accessKeyId || `test-${randomBytes(8).toString('hex')}`;
    this.accessKeySecret = 'any-secret';
    this.#transport = transport;
    const call = (operationId, body) => this.#call(operationId, { body });
    this.clock = new Clock(call);
  }

  world() {
    return this.#call('world');
  }

  loadWorld(document, { at } = {}) {
    return this.#call('loadWorld', { query: { at: written(at) }, body: document });
  }

  changeWorld(document) {
    return this.#call('changeWorld', { body: document });
  }

  resetWorld() {
    return this.#call('resetWorld');
  }

  async fork(to) {
    const other = new Account(this.#transport, to);
    await this.#call('forkWorld', { query: { to: other.accessKeyId } });
    return other;
  }

  keep(name) {
    return this.#call('keep', { path: { name } });
  }

  bringBack(name) {
    return this.#call('bringBack', { path: { name } });
  }

  forget(name) {
    return this.#call('forget', { path: { name } });
  }

  snapshots() {
    return this.#call('snapshots');
  }

  armFault(fault) {
    return this.#call('armFault', { body: fault });
  }

  faults() {
    return this.#call('faults');
  }

  disarmFaults() {
    return this.#call('disarmFaults');
  }

  calls({ action, code, status, key, after } = {}) {
    return this.#call('calls', { query: { action, code, status, key, after } });
  }

  why(requestId) {
    return this.#transport.call('why', { path: { request_id: requestId } });
  }

  details() {
    return this.#call('account');
  }

  topUp(cents) {
    return this.#call('changeAccount', { body: { top_up_cents: cents } });
  }

  setArrears(begin) {
    return this.#call('changeAccount', { body: { arrears: begin } });
  }

  orders({ instanceId } = {}) {
    return this.#call('orders', { query: { instance_id: instanceId } });
  }

  order(id) {
    return this.#call('order', { path: { id } });
  }

  payOrder(id) {
    return this.#call('payOrder', { path: { id } });
  }

  cancelOrder(id) {
    return this.#call('cancelOrder', { path: { id } });
  }

  instance(id) {
    return this.#call('instance', { path: { id } });
  }

  history(id) {
    return this.#call('history', { path: { id } });
  }

  #call(operationId, { path, query, body } = {}) {
    const whose = { access_key_id: this.accessKeyId, ...query };
    return this.#transport.call(operationId, { path, query: whose, body });
  }
}

export class Clock {
  #call;

  constructor(call) {
    this.#call = call;
  }

  async now() {
    return moment(await this.#call('clock'));
  }

  async isFrozen() {
    return (await this.#call('clock')).frozen;
  }

  advance(span) {
    return this.#move({ advance: typeof span === 'number' ? `${span}ms` : span });
  }

  set(to) {
    return this.#move({ set: written(to) });
  }

  freeze() {
    return this.#move({ freeze: true });
  }

  run() {
    return this.#move({ run: true });
  }

  async #move(move) {
    return moment(await this.#call('moveClock', move));
  }
}

function moment({ now }) {
  return new Date(now);
}

function written(moment) {
  return moment instanceof Date ? moment.toISOString() : moment;
}
