import { util } from '@aws-appsync/utils'
import { get } from '@aws-appsync/utils/dynamodb'

export function request(ctx) {
  return get({ key: { id: ctx.args.id }, consistentRead: true })
}

export function response(ctx) {
  if (ctx.error) {
    util.error(ctx.error.message, ctx.error.type)
  }
  if (!ctx.result) {
    util.error(`There is no post ${ctx.args.id}`, 'NotFound')
  }
  return ctx.result
}
