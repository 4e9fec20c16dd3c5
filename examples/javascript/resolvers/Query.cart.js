import { util } from '@aws-appsync/utils'
import { get } from '@aws-appsync/utils/dynamodb'
import { total } from './lib/price.js'

export function request(ctx) {
  return get({ key: { id: ctx.args.id } })
}

export function response(ctx) {
  if (!ctx.result) {
    util.error(`There is no cart ${ctx.args.id}`, 'NotFound')
  }
  const { id, lines } = ctx.result
  console.log('priced', lines.length, 'lines')
  return { id, lines, total: total(lines, ctx.args.coupon) }
}
