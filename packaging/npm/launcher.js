#!/usr/bin/env node
// Starts the binary that npm installed for this system, as if it had been called itself: the same
// arguments, streams, signals and exit status. Finds it; downloads nothing.

'use strict';

const { spawn } = require('node:child_process');
const os = require('node:os');

function binary() {
  const platform = `${process.platform}-${process.arch}`;
  const program = process.platform === 'win32' ? 'ecs-local.exe' : 'ecs-local';
  try {
    return require.resolve(`@ecs-local/${platform}/${program}`);
  } catch {
    console.error(
      `ecs-local: the package @ecs-local/${platform} is not installed. Either there is no binary for this ` +
        'system, or npm was told to leave optional dependencies out (--omit=optional).',
    );
    process.exit(2);
  }
}

const child = spawn(binary(), process.argv.slice(2), { stdio: 'inherit', windowsHide: true });
// The child decides what a signal means; what a terminal sends reaches it anyway.
const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
for (const signal of signals) {
  process.on(signal, () => child.kill(signal));
}
child.on('error', (error) => {
  console.error(`ecs-local: ${error.message}`);
  process.exitCode = 2;
});
child.on('exit', (status, signal) => {
  process.exitCode = signal === null ? status : 128 + os.constants.signals[signal];
});
