import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const headers = util.http.copyHeaders(ctx.request.headers)
  headers['content-type'] = 'application/json'
  return {
    method: 'POST',
    resourcePath: ctx.env.HOOK_PATH,
    params: {
      headers,
      query: { event: util.urlEncode(ctx.args.event) },
      body: ctx.args.payload,
    },
  }
}

export function response(ctx) {
  const { statusCode, body } = ctx.result
  if (statusCode < 200 || statusCode >= 300) {
    util.error(`The hook answered ${statusCode}`, 'Hook', JSON.parse(body))
  }
  return JSON.parse(body)
}
