import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const { filter, limit = 100, nextToken } = ctx.args
  return {
    operation: 'Scan',
    limit,
    nextToken,
    filter: filter ? JSON.parse(util.transform.toDynamoDBFilterExpression(filter)) : undefined,
  }
}

export function response(ctx) {
  if (ctx.error) {
    util.error(ctx.error.message, ctx.error.type)
  }
  const { items = [], nextToken } = ctx.result
  return { items, nextToken }
}
