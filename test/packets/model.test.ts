// SPDX-License-Identifier: Apache-2.0
// Both tables under random packets that are seen in one direction.
import { modelTest } from './model_play.js'

modelTest('dr', ['S FORWARDED', 'S HASHED', 'A RESET_SENT', 'A HASHED', 'R STRAY', 'udp FORWARDED', 'udp HASHED', 'displaced'])
