import { util } from '@aws-appsync/utils'

const ALLOWED = ['admins', 'staff']

export function request(ctx) {
  if (!ctx.identity || !ctx.identity.sub) {
    util.unauthorized()
  }
  ctx.stash.allowedGroups = [...ALLOWED]
  return { operation: 'GetItem', key: util.dynamodb.toMapValues({ id: ctx.args.id }) }
}

export function response(ctx) {
  const { sub, groups } = ctx.identity
  const isAllowed =
    ctx.result?.owner === sub || (groups ?? []).some((group) => ALLOWED.includes(group))
  if (!isAllowed) {
    util.unauthorized()
  }
  return ctx.result
}
