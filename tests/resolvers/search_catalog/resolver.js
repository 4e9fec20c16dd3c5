export function request(ctx) {
  const { words, page, size, sort } = ctx.args
  return {
    method: 'GET',
    resourcePath: '/search',
    params: {
      query: {
        q: words.trim().replaceAll('\\s+', ' ').toLowerCase(),
        from: (page - 1) * size,
        size,
        sort: sort || 'relevance',
      },
    },
  }
}

export function response(ctx) {
  const { page, size } = ctx.args
  const found = JSON.parse(ctx.result.body)
  const hits = found.hits.map(({ id, score }, index) => ({ id, score, rank: index + 1 }))
  return { hits, total: found.total, nextPage: page * size < found.total ? page + 1 : null }
}
