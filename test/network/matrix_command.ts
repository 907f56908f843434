// SPDX-License-Identifier: Apache-2.0
// matrix_command.js README: writes the matrix's table anew.
import { readFileSync, writeFileSync } from 'node:fs'
import { withTable } from './matrix_table.js'

const path = process.argv[2] ?? 'README.md'
writeFileSync(path, withTable(readFileSync(path, 'utf8')))
