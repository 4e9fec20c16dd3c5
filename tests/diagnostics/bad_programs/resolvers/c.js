import { util } from '@aws-appsync/util'
import { gett } from '@aws-appsync/utils/dynamodb'

let count = 0

export function reqest(ctx) {
  count += 1
  while (count > 0) {
    count--
  }
  return { payload: fetch('https://example.com') }
}
