import { runtime } from '@aws-appsync/utils'
import { put } from '@aws-appsync/utils/dynamodb'

export function request(ctx) {
  // Lent to this member already: nothing is written again.
  if (ctx.prev.result) {
    runtime.earlyReturn(ctx.prev.result)
  }
  return put({ key: { book: ctx.stash.book }, item: { member: ctx.stash.member.id } })
}

export function response(ctx) {
  return ctx.result
}
