// SPDX-License-Identifier: Apache-2.0
// A lab that is up: namespaces, provisioned machines, ways to run things in them, and its end.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { directoryOf, readLease, removeLab, removeOrphans, watchdog, writeLease } from './lease.js'
import { environmentOf, type Family, interfacesOf, machineOf, readTopology, root, type Topology } from './topology.js'
import { enter, inNamespace, namespaceOf, namespacesOf, portPin, wire } from './wiring.js'

export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface LabOptions {
  /** Unique when absent. */
  readonly name?: string
  readonly topology?: Topology
  /** Leave it up when this process ends. */
  readonly keep?: boolean
}

export interface Counted {
  readonly packets: number
  readonly bytes: number
}

export class Lab {
  constructor(
    readonly name: string,
    readonly topology: Topology,
    private readonly callOff: () => void,
  ) {}

  /** Where the lab keeps its files; gone with it. */
  get directory(): string {
    return directoryOf(this.name)
  }

  site(machine: string): string {
    return `${this.directory}/${machine}`
  }

  /** A machine's own place in bpffs. */
  pins(machine: string): string {
    return pinsOf(this.name, machine)
  }

  /** The machine's first address of a family. */
  address(machine: string, family: Family = 4): string {
    const [first] = interfacesOf(this.topology, machine)
    const address = family === 4 ? first?.address : first?.address6
    if (!address) throw new Error(`${machine} has no address of IPv${family}`)
    return address
  }

  get vip(): string {
    return this.topology.vips[0] as string
  }

  get vip6(): string {
    return this.topology.vips6?.[0] as string
  }

  /** Runs a short command to its end and returns what it printed; throws if it fails. */
  do(machine: string, command: string, ...args: string[]): string {
    return inNamespace(namespaceOf(this.name, machine), command, args)
  }

  /** Starts a command that goes on beside us. */
  start(machine: string, command: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const [program, words] = enter(namespaceOf(this.name, machine), command, args)
    return spawn(program, words, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  }

  /** Runs a command while other things happen. */
  run(machine: string, command: string, args: readonly string[]): Promise<Finished> {
    return finished(this.start(machine, command, args))
  }

  /** What one interface has received and sent, by the machine's own count. */
  counted(machine: string, device = 'eth1'): { received: Counted; sent: Counted } {
    const [link] = JSON.parse(this.do(machine, 'ip', '-s', '-j', 'link', 'show', device))
    return { received: link.stats64.rx, sent: link.stats64.tx }
  }

  /** The requests that a server's nginx has answered, a line each. */
  answered(machine: string): string[] {
    return readFileSync(`${this.site(machine)}/logs/access.log`, 'utf8')
      .split('\n')
      .filter(Boolean)
  }

  close(): void {
    removeLab(this.name)
    this.callOff()
  }
}

export function pinsOf(lab: string, machine: string): string {
  return `/sys/fs/bpf/${lab}-${machine}`
}

function pinsSomething(topology: Topology, machine: string): boolean {
  const { role, forwarding } = machineOf(topology, machine)
  return role === 'director' || forwarding === 'tun'
}

/** Makes a lab. It ends with `close`, or else with this process, however that ends. */
export function startLab({ name = freshName(), topology = readTopology(), keep = false }: LabOptions = {}): Lab {
  removeOrphans()
  if (readLease(name)) throw new Error(`the lab ${name} is up already`)
  const pins = Object.keys(topology.machines).filter((machine) => pinsSomething(topology, machine))
  writeLease(
    { name, namespaces: namespacesOf(name, topology), pins: [portPin(name), ...pins.map((each) => pinsOf(name, each))] },
    keep,
  )
  const lab = new Lab(name, topology, keep ? () => {} : endWithUs(name))
  try {
    wire(name, topology)
    for (const machine of Object.keys(topology.machines)) provision(lab, machine)
  } catch (error) {
    lab.close()
    throw error
  }
  return lab
}

function provision(lab: Lab, machine: string): void {
  mkdirSync(lab.site(machine), { recursive: true })
  const script = `${root}vagrant/provision/${machineOf(lab.topology, machine).role}.sh`
  const environment = { ...environmentOf(lab.topology, machine), SITE: lab.site(machine), PINS: lab.pins(machine) }
  inNamespace(namespaceOf(lab.name, machine), 'sh', [script], environment)
}

let made = 0

/** Unique on this machine while this process lives. */
function freshName(): string {
  return `xl${process.pid.toString(36)}${made++ || ''}`
}

/** The result calls the ending off, for a lab that was closed in time. */
function endWithUs(name: string): () => void {
  const callOff = watchdog(name)
  const remove = () => void removeLab(name)
  const stop = (signal: NodeJS.Signals) => {
    remove()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.once('exit', remove)
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
  return () => {
    callOff()
    process.off('exit', remove)
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, stop)
  }
}

/** Resolves when the process has ended and its output is whole. */
export function finished(child: ChildProcess): Promise<Finished> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, stdout, stderr }))
  })
}
