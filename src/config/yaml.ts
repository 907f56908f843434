// SPDX-License-Identifier: Apache-2.0
import { parseDocument } from 'yaml'
import type { Desired } from '../model/desired.js'
import { UserError } from '../model/errors.js'
import { parseDesired } from './parse.js'

/** The configuration file's text as desired state; a UserError names each wrong field, or the line where it is no YAML. */
export function parseConfig(text: string): Desired {
  return parseDesired(parseYaml(text))
}

function parseYaml(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: true, uniqueKeys: true })
  const errors = document.errors.map(({ message, linePos }) => ({
    path: linePos ? `line ${linePos[0].line}` : 'file',
    message: (message.split('\n')[0] ?? message).replace(/ at line \d+, column \d+:$/, ''),
  }))
  if (errors.length > 0) throw new UserError('invalid', 'The configuration is not valid YAML', errors)
  try {
    return document.toJS() as unknown
  } catch (error) {
    throw new UserError('invalid', 'The configuration is not valid YAML', [{ path: 'file', message: (error as Error).message }])
  }
}
