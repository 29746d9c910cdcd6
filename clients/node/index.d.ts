// What the package offers, and the shapes of what the control interface takes and answers. Keys of
// answers are those of the OpenAPI document; a test compares them. Moments in answers are RFC 3339
// texts in UTC, money is in cents, and spans are texts such as "4m59s".

/** How an emulator is started. No ECS_LOCAL_… variable of the shell reaches it. */
export interface StartOptions {
  /** A path, or a name on the PATH; by default $ECS_LOCAL_BIN, else `ecs-local`. */
  binary?: string;
  /** Decides every id. */
  seed?: number;
  /** `manual` stands still until it is moved. */
  clock?: 'system' | 'manual';
  /** Path of a scenario file whose world every access key begins with. */
  scenario?: string;
  /** Answer as the documentation of this day, `yyyy-mm-dd`. */
  asOf?: string;
  signatures?: 'off' | 'log' | 'strict';
  /** Path of a directory that keeps the worlds over a restart. */
  data?: string;
  /** What callers of the control interface must show. */
  token?: string;
  /** The address; `127.0.0.1:0` by default, a free port. */
  listen?: string;
  /** `info` by default; a level or a filter. */
  log?: string;
  /** Other arguments of the command line. */
  args?: string[];
  /** How long to wait until it listens, milliseconds; 30,000 by default. */
  timeoutMs?: number;
}

/** A running emulator. With `await using`, what was started here is stopped at the end. */
export class EcsLocal {
  private constructor();
  /**
   * Starts an emulator on a free port and waits until it listens. It ends with `stop`, or at the
   * latest with this process. Rejects with a StartError where it does not come to listen.
   */
  static start(options?: StartOptions): Promise<EcsLocal>;
  /**
   * Finds a running emulator by a URL or as host:port; by default $ECS_LOCAL_ENDPOINT, else
   * 127.0.0.1:4526, and the token of $ECS_LOCAL_CONTROL_TOKEN. Rejects with an UnreachableError
   * where nothing answers. Whether the token is right shows at the first call that asks for it.
   */
  static connect(endpoint?: string, options?: { token?: string }): Promise<EcsLocal>;
  /** Where it is, such as `http://127.0.0.1:4526`. */
  readonly url: string;
  /** Host and port, as SDKs want an endpoint. */
  readonly endpoint: string;
  /** The latest 200 lines a started emulator wrote; empty for one that was found. */
  readonly stderr: string;
  /** Ends an emulator that was started here. One that was found goes on. */
  stop(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
  /** The account of an access key id; without one of a fresh key, which nobody else has. */
  account(key?: string): Account;
  /** That it is up, its version, how it is set, and its data directory. */
  health(): Promise<Health>;
  /** What it has done, in the text format of Prometheus. */
  metrics(): Promise<string>;
  /** Every documented error row and how it is reached; with `all`, also those beside the pages. */
  rows(options?: { all?: boolean }): Promise<Row[]>;
  /** Why a call was answered as it was. 404 where it is not among the latest of any account. */
  why(requestId: string): Promise<Explanation>;
  /** The OpenAPI 3.1 document of the control interface. */
  openapi(): Promise<Record<string, any>>;
  /** The JSON Schema of what people write. */
  schema(name: 'world' | 'scenario' | 'fault'): Promise<Record<string, any>>;
  /** The certificate (PEM) that clients are to trust. 404 where it was started without --tls. */
  certificate(): Promise<string>;
}

/**
 * The account that an access key leads to: a world, a clock, faults and calls of its own. Every
 * method may reject with a ControlError, or an UnreachableError.
 */
export class Account {
  private constructor();
  /** For the SDK of the code under test. */
  readonly accessKeyId: string;
  /** The emulator takes any secret of a key that no world lists. */
  readonly accessKeySecret: string;
  readonly clock: Clock;
  /** The whole world as a document, without the secrets of its keys. */
  world(): Promise<World>;
  /**
   * Replaces the world. The document says what differs from the one named in its `base`. `at` is the
   * moment the world is read as of, earlier or later than the clock shows; the clock stands still
   * there afterwards. Without it the clock goes on as it did.
   */
  loadWorld(document: World, options?: { at?: Date | string }): Promise<WorldSize>;
  /** Lays a document over the world. */
  changeWorld(document: World): Promise<WorldSize>;
  /** Forgets the world, clock, ids, faults and calls; the next call begins anew. Snapshots stay. */
  resetWorld(): Promise<void>;
  /** The account of another key, a fresh one by default, with a copy of this world at this moment. */
  fork(to?: string): Promise<Account>;
  /** Keeps the world under a name, in place of what was kept under it. */
  keep(name: string): Promise<void>;
  /** Brings a kept world back, with its moment. It stays kept. 404 where there is none. */
  bringBack(name: string): Promise<void>;
  /** Forgets a kept world. 404 where there is none. */
  forget(name: string): Promise<void>;
  /** The kept worlds. */
  snapshots(): Promise<Snapshot[]>;
  /** Makes calls of this account go wrong; once, where it is not said how often. All armed faults. */
  armFault(fault: NewFault): Promise<Fault[]>;
  /** The armed faults, with how many calls each met and struck. */
  faults(): Promise<Fault[]>;
  /** Takes all faults back. */
  disarmFaults(): Promise<void>;
  /** The latest 1,000 calls, the latest first. */
  calls(filters?: CallFilters): Promise<Calls>;
  /** Why a call was answered as it was. 404 where it is not among the latest of any account. */
  why(requestId: string): Promise<Explanation>;
  /** Its money and debts, and what it may have. */
  details(): Promise<AccountDetails>;
  /** Pays money in, in cents; arrears it covers end. */
  topUp(cents: number): Promise<AccountDetails>;
  /** The account falls into arrears, or out of them. */
  setArrears(begin: boolean): Promise<AccountDetails>;
  /** The orders, of one instance where one is named; the oldest first. */
  orders(filters?: { instanceId?: string }): Promise<Order[]>;
  /** One order. 404 where there is no such. */
  order(id: string): Promise<Order>;
  /** Pays an order, as the console does. 409 where it is not unpaid, or money or stock are short. */
  payOrder(id: string): Promise<Order>;
  /** Cancels an order, as the console does. 409 where it is neither unpaid nor invalid. */
  cancelOrder(id: string): Promise<Order>;
  /** An instance, and what its guest sees. 404 where there is no such. */
  instance(id: string): Promise<Instance>;
  /** What happened to an instance, and why; the oldest first. Also of one that was released. */
  history(id: string): Promise<HistoryEntry[]>;
}

/** The clock of an account. It goes forward only; what comes due on the way happens. */
export class Clock {
  private constructor();
  /** The moment it shows. */
  now(): Promise<Date>;
  /** Does it stand still? */
  isFrozen(): Promise<boolean>;
  /** Goes forward by a span such as "5m" or "1h 30m", or by milliseconds. The moment it shows then. */
  advance(span: string | number): Promise<Date>;
  /** Goes forward to a moment. 400 where that is over already. */
  set(to: Date | string): Promise<Date>;
  /** Stands still from now on, until it is moved. */
  freeze(): Promise<Date>;
  /** Runs on with the machine's clock. */
  run(): Promise<Date>;
}

/** Any error of this package. */
export class EcsLocalError extends Error {}

/** The emulator refused a control call; nothing has changed. The message says what to do. */
export class ControlError extends EcsLocalError {
  /** HTTP status. */
  readonly status: number;
  /** `EcsLocal.…`; empty where the answer was not one of the emulator's own. */
  readonly code: string;
}

/** No emulator was started. */
export class StartError extends EcsLocalError {
  /** What it wrote before it ended, if anything. */
  readonly stderr: string;
}

/** Nothing answers at the endpoint, or it broke off. */
export class UnreachableError extends EcsLocalError {}

/** A world document. docs/world.md of the emulator has all its keys. */
export type World = Record<string, any>;

/** Which calls are wanted: any where it is not said. */
export interface CallFilters {
  action?: string;
  /** The error code. */
  code?: string;
  /** The HTTP status. */
  status?: number;
  /** The access key it was made with. */
  key?: string;
  /** Only those behind the first so many of the account. */
  after?: number;
}

/** That it is up, since when, and how it is set. */
export interface Health {
  status: string;
  version: string;
  /** The day whose pages it answers by; null for the newest. */
  as_of: string | null;
  gateway: Gateway;
  uptime_s: number;
  /** null for an emulator without one. */
  data: DataDirectory | null;
}

/** How the gateway is set: what it does about signatures, and whose codes it refuses with. */
export interface Gateway {
  signatures: 'off' | 'log' | 'strict';
  errors: 'ecs' | 'pop';
  /** How many calls of an operation an account has in a minute; null for no limit. */
  flow_control: number | null;
}

/** Where worlds are kept. `failure` says why it cannot be written at the moment. */
export interface DataDirectory {
  directory: string;
  journal_bytes: number;
  failure: string | null;
}

/** An error row on a page of the documentation, and how it is reached. */
export interface Row {
  operation: string;
  /** The page's date; empty for a row that is printed beside the operation's pages. */
  page: string;
  status: number;
  code: string;
  message: string;
  name: string;
  /** raised, guessed, injected or pending. */
  reach: string;
  scenario: string | null;
  note: string;
}

/** How large a world is now. */
export interface WorldSize {
  instances: number;
}

/** A kept world. */
export interface Snapshot {
  name: string;
  at: string;
  instances: number;
}

/** Calls of an account, the latest first. `total` counts all there have been. */
export interface Calls {
  total: number;
  calls: Call[];
}

/** A call of the API and its answer. What a success does not have is empty. */
export interface Call {
  request_id: string;
  at: string;
  access_key_id: string;
  action: string;
  status: number;
  code: string;
  row: string;
  message: string;
  /** What the caller can do about the refusal. */
  fix: string;
  signature: string;
  fault: string;
  /** Parameters that nothing read. */
  unread: string[];
}

/** Why a call was answered as it was. */
export interface Explanation {
  request_id: string;
  at: string;
  access_key_id: string;
  action: string;
  page: string;
  status: number;
  code: string;
  message: string;
  signature: string;
  fault: string;
  parameters: Record<string, string>;
  unread: string[];
  /** null for a success. */
  decided: Decided | null;
  /** What a refusal turned on. */
  turned_on: TurningPoint[];
  /** In the order they are judged. */
  rules: JudgedRule[];
  changed: Changed[];
}

/** What decided a refusal: the row, and what supports it. */
export interface Decided {
  row: string;
  /** documented, guessed, injected or ours. */
  support: string;
  guess: string;
  fix: string;
}

/** A value a refusal turned on, and one that leads past the rule. */
export interface TurningPoint {
  /** A parameter by its name, a value of the world by its path in world documents, or clock. */
  what: string;
  value: any;
  /** null for a parameter that is left out. */
  otherwise: any;
  /** The row the call would be refused with then; empty where it would be accepted. */
  row: string;
}

/** A rule and what became of it. */
export interface JudgedRule {
  table: string;
  row: string;
  outcome: 'passed' | 'not_on_this_page' | 'not_asked' | 'held' | 'not_reached';
}

/** What a call changed of an instance at one moment. `patch` is a JSON patch (RFC 6902). */
export interface Changed {
  instance_id: string;
  at: string;
  is_due: boolean;
  what: string[];
  patch: any[];
}

/** A fault to arm: the calls it is meant for, what happens to them, and how often. */
export type NewFault = Partial<Omit<Fault, 'met' | 'fired'>>;

/** An armed fault: as it was armed, how many calls it met, and how many it struck. */
export interface Fault {
  action?: string;
  instance_id?: string;
  access_key_id?: string;
  region_id?: string;
  parameters?: Record<string, string>;
  /** The row to answer with, by its name, such as INTERNAL; or an error of one's own: */
  row?: string;
  status?: number;
  code?: string;
  message?: string;
  /** How far the account's clock moves. */
  delay?: string;
  /** How long the client really waits, at most 5m. */
  wait?: string;
  /** The connection is closed without an answer. */
  drop?: boolean;
  /** The answer breaks off after so many bytes. */
  truncate?: number;
  phase: 'before' | 'after';
  times?: number;
  every?: number;
  sequence?: boolean[];
  probability?: number;
  met: number;
  fired: number;
}

/** An account's money and debts, and what it may have. */
export interface AccountDetails {
  id: string;
  arrears: boolean;
  arrears_since?: string;
  balance_cents: number;
  coupon_cents: number;
  billed_cents: number;
  credit_cents: number;
  refund_vcpu_hours?: number;
  downgrade_privilege: boolean;
  denied_types: string[];
  hidden_types: string[];
  denied_charge_types: string[];
  type_quota: Record<string, number>;
  bandwidth_limit_mbps?: number;
  bandwidth_quota_mbps: number;
  billing_method_chosen: boolean;
  card_at_risk: boolean;
  economical_mode: boolean;
}

/** An order. `amount_cents` is negative for a refund. */
export interface Order {
  order_id: string;
  instance_id: string;
  operation: string;
  kind: 'buy' | 'upgrade' | 'downgrade' | 'renew' | 'convert';
  state: 'unpaid' | 'processing' | 'completed' | 'cancelled' | 'invalid';
  before?: Configuration;
  after: Configuration;
  amount_cents: number;
  coupon_cents: number;
  created_at: string;
  paid_at?: string;
  closed_at?: string;
  lapses_at?: string;
  takes?: string;
}

/** What of an instance an order is about. */
export interface Configuration {
  charge_type: string;
  instance_type: string;
  bandwidth_out_mbps: number;
  internet_charge_type: string;
  expires_at?: string;
}

/** An instance as world documents have it, and what its guest sees. */
export interface Instance {
  instance_id: string;
  guest: Guest;
  instance: Record<string, any>;
}

/** The machine that runs, which is not the one DescribeInstances shows while a new type waits. */
export interface Guest {
  instance_type: string;
  vcpus: number;
  memory_mib: number;
}

/** All that one cause changed of an instance at one moment. */
export interface HistoryEntry {
  at: string;
  event: 'created' | 'changed' | 'released';
  /** The changes by name, such as status, renew, expire. */
  what: string[];
  cause: Cause;
  /** By the keys of world documents. */
  changes?: Record<string, Difference>;
}

/** What caused a change: a call, a control call, or something that came due by itself. */
export interface Cause {
  kind: 'call' | 'control' | 'due';
  action?: string;
  request_id?: string;
  order_id?: string;
}

/** What something was and is; null where there was or is nothing. */
export interface Difference {
  before: any;
  after: any;
}
