// SPDX-License-Identifier: Apache-2.0
// libbpf: opening objects, setting them up, loading and pinning them.
import ffi from 'ffi-napi'
import { check, type Handle, type Wide } from './library.js'
import { setConstant, takeLog } from './xlvs.js'

// Pointers are numbers here: libbpf's objects are handles that only libbpf looks into.
const libbpf = ffi.Library('libbpf.so.1', {
  bpf_object__open_file: ['uint64', ['string', 'uint64']],
  bpf_object__find_map_by_name: ['uint64', ['uint64', 'string']],
  bpf_object__find_program_by_name: ['uint64', ['uint64', 'string']],
  bpf_object__load: ['int', ['uint64']],
  bpf_object__close: ['void', ['uint64']],
  bpf_map__set_max_entries: ['int', ['uint64', 'uint32']],
  bpf_map__max_entries: ['uint32', ['uint64']],
  bpf_map__set_pin_path: ['int', ['uint64', 'string']],
  bpf_map__reuse_fd: ['int', ['uint64', 'int']],
  bpf_map__fd: ['int', ['uint64']],
  bpf_program__fd: ['int', ['uint64']],
  bpf_obj_get: ['int', ['string']],
  bpf_obj_pin: ['int', ['int', 'string']],
  bpf_map_lookup_elem: ['int', ['int', 'byte*', 'byte*']],
  bpf_map_update_elem: ['int', ['int', 'byte*', 'byte*', 'uint64']],
})

/** Throws with what libbpf logged, since the number alone rarely tells why. */
function explained(result: number, doing: string): number {
  const log = takeLog()
  return check(result, log === '' || result >= 0 ? doing : `${doing}:\n${log}`)
}

function found(handle: Wide, doing: string): Handle {
  if (handle === 0) explained(-2, doing)
  return Number(handle)
}

/** An object file, open; its maps are made and its programs checked by `load`. */
export class BpfObject {
  private readonly handle: Handle

  constructor(readonly path: string) {
    this.handle = found(libbpf.bpf_object__open_file(path, 0), `open ${path}`)
  }

  private map(name: string): Handle {
    return found(libbpf.bpf_object__find_map_by_name(this.handle, name), `find the map ${name} in ${this.path}`)
  }

  /** As the object says, or as set. */
  entries(map: string): number {
    return libbpf.bpf_map__max_entries(this.map(map))
  }

  setEntries(map: string, entries: number): void {
    check(libbpf.bpf_map__set_max_entries(this.map(map), entries), `give the map ${map} ${entries} entries`)
  }

  /** `load` makes the map and pins it there. */
  setPin(map: string, path: string): void {
    check(libbpf.bpf_map__set_pin_path(this.map(map), path), `choose ${path} for the map ${map}`)
  }

  /** `load` takes this map, and makes none. */
  reuse(map: string, descriptor: number): void {
    check(libbpf.bpf_map__reuse_fd(this.map(map), descriptor), `use the pinned map ${map}`)
  }

  setConstant(name: string, value: Buffer): void {
    setConstant(this.handle, name, value)
  }

  load(): void {
    explained(libbpf.bpf_object__load(this.handle), `load ${this.path}`)
  }

  mapDescriptor(name: string): number {
    return check(libbpf.bpf_map__fd(this.map(name)), `use the map ${name}`)
  }

  programDescriptor(name: string): number {
    const program = found(libbpf.bpf_object__find_program_by_name(this.handle, name), `find the program ${name}`)
    return check(libbpf.bpf_program__fd(program), `use the program ${name}`)
  }

  /** Closes every descriptor; what is pinned or attached stays. */
  close(): void {
    libbpf.bpf_object__close(this.handle)
  }
}

/** A descriptor of what is pinned at `path`. ENOENT: nothing is. */
export function openPin(path: string): number {
  return check(libbpf.bpf_obj_get(path), `open ${path}`)
}

export function pin(descriptor: number, path: string): void {
  check(libbpf.bpf_obj_pin(descriptor, path), `pin ${path}`)
}

export function lookUp(map: number, key: Buffer, valueSize: number): Buffer {
  const value = Buffer.alloc(valueSize)
  check(libbpf.bpf_map_lookup_elem(map, key, value), 'read a map element')
  return value
}

export function update(map: number, key: Buffer, value: Buffer): void {
  check(libbpf.bpf_map_update_elem(map, key, value, 0), 'write a map element')
}
