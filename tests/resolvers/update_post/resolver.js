import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const { id, expectedVersion, ...changes } = ctx.args.input
  const names = { '#version': 'version' }
  const values = { ':one': { N: 1 }, ':expected': { N: expectedVersion } }
  const set = ['#version = #version + :one']
  const remove = []
  for (const [name, value] of Object.entries(changes)) {
    names[`#${name}`] = name
    if (value === null) {
      remove.push(`#${name}`)
    } else {
      set.push(`#${name} = :${name}`)
      values[`:${name}`] = util.dynamodb.toDynamoDB(value)
    }
  }
  let expression = `SET ${set.join(', ')}`
  if (remove.length > 0) {
    expression = `${expression} REMOVE ${remove.join(', ')}`
  }
  return {
    operation: 'UpdateItem',
    key: { id: { S: id } },
    update: { expression, expressionNames: names, expressionValues: values },
    condition: {
      expression: '#version = :expected',
      expressionNames: { '#version': 'version' },
      expressionValues: { ':expected': { N: expectedVersion } },
    },
  }
}

export function response(ctx) {
  if (ctx.error) {
    if (ctx.error.type === 'DynamoDB:ConditionalCheckFailedException') {
      util.error('The post was changed meanwhile', 'Conflict', ctx.result)
    }
    util.error(ctx.error.message, ctx.error.type)
  }
  return ctx.result
}
