// For node:test: one emulator for the tests of a file, ended after them.

import type { EcsLocal, StartOptions } from './index.js';

/**
 * The emulator at $ECS_LOCAL_ENDPOINT, else one that is started with these options. Call it once at
 * the top of a test file: `const emulator = await ecsLocal();`.
 */
export function ecsLocal(options?: StartOptions): Promise<EcsLocal>;
