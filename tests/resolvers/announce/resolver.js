import { util } from '@aws-appsync/utils'

export function request(ctx) {
  const { channel, text } = ctx.args
  if (text.length > 500) {
    util.error('A text has at most 500 characters', 'TooLong')
  }
  return {
    payload: {
      channel,
      text,
      by: ctx.identity.username,
      at: util.time.epochMilliSecondsToISO8601(ctx.stash.at),
    },
  }
}

export function response(ctx) {
  return ctx.result
}
