// What can go wrong: a refused control call, an emulator that does not start, one that cannot be
// reached. All of them are an EcsLocalError.

export class EcsLocalError extends Error {
  get name() {
    return this.constructor.name;
  }
}

// The emulator refused a control call; nothing has changed. The message says what is wrong and what
// to do; the code is empty where the answer was not one of the emulator's own.
export class ControlError extends EcsLocalError {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

// No emulator was started. `stderr` is what it wrote before it ended, if anything.
export class StartError extends EcsLocalError {
  constructor(message, stderr = '') {
    super(stderr ? `${message}\n${stderr}` : message);
    this.stderr = stderr;
  }
}

// Nothing answers at the endpoint, or it broke off.
export class UnreachableError extends EcsLocalError {}
