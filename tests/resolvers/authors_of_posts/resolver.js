import { batchGet } from '@aws-appsync/utils/dynamodb'

export function request(ctx) {
  const keys = ctx.source.authors.map((id) => ({ id }))
  return batchGet({ tables: { authors: { keys, consistentRead: true } } })
}

export function response(ctx) {
  return ctx.result.data.authors.filter((author) => author !== null)
}
