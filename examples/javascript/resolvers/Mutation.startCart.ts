import { util, type Context } from '@aws-appsync/utils'
import { put } from '@aws-appsync/utils/dynamodb'
import { total } from './lib/price'

type Line = { sku: string; price: number; quantity: number }

export function request(ctx: Context<{ id: string; lines: Line[] }>) {
  const { id, lines } = ctx.args
  if (lines.some((line: Line) => line.quantity < 1)) {
    util.error('A line has a quantity of at least one', 'Invalid')
  }
  return put({ key: { id }, item: { lines } })
}

export function response(ctx: Context) {
  return { ...ctx.result, total: total(ctx.result.lines as Line[], undefined) }
}
