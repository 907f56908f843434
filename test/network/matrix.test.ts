// SPDX-License-Identifier: Apache-2.0
// The matrix of forwarding: plain packets, fragments, ICMP errors, each way that there is.
import { tryCells } from './matrix_tests.js'

await tryCells(0, ['plain', 'fragments', 'ICMP errors'])
