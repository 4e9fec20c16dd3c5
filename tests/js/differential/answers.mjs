// Answers in the exact spelling that a service may choose, kept as text: JSON.parse would lose
// the difference between `1.0` and `1`.

export const scalars = {
  plain: `{"int": 1, "float": 1.5, "string": "s", "boolean": true, "id": "i", "breed": "CORGI", "json": {"b": [1, {"a": null}]}, "date": "2020-02-30", "ints": [1, 2], "breeds": ["CORGI", "HUSKY"], "strictInt": 0}`,
  nulls: `{"int": null, "float": null, "string": null, "boolean": null, "id": null, "breed": null, "json": null, "date": null, "ints": null, "breeds": null, "strictInt": 1, "address": null}`,
  absent: `{"strictInt": 1}`,
  wholeFloats: `{"int": 1.0, "float": 2.0, "string": 3.0, "boolean": 4.0, "id": 5.0, "breed": 1.0, "json": 6.0, "date": 7.0, "ints": [1.0, 2e2, 30E-1], "strictInt": -0.0}`,
  fractions: `{"int": 1.5, "float": 0.1, "string": 1.5, "boolean": 0.5, "id": 1.5, "breed": 1.5, "json": 1.5, "date": 1.5, "ints": [1, 1.5, 2], "strictInt": 1}`,
  fractionForStrictInt: `{"int": 1, "strictInt": 1.5}`,
  integers: `{"int": 0, "float": 1, "string": 2, "boolean": 0, "id": 3, "breed": 0, "json": 4, "date": 5, "strictInt": 2147483647}`,
  numericStrings: `{"int": "12", "float": "1.5", "string": "12", "boolean": "1", "id": "12", "json": "1", "date": "1", "ints": ["1", "-2", "1e3"], "strictInt": "7"}`,
  spacedStrings: `{"int": " 12 ", "float": " 1.5\\n", "ints": ["0x10", "0b11", "0o7", "+5", ".5e1", "5."], "strictInt": "1.0"}`,
  words: `{"int": "twelve", "float": "many", "string": "word", "boolean": "true", "id": "word", "breed": "word", "json": "word", "date": "word", "ints": ["1", "one", "1_000", "1n"], "strictInt": 1}`,
  emptyStrings: `{"int": "", "float": "", "string": "", "boolean": "", "id": "", "breed": "", "json": "", "date": "", "ints": [" "], "strictInt": 1}`,
  booleans: `{"int": true, "float": false, "string": true, "boolean": false, "id": true, "breed": true, "json": true, "date": false, "ints": [true, false], "strictInt": true}`,
  objects: `{"int": {}, "float": {}, "string": {"a": 1}, "boolean": {}, "id": {}, "breed": {}, "json": {}, "date": {"a": [1]}, "ints": {}, "breeds": {}, "strictInt": 1}`,
  lists: `{"int": [1], "float": [1], "string": ["a"], "boolean": [true], "id": ["a"], "breed": ["CORGI"], "json": [1], "date": [1], "ints": [[1]], "breeds": [["CORGI"]], "strictInt": 1}`,
  huge: `{"int": 2147483648, "float": 1e308, "string": 9007199254740991, "boolean": 1e300, "id": 9007199254740991, "breed": 1e300, "json": 9007199254740991, "date": 1e21, "ints": [-2147483648, -2147483649, 2147483647, 99999999999], "strictInt": -2147483648}`,
  exponents: `{"int": 1e3, "float": 1e3, "string": 1e3, "id": 1e3, "json": 1e3, "ints": [1E2, 100e-2, 15e-1], "strictInt": 2.147483647e9}`,
  odd: `{"string": 1e21, "float": 1e-7, "id": 123456789012, "ints": [-0, 0e5], "json": "\\u0041\\ud83d\\ude00\\/", "date": "\\u2028<", "strictInt": 1}`,
  smallText: `{"string": 0.0000001, "strictInt": 1}`,
  badEnums: `{"breed": "corgi", "breeds": ["CORGI", "DRAGON", null, "HUSKY"], "strictInt": 1}`,
  scalarForObject: `{"address": "Main Street", "strictInt": 1}`,
  listForObject: `{"address": [{"street": "Main Street"}], "strictInt": 1}`,
  unusedJunk: `{"int": 1, "junk": {"deep": [[[{"x": "]}\\""}]]]}, "strictInt": 1, "int2": 5}`,
};

export const shapes = {
  good: `{
    "list": [1, 2], "ofStrict": [3], "strict": [], "strictOfStrict": [4, 5], "nested": [[1], [2, 3], []], "nestedOfStrict": [[1]], "nestedStrict": [[]],
    "cells": [{"value": 1, "strict": 2}], "cellsOfStrict": [{"value": null, "strict": 3}], "cellsStrict": [], "nestedCells": [[{"strict": 1}], []],
    "inner": {"list": [6], "strict": [7], "cellsStrict": [{"strict": 8}]}, "innerStrict": {"list": []}
  }`,
  nulls: `{
    "list": null, "ofStrict": null, "strict": null, "strictOfStrict": null, "nested": null, "nestedOfStrict": null, "nestedStrict": null,
    "cells": null, "cellsOfStrict": null, "cellsStrict": null, "nestedCells": null, "inner": null, "innerStrict": null
  }`,
  absent: `{}`,
  nullItems: `{
    "list": [1, null, 2], "ofStrict": [1, null, 2], "strict": [null], "strictOfStrict": [null], "nested": [[null], null, [1]], "nestedOfStrict": [[1], [null], null, [2]], "nestedStrict": [[1, null]],
    "cells": [null, {"value": 1, "strict": 1}], "cellsOfStrict": [{"strict": 1}, null], "cellsStrict": [null], "nestedCells": [[{"strict": 1}, null]],
    "inner": {"list": [null], "ofStrict": [null], "strictOfStrict": [1, null]}, "innerStrict": {"cellsStrict": [null], "nestedStrict": [null]}
  }`,
  badItems: `{
    "list": [1, "x", 2], "ofStrict": [1, "x", 2], "strict": [{}], "strictOfStrict": ["x"], "nested": [["x"], 5, [1]], "nestedOfStrict": [["x"], [1], 7], "nestedStrict": [["x"]],
    "cells": [{"value": "x", "strict": 1}, {"value": 1, "strict": "x"}, {"value": 1}], "cellsOfStrict": [{"strict": 1}, {"strict": "x"}], "cellsStrict": [{"strict": null}], "nestedCells": [[{"strict": 1}], [{"strict": "x"}]],
    "inner": {"list": ["x"], "ofStrict": ["x"], "strict": ["x"], "cellsStrict": [{"strict": 1}, {}]}, "innerStrict": {"list": ["x"]}
  }`,
  notLists: `{
    "list": 1, "ofStrict": "1", "strict": 1, "strictOfStrict": "abc", "nested": [1], "nestedOfStrict": [[1], "x"], "nestedStrict": 1,
    "cells": {"strict": 1}, "cellsOfStrict": "x", "cellsStrict": {}, "nestedCells": [{"strict": 1}], "inner": [], "innerStrict": {"list": true}
  }`,
  deep: `{"inner": {"inner": {"inner": {"inner": {"strictOfStrict": [1, null], "list": [1]}, "list": [2]}, "innerStrict": {"innerStrict": {"innerStrict": {"strict": null}}}, "list": [3]}}}`,
  nothing: `null`,
};

export const strays = {
  absent: `[{"id": "1"}, {"__typename": "Dog", "id": "2", "name": "x"}]`,
  unknown: `[{"__typename": "Dragon", "id": "1"}, {"__typename": "Cat", "id": "2", "name": "x"}]`,
  foreign: `[{"__typename": "Address", "id": "1", "street": "x"}, {"__typename": "House", "id": "2"}]`,
  abstract: `[{"__typename": "Animal", "id": "1"}]`,
  wrong: `[{"__typename": 7, "id": "1"}, {"__typename": null, "id": "1"}]`,
  scalar: `["x", 1, true, null]`,
  nested: `[[{"__typename": "Dog", "id": "2"}]]`,
};

export const stray = {
  absent: `{"id": "1"}`,
  unknown: `{"__typename": "Dragon"}`,
  foreign: `{"__typename": "House", "id": "1"}`,
  scalar: `"Dog"`,
  right: `{"__typename": "Dog", "id": "1", "name": "Right"}`,
};
