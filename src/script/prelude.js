// What a context is made of before any program enters it. It runs once in each context.
//
// Everything that a program could change is frozen here, and what could tell it the time, compile
// text or wait is taken away.

const { freeze, getOwnPropertyDescriptor, getPrototypeOf, defineProperty, keys } = Object;
const { ownKeys, apply, construct } = Reflect;
const { isArray } = Array;
const quote = JSON.stringify;

/** What native modules export: by module, by name. */
export const modules = { __proto__: null };

/** Gives the native functions their places; `clock` looks whether there is time left. */
export function placeAll(natives, clock) {
  look = clock;
  for (const [module, path, global, call] of natives) place(module, path, global, call);
}

/** Changes what is built in, then freezes the world. */
export function prepare(setup) {
  withhold();
  boundDate();
  boundLoops();
  setup();
  watchedCalls();
  letOverride();
  harden(modules);
  for (const root of hidden()) harden(root);
  harden(globalThis);
}

function place(module, path, global, call) {
  const names = path.split('.');
  const last = names.pop();
  let at = (modules[module] ??= { __proto__: null });
  for (const name of names) at = at[name] ??= {};
  at[last] = path.startsWith('console.') ? (...values) => call(print(values)) : call;
  if (global) globalThis[path.split('.')[0]] = modules[module][path.split('.')[0]];
}

// === What is taken away ===

function withhold() {
  const names = ['eval', 'Function', 'Atomics', 'SharedArrayBuffer', 'queueMicrotask', 'WeakRef',
    'FinalizationRegistry', 'performance'];
  for (const name of names) delete globalThis[name];
  // Both are slots of the engine, not properties: a value written there would outlive the run.
  delete Error.stackTraceLimit;
  delete Error.prepareStackTrace;
  for (const sample of [() => {}, function* () {}, async () => {}, async function* () {}]) {
    defineProperty(getPrototypeOf(sample), 'constructor', { value: refuse, writable: false });
  }
}

function refuse() {
  throw new TypeError('text cannot be compiled here');
}

/** `Date` for given moments: there is no clock. */
function boundDate() {
  const Whole = Date;
  function Bounded(...moment) {
    if (!new.target || moment.length === 0) {
      throw new TypeError('there is no clock here: Date needs a moment');
    }
    return construct(Whole, moment, new.target);
  }
  defineProperty(Bounded, 'name', { value: 'Date' });
  defineProperty(Bounded, 'length', { value: 7 });
  defineProperty(Bounded, 'prototype', { value: Whole.prototype, writable: false });
  for (const name of ['UTC', 'parse']) {
    defineProperty(Bounded, name, getOwnPropertyDescriptor(Whole, name));
  }
  defineProperty(Whole.prototype, 'constructor', { value: Bounded });
  globalThis.Date = Bounded;
}

// === What would hold a thread ===

const LONGEST = 10_000_000;

/** What is shorter takes no time worth a look at the clock. */
const SHORT = 1000;

/** Numbers are sorted without a look at the time. */
const LONGEST_SORTED = 1_000_000;

/** Throws when the run is over. */
let look;

/** The engine looks at the time in loops of a program and in most of its own, but not in these. */
function boundLoops() {
  const names = ['concat', 'copyWithin', 'fill', 'join', 'reverse', 'shift', 'slice', 'sort',
    'splice', 'toLocaleString', 'toReversed', 'toSorted', 'toSpliced', 'toString', 'unshift', 'with'];
  for (const name of names) {
    bound(Array.prototype, name, (original) => function (...given) {
      short(this, name);
      if (name === 'concat') for (const value of given) if (isArray(value)) short(value, name);
      return apply(original, this, given);
    });
  }
  bound(Array.prototype, 'flat', () => function flat(depth = 1) {
    const result = [];
    flatten(this, +depth, result);
    return result;
  });
  bound(String, 'raw', (original) => function raw(strings, ...given) {
    short(strings.raw, 'raw');
    return apply(original, this, [strings, ...given]);
  });
  for (const name of ['indexOf', 'lastIndexOf', 'includes', 'split', 'replaceAll', 'replace']) {
    bound(String.prototype, name, (original) => function (...given) {
      let [what] = given;
      const text = typeof this === 'string' || this == null ? this : `${this}`;
      if (text?.length > SHORT) look();
      if (typeof what !== 'string' && !dispatches(what)) given[0] = what = `${what}`;
      // Without a match, the engine compares the one with every part of the other.
      if (typeof what === 'string' && what.length > 64 && text?.length * what.length > 1e10) {
        throw new RangeError(`${name}: both texts are too long`);
      }
      return apply(original, text, given);
    });
  }
}

/** The engine looks at the time after some thousand steps, and each of them may be one of these. */
function watchedCalls() {
  const own = (self) => self?.length;
  const first = (_, [value]) => typeof value === 'string' ? value.length : 0;
  const both = (self, [value]) => own(self) + (value?.length ?? 0);
  const always = () => Infinity;
  const texts = ['normalize', 'toLocaleLowerCase', 'toLocaleUpperCase', 'toLowerCase', 'toUpperCase'];
  watch(String.prototype, texts, own);
  watch(String.prototype, ['concat', 'localeCompare'], both);
  watch(String.prototype, ['repeat'], (self, [count]) => own(self) * count);
  watch(String.prototype, ['padEnd', 'padStart'], (_, [length]) => length);
  const coders = ['decodeURI', 'decodeURIComponent', 'encodeURI', 'encodeURIComponent', 'escape',
    'parseFloat', 'parseInt', 'unescape'];
  watch(globalThis, coders, first);
  watch(Number, ['parseFloat', 'parseInt'], first);
  watch(JSON, ['parse'], first);
  watch(JSON, ['stringify'], always);
  watch(Object, ['assign', 'entries', 'fromEntries', 'getOwnPropertyNames', 'keys', 'values'], always);
  watch(BigInt.prototype, ['toString'], always);
  const typed = getPrototypeOf(Uint8Array.prototype);
  const sorts = ['sort', 'toSorted'];
  watch(typed, sorts, (self) => {
    if (own(self) > LONGEST_SORTED) throw new RangeError('sort: the array is too long');
    return own(self);
  });
  watch(typed, ['copyWithin', 'fill', 'includes', 'indexOf', 'join', 'lastIndexOf', 'reverse', 'set',
    'slice', 'toLocaleString', 'toReversed', 'with'], own);
}

/** Looks at the time before a call that has more than a little to do. */
function watch(object, names, size) {
  for (const name of names) {
    bound(object, name, (original) => function (...given) {
      if (size(this, given) > SHORT) look();
      return apply(original, this, given);
    });
  }
}

function dispatches(value) {
  return value === undefined || value instanceof RegExp || (typeof value === 'object' && value !== null
    && (value[Symbol.replace] ?? value[Symbol.split]) !== undefined);
}

/** Only of a real array is the length what it says, and the same a moment later. */
function short(list, name) {
  if (!isArray(list)) throw new TypeError(`${name}: not an array`);
  if (list.length > SHORT) look();
  if (list.length > LONGEST) throw new RangeError(`${name}: the array is too long`);
}

function flatten(list, depth, into) {
  short(list, 'flat');
  for (let i = 0; i < list.length; i++) {
    if (!(i in list)) continue;
    if (depth >= 1 && isArray(list[i])) flatten(list[i], depth - 1, into);
    else into.push(list[i]);
  }
}

function bound(object, name, wrap) {
  const original = object[name];
  const { [name]: bounded } = { [name]: wrap(original) };
  defineProperty(bounded, 'name', { value: name });
  defineProperty(bounded, 'length', { value: original.length });
  defineProperty(object, name, { value: bounded });
}

// === What is frozen ===

/**
 * A frozen property of a prototype cannot be assigned to in what inherits it, and `error.name = …`
 * is no attack. These become accessors that define the property where it is assigned.
 */
function letOverride() {
  const errors = [Error, AggregateError, EvalError, RangeError, ReferenceError, SyntaxError,
    TypeError, URIError];
  for (const { prototype } of errors) {
    for (const name of ['constructor', 'message', 'name', 'toString']) overridable(prototype, name);
  }
  for (const name of ['constructor', 'toString', 'toLocaleString', 'valueOf']) {
    overridable(Object.prototype, name);
  }
}

function overridable(prototype, name) {
  const own = getOwnPropertyDescriptor(prototype, name);
  if (!own || !('value' in own)) return;
  const { value } = own;
  const enumerable = true, configurable = true, writable = true;
  defineProperty(prototype, name, {
    get() { return value; },
    set(value) {
      if (this === prototype) throw new TypeError(`'${name}' is read-only`);
      defineProperty(this, name, { value, enumerable, configurable, writable });
    },
  });
}

/** What no global leads to. */
function hidden() {
  const sync = (function* () {})();
  const async = (async function* () {})();
  const text = '', list = [];
  return [sync, async, async () => {}, list[Symbol.iterator](), text[Symbol.iterator](),
    new Map().entries(), new Set().entries(), text.matchAll(/x/g), list.values().map((x) => x),
    Iterator.from({ next() {} }), (function () { return arguments; })()];
}

const seen = new Set();

/** Freezes an object and all that it leads to. */
export function harden(root) {
  const queue = [root];
  while (queue.length > 0) {
    const object = queue.pop();
    if ((typeof object !== 'object' && typeof object !== 'function') || object === null) continue;
    if (seen.has(object)) continue;
    seen.add(object);
    freeze(object);
    queue.push(getPrototypeOf(object));
    for (const key of ownKeys(object)) {
      const { value, get, set } = getOwnPropertyDescriptor(object, key);
      queue.push(value, get, set);
    }
  }
}

// === The console ===

/** Values as a console prints them: text bare, the rest as a program would write it. */
function print(values) {
  return values.map((value) => (typeof value === 'string' ? value : inspect(value, []))).join(' ');
}

function inspect(value, above) {
  switch (typeof value) {
    case 'string': return `'${quote(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
    case 'bigint': return `${value}n`;
    case 'symbol': return value.toString();
    case 'function': return `[Function: ${value.name || '(anonymous)'}]`;
    case 'object': return value === null ? 'null' : inspectObject(value, above);
    default: return Object.is(value, -0) ? '-0' : `${value}`;
  }
}

function inspectObject(value, above) {
  if (above.includes(value)) return '[Circular]';
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (value instanceof Date) return isNaN(value) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return `${value}`;
  if (above.length > 2) return isArray(value) ? '[Array]' : '[Object]';
  const below = [...above, value];
  if (isArray(value)) return around('[', list(value, (item) => inspect(item, below)), ']');
  if (value instanceof Map) {
    const entry = ([key, item]) => `${inspect(key, below)} => ${inspect(item, below)}`;
    return `Map(${value.size}) ${around('{', list([...value], entry), '}')}`;
  }
  if (value instanceof Set) {
    return `Set(${value.size}) ${around('{', list([...value], (item) => inspect(item, below)), '}')}`;
  }
  const entry = (key) => `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : inspect(key)}: ${inspect(value[key], below)}`;
  return around('{', list(keys(value), entry), '}');
}

function list(items, write) {
  const written = items.slice(0, 100).map(write);
  if (items.length > 100) written.push(`... ${items.length - 100} more items`);
  return written;
}

function around(open, items, close) {
  return items.length === 0 ? `${open}${close}` : `${open} ${items.join(', ')} ${close}`;
}
