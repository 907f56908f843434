// SPDX-License-Identifier: Apache-2.0
// A mapped array as memory of ours: structs at their places, and words that change at one stroke.
import { type Layout, viewOf } from '../abi/codec.js'
import type { MapMemory } from '../native/xlvs.js'

/** The kernel rounds an array's elements up to eight bytes. */
export function strideOf(size: number): number {
  return Math.ceil(size / 8) * 8
}

export class MappedArray<T> {
  readonly stride: number
  private readonly view: DataView
  private readonly words: BigUint64Array
  private readonly halves: Uint32Array

  constructor(
    private readonly layout: Layout<T>,
    memory: MapMemory,
    readonly entries: number,
  ) {
    this.stride = strideOf(layout.size)
    const bytes = memory.bytes()
    this.view = viewOf(bytes)
    this.words = new BigUint64Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 8))
    this.halves = new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4))
  }

  read(index: number): T {
    return this.layout.read(this.view, index * this.stride)
  }

  /** The indices of elements that are not all zero: most of a table is, and is not worth decoding. */
  taken(): number[] {
    const length = this.stride / 4
    const indices: number[] = []
    for (let index = 0; index < this.entries; index++) {
      const end = (index + 1) * length
      let half = index * length
      while (half < end && this.halves[half] === 0) half++
      if (half < end) indices.push(index)
    }
    return indices
  }

  /** What another layout says of the same bytes: a schedule's head is overlaid on a ring line. */
  readAs<U>(layout: Layout<U>, index: number): U {
    return layout.read(this.view, index * this.stride)
  }

  writeAs<U>(layout: Layout<U>, index: number, value: U): void {
    layout.write(this.view, index * this.stride, value)
  }

  /** For what no packet reads meanwhile. */
  write(index: number, value: T): void {
    this.layout.write(this.view, index * this.stride, value)
  }

  /** Sets an element to zero, word by word from the first on. */
  clear(index: number): void {
    const first = (index * this.stride) / 8
    for (let word = first; word < first + this.stride / 8; word++) Atomics.store(this.words, word, 0n)
  }

  /** The 64-bit word `at` bytes into an element. */
  word(index: number, at: number): bigint {
    return Atomics.load(this.words, (index * this.stride + at) / 8)
  }

  /** One 64-bit store; whoever sees it sees what was written before. */
  publish64(index: number, at: number, word: bigint): void {
    Atomics.store(this.words, (index * this.stride + at) / 8, word)
  }

  /** One 32-bit store; whoever sees it sees what was written before. */
  publish32(index: number, at: number, half: number): void {
    Atomics.store(this.halves, (index * this.stride + at) / 4, half)
  }

  /** 16-bit numbers from element `index` on, in memory itself. */
  shorts(index: number, count: number): Uint16Array {
    return new Uint16Array(this.view.buffer, this.view.byteOffset + index * this.stride, count)
  }
}
