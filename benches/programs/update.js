import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const { id, expectedVersion, ...changes } = ctx.args.input
  const names = { '#version': 'version' }
  const values = { ':one': { N: 1 }, ':expected': { N: expectedVersion } }
  const set = ['#version = #version + :one']
  for (const field of ['status', 'note', 'carrier']) {
    if (Object.hasOwn(changes, field)) {
      set.push(`#${field} = :${field}`)
      names[`#${field}`] = field
      values[`:${field}`] = { S: changes[field] }
    }
  }
  return {
    operation: 'UpdateItem',
    key: { id: { S: id } },
    update: { expression: `SET ${set.join(', ')}`, expressionNames: names, expressionValues: values },
  }
}

export function response(ctx) {
  if (ctx.error) {
    util.error(ctx.error.message, ctx.error.type)
  }
  const { id, version, lines } = ctx.result
  return { id, version, count: lines.length }
}
