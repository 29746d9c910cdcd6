// The OpenAPI document as a judge: which calls there are, and whether a value is of a schema. Knows
// the keywords the document uses, and fails at any other.

import assert from 'node:assert/strict';

// Method, path and description of each call, by operationId.
export function operations(document) {
  const all = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => [
      operation.operationId,
      { method: method.toUpperCase(), path, operation },
    ]),
  );
  return Object.fromEntries(all);
}

export function queryNames({ parameters = [] }) {
  return parameters.filter((one) => one.in === 'query').map((one) => one.name);
}

export function bodySchema({ requestBody }) {
  return requestBody?.content['application/json'].schema;
}

// The schema of a success; undefined where it has no body.
export function answerSchema({ responses }) {
  const [success] = Object.entries(responses).filter(([status]) => status.startsWith('2'));
  const [content] = Object.values(success[1].content ?? {});
  return content?.schema;
}

// A schema, or the one it refers to; that of a nullable where it is one.
export function resolved(document, schema) {
  const choice = schema.anyOf?.find((one) => one.type !== 'null');
  if (choice) {
    return resolved(document, choice);
  }
  return schema.$ref ? document.components.schemas[schema.$ref.split('/').at(-1)] : schema;
}

export function check(document, schema, value, where) {
  if (schema === true) {
    return;
  }
  for (const [keyword, said] of Object.entries(schema)) {
    const judge = KEYWORDS[keyword];
    assert.ok(judge, `${where}: the tests do not know the keyword ${keyword}`);
    judge({ document, schema, value, where }, said);
  }
}

const nothing = () => {};
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

const KEYWORDS = {
  title: nothing,
  description: nothing,
  default: nothing,
  examples: nothing,
  format: nothing,
  readOnly: nothing,
  $ref: ({ document, schema, value, where }) =>
    check(document, resolved(document, schema), value, where),
  type: ({ value, where }, types) =>
    assert.ok([types].flat().some((type) => isOf(type, value)), `${where} is no ${types}`),
  const: ({ value, where }, only) => assert.equal(value, only, where),
  enum: ({ value, where }, some) => assert.ok(some.includes(value), where),
  minimum: ({ value, where }, least) => assert.ok(value === null || value >= least, where),
  maximum: ({ value, where }, most) => assert.ok(value === null || value <= most, where),
  uniqueItems: ({ value, where }) => assert.equal(new Set(value).size, value.length, where),
  required: ({ value, where }, names) => {
    for (const name of isObject(value) ? names : []) {
      assert.ok(name in value, `${where}.${name} is missing`);
    }
  },
  properties: ({ document, value, where }, properties) => {
    for (const [name, schema] of Object.entries(isObject(value) ? properties : {})) {
      if (name in value) {
        check(document, schema, value[name], `${where}.${name}`);
      }
    }
  },
  additionalProperties: ({ document, schema, value, where }, others) => {
    for (const name of isObject(value) ? Object.keys(value) : []) {
      if (!(name in (schema.properties ?? {}))) {
        assert.notEqual(others, false, `${where}.${name} is unknown`);
        check(document, others, value[name], `${where}.${name}`);
      }
    }
  },
  minItems: ({ value, where }, least) => assert.ok(value.length >= least, where),
  maxItems: ({ value, where }, most) => assert.ok(value.length <= most, where),
  prefixItems: ({ document, value, where }, schemas) => {
    for (const [index, schema] of schemas.entries()) {
      check(document, schema, value[index], `${where}[${index}]`);
    }
  },
  items: ({ document, value, where }, schema) => {
    for (const [index, one] of (Array.isArray(value) ? value : []).entries()) {
      check(document, schema, one, `${where}[${index}]`);
    }
  },
  oneOf: (context, choices) => assert.equal(fitting(context, choices), 1, context.where),
  anyOf: (context, choices) => assert.ok(fitting(context, choices) > 0, context.where),
};

function fitting({ document, value, where }, choices) {
  return choices.filter((choice) => {
    try {
      check(document, choice, value, where);
      return true;
    } catch {
      return false;
    }
  }).length;
}

function isOf(type, value) {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isObject(value);
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}
