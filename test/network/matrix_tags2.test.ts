// SPDX-License-Identifier: Apache-2.0
// The matrix of forwarding where every frame of the director's has two VLAN tags.
import { tryCells } from './matrix_tests.js'

await tryCells(2, ['two VLAN tags'])
