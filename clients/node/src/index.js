// Starts ecs-local, a local emulator of Alibaba Cloud ECS, and controls it from tests: worlds,
// clocks, faults, orders, and why a call was answered as it was. index.d.ts describes it.

export { Account, Clock } from './account.js';
export { EcsLocal } from './emulator.js';
export { ControlError, EcsLocalError, StartError, UnreachableError } from './errors.js';
