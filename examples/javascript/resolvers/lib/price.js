const COUPONS = { TENTH: 0.1, HALF: 0.5 }

export function total(lines, coupon) {
  const sum = lines.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
  return sum * (1 - (COUPONS[coupon] ?? 0))
}
