import { util } from '@aws-appsync/utils'

const { toString, toNumber, toList, toMap } = util.dynamodb

export function request(ctx) {
  const { order } = ctx.args
  const placed = {
    table: 'orders',
    operation: 'PutItem',
    key: { id: toString(order.id) },
    attributeValues: {
      owner: toString(ctx.identity.sub),
      lines: toList(order.lines),
      shipTo: toMap(order.shipTo),
    },
    condition: { expression: 'attribute_not_exists(id)' },
  }
  const taken = order.lines.map(({ sku, quantity }) => ({
    table: 'stock',
    operation: 'UpdateItem',
    key: { sku: toString(sku) },
    update: {
      expression: 'SET onHand = onHand - :n',
      expressionValues: { ':n': toNumber(quantity) },
    },
    condition: {
      expression: 'onHand >= :n',
      expressionValues: { ':n': toNumber(quantity) },
    },
  }))
  return { operation: 'TransactWriteItems', transactItems: [placed, ...taken] }
}

export function response(ctx) {
  if (ctx.error) {
    util.error('The order cannot be placed', 'OutOfStock', null, ctx.result.cancellationReasons)
  }
  return { id: ctx.result.keys[0].id, lines: ctx.args.order.lines.length }
}
