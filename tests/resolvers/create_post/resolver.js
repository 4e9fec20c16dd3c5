import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const { id, ...values } = ctx.args.input
  values.owner = ctx.identity.sub
  values.version = 1
  return {
    operation: 'PutItem',
    key: util.dynamodb.toMapValues({ id: id ?? util.autoId() }),
    attributeValues: util.dynamodb.toMapValues(values),
    condition: {
      expression: 'attribute_not_exists(#id)',
      expressionNames: { '#id': 'id' },
    },
  }
}

export function response(ctx) {
  if (ctx.error?.type === 'DynamoDB:ConditionalCheckFailedException') {
    util.error('There is a post with this id', 'Conflict')
  }
  return ctx.result
}
