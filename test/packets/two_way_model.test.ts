// SPDX-License-Identifier: Apache-2.0
// Both tables under random packets of NAT, requests and replies.
import { modelTest } from './model_play.js'

modelTest('nat', [
  'S FORWARDED',
  'S NO_SLOT',
  'A RESET_SENT',
  'A NO_SLOT',
  'R STRAY',
  'udp FORWARDED',
  'reply A REPLIED',
  'reply A NOT_A_REPLY',
  'displaced',
])
