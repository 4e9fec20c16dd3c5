import { runtime } from '@aws-appsync/utils'

export function request(ctx) {
  const unseen = ctx.prev.result.ids.filter((id) => !ctx.stash.seen.includes(id))
  if (unseen.length === 0) {
    runtime.earlyReturn([])
  }
  const ids = unseen.slice(0, ctx.args.first)
  ctx.stash.asked = ids.length
  return { method: 'GET', resourcePath: '/items', params: { query: { ids: ids.join(',') } } }
}

export function response(ctx) {
  return { items: ctx.result, more: ctx.prev.result.ids.includes('z') }
}
