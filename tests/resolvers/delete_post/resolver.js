import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const groups = ctx.identity.groups ?? []
  const request = {
    operation: 'DeleteItem',
    key: { id: util.dynamodb.toString(ctx.args.id) },
  }
  if (!groups.includes('admins')) {
    request.condition = {
      expression: '#owner = :owner',
      expressionNames: { '#owner': 'owner' },
      expressionValues: { ':owner': util.dynamodb.toString(ctx.identity.sub) },
    }
  }
  return request
}

export function response(ctx) {
  if (ctx.error) {
    util.unauthorized()
  }
  return ctx.result
}
