export function request(ctx) {
  return { payload: 1 
}
