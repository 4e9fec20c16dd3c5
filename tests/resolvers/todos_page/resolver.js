import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const { limit = 100, nextToken, filter } = ctx.args
  const { metadata, authFilter } = ctx.stash
  const own = { or: authFilter }
  const joined = metadata.owner ? (filter ? { and: [own, filter] } : own) : (filter ?? {})
  const request = { operation: 'Scan', limit, nextToken }
  if (Object.keys(joined).length > 0) {
    request.filter = JSON.parse(util.transform.toDynamoDBFilterExpression(joined))
  }
  return request
}

export function response(ctx) {
  if (ctx.error) {
    util.error(ctx.error.message, ctx.error.type)
  }
  return ctx.result
}
