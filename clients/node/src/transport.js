// Control calls over HTTP: an operation of the table, what fills it in, and what is answered. Knows
// no operation by name.

import http from 'node:http';
import https from 'node:https';
import { ControlError, UnreachableError } from './errors.js';
import { OPERATIONS } from './operations.js';

// Milliseconds. No control call waits for anything.
const TIMEOUT_MS = 30_000;

// The emulator is this machine's or its network's: no proxy that the environment names leads there.
// `fetch` and the global agents take one where Node is told to; an agent of one's own does not.
const AGENTS = { 'http:': new http.Agent(), 'https:': new https.Agent() };

export class Transport {
  #token;
  #epitaph;

  // `epitaph` tells what is known about an emulator that does not answer.
  constructor(url, token, epitaph) {
    this.url = url;
    this.#token = token;
    this.#epitaph = epitaph;
  }

  // What is answered: parsed JSON, text, or undefined. Query parameters that are undefined are not
  // sent.
  async call(operationId, { path = {}, query = {}, body } = {}) {
    const { method, hasBody, ...rest } = OPERATIONS[operationId];
    const url = new URL(`${this.url}${filledIn(rest.path, path)}${written(query)}`);
    const sent = hasBody ? JSON.stringify(body) : undefined;
    const { status, type, text } = await this.#exchange(url, method, sent);
    if (status >= 300) {
      throw refusal(status, text);
    }
    if (text === '') {
      return undefined;
    }
    return type.startsWith('application/json') ? JSON.parse(text) : text;
  }

  async #exchange(url, method, body) {
    const headers = this.#token ? { authorization: `Bearer ${this.#token}` } : {};
    if (body !== undefined) {
      headers['content-type'] = 'application/json';
      headers['content-length'] = Buffer.byteLength(body);
    }
    try {
      return await exchange(url, { method, headers }, body);
    } catch (error) {
      const what = error.message || error.code;
      const message = `${this.url} does not answer: ${what}${this.#epitaph()}`;
      throw new UnreachableError(message, { cause: error });
    }
  }
}

function exchange(url, options, body) {
  const send = url.protocol === 'https:' ? https.request : http.request;
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const how = { ...options, agent: AGENTS[url.protocol], signal };
  return new Promise((resolve, reject) => {
    const request = send(url, how, (answer) => read(answer).then(resolve, reject));
    request.on('error', reject);
    request.end(body);
  });
}

async function read(answer) {
  const text = Buffer.concat(await answer.toArray()).toString();
  return { status: answer.statusCode, type: answer.headers['content-type'] ?? '', text };
}

function filledIn(path, parts) {
  return path.replace(/\{(\w+)\}/g, (_, name) => encodeURIComponent(parts[name]));
}

function written(query) {
  const said = Object.entries(query).filter(([, value]) => value !== undefined);
  return said.length === 0 ? '' : `?${new URLSearchParams(said)}`;
}

// Something between here and the emulator may answer too, with a body of its own.
function refusal(status, text) {
  try {
    const { Code, Message } = JSON.parse(text);
    return new ControlError(status, Code ?? '', Message ?? text);
  } catch {
    return new ControlError(status, '', text);
  }
}
