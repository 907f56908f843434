// SPDX-License-Identifier: Apache-2.0
// What `make lint` runs: fails and lists every floating promise of the project.
import ts from 'typescript'
import { floatingPromises } from './promises.js'

const config = ts.getParsedCommandLineOfConfigFile(
  'tsconfig.json',
  { noEmit: true, incremental: false },
  {
    ...ts.sys,
    onUnRecoverableConfigFileDiagnostic: (diagnostic) => {
      throw new Error(ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n'))
    },
  },
)
if (!config) throw new Error('tsconfig.json cannot be read')
const own = new Set(config.fileNames)
const found = floatingPromises(ts.createProgram(config.fileNames, config.options), (file) => own.has(file))
for (const { file, line, text } of found) console.error(`${file}:${line}: this promise is left to itself: ${text}`)
process.exitCode = found.length === 0 ? 0 : 1
