// SPDX-License-Identifier: Apache-2.0
// What every generated layout can do, and MAC addresses as bytes.

/** What layout.ts exports for a struct. */
export interface Layout<T> {
  readonly size: number
  read(view: DataView, offset?: number): T
  write(view: DataView, offset: number, value: T): void
}

/** The same bytes as a DataView. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/** One struct's bytes. */
export function encode<T>(layout: Layout<T>, value: T): Buffer {
  return encodeAll(layout, [value])
}

/** An array of structs, one after another. */
export function encodeAll<T>(layout: Layout<T>, values: readonly T[]): Buffer {
  const bytes = Buffer.alloc(layout.size * values.length)
  const view = viewOf(bytes)
  values.forEach((value, i) => {
    layout.write(view, i * layout.size, value)
  })
  return bytes
}

/** The first `count` structs of an array. */
export function decodeAll<T>(layout: Layout<T>, bytes: Uint8Array, count: number): T[] {
  const view = viewOf(bytes)
  return Array.from({ length: count }, (_, i) => layout.read(view, i * layout.size))
}

/** `02:00:00:00:00:11` → its six bytes. */
export function macBytes(mac: string): number[] {
  return mac.split(':').map((part) => Number.parseInt(part, 16))
}

export function macText(bytes: readonly number[]): string {
  return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')
}
