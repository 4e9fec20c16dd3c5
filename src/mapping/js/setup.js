// What APPSYNC_JS does otherwise than JavaScript. It runs once in each context, before everything in
// it is frozen.
//
// See: appsync.md 2.5.

import { modules } from 'loomgate:prelude';

const { defineProperty } = Object;
const { apply } = Reflect;
const { replaceAll, replaceFirst } = modules['loomgate:java'];

export function setup() {
  javaPatterns('replace', replaceFirst);
  javaPatterns('replaceAll', replaceAll);
  lenientParse();
}

/** A text that is looked for is a regular expression of Java's. */
function javaPatterns(name, replace) {
  const original = String.prototype[name];
  const { [name]: method } = {
    [name](what, by) {
      if (typeof what === 'string' && typeof by === 'string') return replace(`${this}`, what, by);
      return apply(original, this, [what, by]);
    },
  };
  defineProperty(String.prototype, name, { value: method });
}

/** What is no JSON is an empty text. */
function lenientParse() {
  const original = JSON.parse;
  const { parse } = {
    parse(text, reviver) {
      try {
        return original(text, reviver);
      } catch (error) {
        if (error instanceof SyntaxError) return '';
        throw error;
      }
    },
  };
  defineProperty(JSON, 'parse', { value: parse });
}
