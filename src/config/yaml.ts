// SPDX-License-Identifier: Apache-2.0
import { load, type YAMLException } from 'js-yaml'
import type { Desired } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import { parseDesired } from './parse.js'

/** Two for each of the most services that fit: a pool of servers may be written once. An alias is not copied. */
const MAXIMUM_ALIASES = 10_000

/** The configuration file's text as desired state; a UserError names each wrong field, or the line where it is no YAML. */
export function parseConfig(text: string): Desired {
  return parseDesired(parseYaml(text))
}

function parseYaml(text: string): unknown {
  if (/^\s*$/.test(text)) return null
  try {
    return load(text, { maxAliases: MAXIMUM_ALIASES })
  } catch (error) {
    throw new UserError('invalid', 'The configuration is not valid YAML', [wrong(error as Error)])
  }
}

/** js-yaml appends place and excerpt to its sentence. */
function wrong(error: Error): { path: string; message: string } {
  const { mark } = error as Partial<YAMLException>
  return { path: mark ? `line ${mark.line + 1}` : 'file', message: error.message.replace(/ \(\d+:\d+\).*$/s, '') }
}
