import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const { post, ids } = ctx.args
  return {
    operation: 'BatchDeleteItem',
    tables: {
      comments: ids.map((id) => util.dynamodb.toMapValues({ post, id })),
    },
  }
}

export function response(ctx) {
  if (ctx.error) {
    util.appendError(ctx.error.message, ctx.error.type, null, ctx.result.unprocessedKeys)
  }
  return ctx.result.data.comments
}
