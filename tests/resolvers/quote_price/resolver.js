import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const { parentTypeName, fieldName, selectionSetList } = ctx.info
  return {
    operation: 'Invoke',
    payload: {
      field: `${parentTypeName}.${fieldName}`,
      arguments: ctx.args,
      currency: ctx.source.currency,
      tier: ctx.identity.claims.tier ?? 'none',
      wantsDiscounts: selectionSetList.includes('discounts'),
    },
  }
}

export function response(ctx) {
  if (ctx.error) {
    util.error(ctx.error.message, ctx.error.type)
  }
  const { amount, discounts } = ctx.result
  return { amount, rounded: util.math.roundNum(amount), discounts }
}
