// SHA-256 (FIPS 180-4, section 6.2) over whole blocks. AssemblyScript; `node scripts/build-sha256.mjs` compiles it into the kit.

const K = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
])
const W = memory.data(256, 4)

/** Where the eight words of the state lie. */
export const state = memory.data(32, 4)
/** Where the host puts blocks: room for `capacity` bytes. */
export const input = memory.data(32768, 4)
export const capacity: u32 = 32768

@inline function extend0(x: u32): u32 { return rotr<u32>(x, 7) ^ rotr<u32>(x, 18) ^ (x >>> 3) }
@inline function extend1(x: u32): u32 { return rotr<u32>(x, 17) ^ rotr<u32>(x, 19) ^ (x >>> 10) }
@inline function sum0(a: u32): u32 { return rotr<u32>(a, 2) ^ rotr<u32>(a, 13) ^ rotr<u32>(a, 22) }
@inline function sum1(e: u32): u32 { return rotr<u32>(e, 6) ^ rotr<u32>(e, 11) ^ rotr<u32>(e, 25) }
@inline function choose(e: u32, f: u32, g: u32): u32 { return g ^ (e & (f ^ g)) }
@inline function majority(a: u32, b: u32, c: u32): u32 { return (a & b) ^ (c & (a ^ b)) }

/** Begins a new message. */
export function begin(): void {
  store<u32>(state, 0x6a09e667, 0)
  store<u32>(state, 0xbb67ae85, 4)
  store<u32>(state, 0x3c6ef372, 8)
  store<u32>(state, 0xa54ff53a, 12)
  store<u32>(state, 0x510e527f, 16)
  store<u32>(state, 0x9b05688c, 20)
  store<u32>(state, 0x1f83d9ab, 24)
  store<u32>(state, 0x5be0cd19, 28)
}

/** Takes the first `length` bytes at `input` into the state; a multiple of 64. */
export function absorb(length: u32): void {
  let a0 = load<u32>(state, 0), b0 = load<u32>(state, 4), c0 = load<u32>(state, 8), d0 = load<u32>(state, 12)
  let e0 = load<u32>(state, 16), f0 = load<u32>(state, 20), g0 = load<u32>(state, 24), h0 = load<u32>(state, 28)
  for (let p = input, end = input + length; p < end; p += 64) {
    for (let i: usize = 0; i < 64; i += 4) store<u32>(W + i, bswap<u32>(load<u32>(p + i)))
    for (let w = W, last = W + 192; w < last; w += 16) {
      store<u32>(w, load<u32>(w, 0) + load<u32>(w, 36) + extend0(load<u32>(w, 4)) + extend1(load<u32>(w, 56)), 64)
      store<u32>(w, load<u32>(w, 4) + load<u32>(w, 40) + extend0(load<u32>(w, 8)) + extend1(load<u32>(w, 60)), 68)
      store<u32>(w, load<u32>(w, 8) + load<u32>(w, 44) + extend0(load<u32>(w, 12)) + extend1(load<u32>(w, 64)), 72)
      store<u32>(w, load<u32>(w, 12) + load<u32>(w, 48) + extend0(load<u32>(w, 16)) + extend1(load<u32>(w, 68)), 76)
    }
    let a = a0, b = b0, c = c0, d = d0, e = e0, f = f0, g = g0, h = h0, t: u32
    for (let i: usize = 0; i < 256; i += 32) {
      const k = K + i, w = W + i
      t = h + sum1(e) + choose(e, f, g) + load<u32>(k, 0) + load<u32>(w, 0); d += t; h = t + sum0(a) + majority(a, b, c)
      t = g + sum1(d) + choose(d, e, f) + load<u32>(k, 4) + load<u32>(w, 4); c += t; g = t + sum0(h) + majority(h, a, b)
      t = f + sum1(c) + choose(c, d, e) + load<u32>(k, 8) + load<u32>(w, 8); b += t; f = t + sum0(g) + majority(g, h, a)
      t = e + sum1(b) + choose(b, c, d) + load<u32>(k, 12) + load<u32>(w, 12); a += t; e = t + sum0(f) + majority(f, g, h)
      t = d + sum1(a) + choose(a, b, c) + load<u32>(k, 16) + load<u32>(w, 16); h += t; d = t + sum0(e) + majority(e, f, g)
      t = c + sum1(h) + choose(h, a, b) + load<u32>(k, 20) + load<u32>(w, 20); g += t; c = t + sum0(d) + majority(d, e, f)
      t = b + sum1(g) + choose(g, h, a) + load<u32>(k, 24) + load<u32>(w, 24); f += t; b = t + sum0(c) + majority(c, d, e)
      t = a + sum1(f) + choose(f, g, h) + load<u32>(k, 28) + load<u32>(w, 28); e += t; a = t + sum0(b) + majority(b, c, d)
    }
    a0 += a; b0 += b; c0 += c; d0 += d; e0 += e; f0 += f; g0 += g; h0 += h
  }
  store<u32>(state, a0, 0)
  store<u32>(state, b0, 4)
  store<u32>(state, c0, 8)
  store<u32>(state, d0, 12)
  store<u32>(state, e0, 16)
  store<u32>(state, f0, 20)
  store<u32>(state, g0, 24)
  store<u32>(state, h0, 28)
}
