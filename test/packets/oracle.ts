// SPDX-License-Identifier: Apache-2.0
// Scapy, an implementation that is not ours: what it makes of frames, and what they are after they were rewritten.
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Frame } from './frame.js'

const script = fileURLToPath(new URL('../../../../test/packets/oracle.py', import.meta.url))

type Bytes = Frame | Buffer

/** What a frame says in a line, and the frame with lengths and checksums worked out anew. */
export interface Reread {
  readonly text: string
  readonly frame: string
}

/** What is put in place of what was there. */
interface Replacement {
  readonly source?: string
  readonly destination?: string
  readonly sourcePort?: number
  readonly destinationPort?: number
}

export interface Change extends Replacement {
  /** MAC addresses. */
  readonly to: string
  readonly from: string
  /** How much less time it has to live. */
  readonly hops?: number
  /** The packet that an ICMP error quotes: the whole of it, as it was before, and what is to be replaced in it. */
  readonly quoted?: Replacement & { readonly whole: Bytes }
  /** A tunnel's outer header. */
  readonly outer?: {
    readonly source: string
    readonly destination: string
    readonly ttl?: number
    readonly tos?: number
    readonly id?: number
    readonly dontFragment?: boolean
  }
}

export function reread(frames: readonly Bytes[]): Reread[] {
  return ask(frames.map((frame) => ({ frame: hex(frame) })))
}

/** Datagrams, each put together from its fragments. */
export function reassembled(datagrams: readonly (readonly Bytes[])[]): Reread[] {
  return ask(datagrams.map((frames) => ({ reassemble: frames.map(hex) })))
}

/** The frames as they must be after their changes, in hexadecimal. Scapy starts once for all of them. */
export function rewritten(frames: readonly (readonly [frame: Bytes, change: Change])[]): string[] {
  const requests = frames.map(([frame, change]) => {
    const quoted = change.quoted && { ...change.quoted, whole: hex(change.quoted.whole) }
    return { frame: hex(frame), change: { ...change, quoted } }
  })
  return ask(requests).map(({ frame }) => frame)
}

/** Debian's Python, which has Debian's python3-scapy. */
function ask(requests: readonly object[]): Reread[] {
  const input = requests.map((request) => JSON.stringify(request)).join('\n')
  const output = execFileSync('/usr/bin/python3', [script], { input, encoding: 'utf8', maxBuffer: 1 << 30, stdio: 'pipe' })
  return output
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Reread)
}

export function hex(bytes: Bytes): string {
  return (Buffer.isBuffer(bytes) ? bytes : bytes.bytes()).toString('hex')
}
