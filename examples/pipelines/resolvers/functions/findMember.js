import { util } from '@aws-appsync/utils'
import { get } from '@aws-appsync/utils/dynamodb'

export function request(ctx) {
  return get({ key: { id: ctx.args.to } })
}

export function response(ctx) {
  const member = ctx.result
  if (!member) {
    util.error(`${ctx.args.to} is no member`, 'NotFound')
  }
  if (member.limit < 1) {
    util.error(`${member.name} may not borrow`, 'Forbidden', null, { limit: member.limit })
  }
  ctx.stash.member = member
  return member
}
