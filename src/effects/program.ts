// SPDX-License-Identifier: Apache-2.0
// The packet program: loaded anew at every start, over the maps that are pinned or over new ones.
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { decodeAll, encode, viewOf } from '../abi/codec.js'
import { AbiLimit, Identity, Server, Vip, VipKey } from '../abi/layout.js'
import { UserError } from '../model/errors.js'
import { BpfObject, lookUp, pin, update } from '../native/libbpf.js'
import { readHash } from '../native/xlvs.js'
import { entriesOf, IDENTITY, linkedInterface, pinned, pinnedEntries, unpinMaps, withPin } from './pins.js'
import { contradictions, entriesFor, type Limits, linesFor, listenerLinesFor, mapNames } from './sizes.js'

/** build/director.bpf.o, seen from build/js/src/effects. */
const objectPath = fileURLToPath(new URL('../../../director.bpf.o', import.meta.url))

const first = Buffer.alloc(4)

export interface Loaded {
  readonly object: BpfObject
  /** The program's descriptor. */
  readonly program: number
  readonly identity: Identity
  /** False when the maps are new, and empty. */
  readonly adopted: boolean
}

/** Loads the program over the maps in pinDir; makes those first if there are none, or if they hold nothing and the limits want others. */
export function loadProgram(pinDir: string, limits: Limits): Loaded {
  const found = findIdentity(pinDir, limits)
  const identity = found ?? newIdentity(limits)
  const object = new BpfObject(objectPath)
  for (const [name, entries] of entriesFor(limits)) object.setEntries(name, entries)
  for (const name of mapNames) {
    // libbpf would refuse a pinned device map: the kernel adds a flag to those.
    if (found) withPin(pinDir, name, (map) => object.reuse(name, map))
    else object.setPin(name, `${pinDir}/${name}`)
  }
  object.setConstant('identity', encode(Identity, identity))
  object.load()
  if (!found) pinIdentity(object, pinDir, identity)
  return { object, program: object.programDescriptor('director'), identity, adopted: found !== undefined }
}

function newIdentity(limits: Limits): Identity {
  const seeds = Array.from({ length: 3 }, () => randomBytes(8).readBigUInt64LE())
  return {
    version: AbiLimit.ABI_VERSION,
    lines: linesFor(limits.connections),
    wideLines: linesFor(limits.wideConnections),
    listenerLines: listenerLinesFor(limits),
    wideListenerLines: listenerLinesFor(limits),
    // The second and third multiply, and must be odd for that.
    seeds: seeds.map((seed, i) => (i === 0 ? seed : seed | 1n)),
  }
}

/** The mark that the maps are whole: written, then pinned, after all the others. */
function pinIdentity(object: BpfObject, pinDir: string, identity: Identity): void {
  const map = object.mapDescriptor(IDENTITY)
  update(map, first, encode(Identity, identity))
  pin(map, `${pinDir}/${IDENTITY}`)
}

/**
 * The identity of maps to adopt. Undefined: there are none, and the way is clear for new ones: what a creation left that did
 * not get to its end is gone, and so are maps of other sizes that held nothing.
 */
function findIdentity(pinDir: string, limits: Limits): Identity | undefined {
  const identity = withPin(pinDir, IDENTITY, (map) => Identity.read(viewOf(lookUp(map, first, Identity.size))))
  if (!identity) {
    refuseUnderLinks(pinDir)
    unpinMaps(pinDir)
    return undefined
  }
  refuseOtherVersion(identity, pinDir)
  const sizes = pinnedEntries(pinDir)
  const missing = mapNames.filter((name) => !sizes.has(name))
  if (missing.length > 0) throw unusable(pinDir, `lacks ${missing.join(', ')}`)
  const refused = contradictions(limits, sizes)
  if (refused.length === 0) return identity
  if (!isEmpty(pinDir)) throw otherLimits(refused)
  unpinMaps(pinDir)
  return undefined
}

function unusable(pinDir: string, what: string): UserError {
  const message = `${pinDir} ${what}; "xlvsd detach --config FILE" clears it, and the connections with it`
  return new UserError('conflict', message, [{ path: 'pinDir', message }])
}

/** A link without the mark: somebody removed pins by hand, and packets still pass through the maps that lost their names. */
function refuseUnderLinks(pinDir: string): void {
  if (pinned(pinDir).some((name) => linkedInterface(name) !== undefined))
    throw unusable(pinDir, `holds links but no ${IDENTITY}: it is not whole`)
}

function refuseOtherVersion({ version }: Identity, pinDir: string): void {
  if (version !== AbiLimit.ABI_VERSION)
    throw unusable(pinDir, `holds maps of layout ${version}, and this xlvsd has layout ${AbiLimit.ABI_VERSION}`)
}

function otherLimits(refused: ReturnType<typeof contradictions>): UserError {
  const errors = refused.map(({ limit, pinned, wanted }) => ({
    path: `limits.${limit}`,
    message: `the pinned maps were made for ${pinned}, and ${wanted} needs others; keep ${pinned}, or run "xlvsd detach --config FILE" first, which ends all connections`,
  }))
  return new UserError('conflict', 'the limits do not fit the pinned maps', errors)
}

/** Nothing is lost with maps that hold no VIP and no server: `make load` left them. */
function isEmpty(pinDir: string): boolean {
  const vips = withPin(pinDir, 'vips', (map) => readHash(map, VipKey.size, Vip.size, entriesOf(map)).count)
  const servers = withPin(pinDir, 'servers', (map) => readHash(map, first.length, Server.size, entriesOf(map)))
  return (
    vips === 0 && servers !== undefined && decodeAll(Server, servers.values, servers.count).every(({ service }) => service === 0)
  )
}
