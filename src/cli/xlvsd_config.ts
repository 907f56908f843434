// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { parseConfig } from '../config/yaml.js'
import type { ConfigurationFile } from '../director/world.js'
import { UserError } from '../model/errors.js'

/** The configuration file, parsed. Throws a UserError that names each wrong field. */
export function readConfiguration(path: string): ConfigurationFile {
  const text = readText(path)
  return { desired: parseConfig(text), digest: createHash('sha256').update(text).digest('hex') }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UserError('invalid', 'The configuration cannot be read', [{ path, message: (error as Error).message }])
  }
}
