// SPDX-License-Identifier: Apache-2.0
// The matrix of forwarding where every frame of the director's has a VLAN tag.
import { tryCells } from './matrix_tests.js'

await tryCells(1, ['one VLAN tag'])
