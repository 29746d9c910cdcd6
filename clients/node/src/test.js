// For node:test: one emulator for the tests of a file, ended after them.

import { after } from 'node:test';
import { EcsLocal } from './emulator.js';

// The emulator at $ECS_LOCAL_ENDPOINT, else one that is started with these options.
export async function ecsLocal(options = {}) {
  if (process.env.ECS_LOCAL_ENDPOINT) {
    return EcsLocal.connect();
  }
  const emulator = await EcsLocal.start(options);
  after(() => emulator.stop());
  return emulator;
}
