export function request(ctx) {
  const { since, limit = 10, nextToken, newestFirst } = ctx.args
  return {
    operation: 'Query',
    index: 'byAuthor',
    query: {
      expression: '#author = :author AND #published >= :since',
      expressionNames: { '#author': 'author', '#published': 'published' },
      expressionValues: { ':author': { S: ctx.source.id }, ':since': { S: since } },
    },
    limit,
    nextToken,
    scanIndexForward: !newestFirst,
  }
}

export function response(ctx) {
  return ctx.result
}
