// SPDX-License-Identifier: Apache-2.0
// What bin/xlvsd runs.
import { Command, CommanderError } from 'commander'
import { UserError } from '../model/errors.js'
import { readConfiguration } from './xlvsd_config.js'

const BAD_CONFIGURATION = 2

/** The parts that need native code are loaded by the commands that use them: `--check` works anywhere. */
const xlvsd = new Command('xlvsd')
  .description('The controller of a director: keeps the packet program and its maps as the configuration and the API say.')
  .option('--config <file>', 'the configuration (YAML)')
  .option('--check', 'say whether the configuration is valid, and exit')
  .addHelpText('after', '\nExit codes: 0 stopped as asked, 1 failed, 2 bad configuration or command line.')
  .exitOverride()
  .action(async ({ config, check }: { config?: string; check?: boolean }) => {
    const path = required(config)
    const configuration = readConfiguration(path)
    if (check) {
      const { services } = configuration.desired
      const servers = services.reduce((sum, service) => sum + service.servers.length, 0)
      console.log(`${path} is valid: ${services.length} services, ${servers} servers`)
      return
    }
    const { runController } = await import('./xlvsd_run.js')
    await runController(path, configuration)
  })

xlvsd
  .command('detach')
  .description('takes program, links, maps and assigned VIPs away, with or without a controller running')
  .option('--config <file>', 'the configuration (YAML)')
  .action(async (_, command: Command) => {
    const { desired } = readConfiguration(required(command.optsWithGlobals<{ config?: string }>().config))
    const { detach } = await import('./xlvsd_pins.js')
    detach(desired.pinDir, desired.stateDir)
  })

xlvsd
  .command('load')
  .description('attaches and pins the program with empty tables, so that everything passes until a controller adopts it')
  .requiredOption('--interfaces <names>', 'separated by spaces')
  .option('--pin-dir <folder>', 'where to pin')
  .action(async ({ interfaces, pinDir }: { interfaces: string; pinDir?: string }) => {
    const { load } = await import('./xlvsd_pins.js')
    load(
      interfaces.split(/[\s,]+/).filter((name) => name !== ''),
      pinDir,
    )
  })

xlvsd
  .command('unload')
  .description('takes away what load or a controller pinned')
  .option('--pin-dir <folder>', 'where it is pinned')
  .action(async ({ pinDir }: { pinDir?: string }) => {
    const { unload } = await import('./xlvsd_pins.js')
    unload(pinDir)
  })

function required(config: string | undefined): string {
  return config ?? xlvsd.error("xlvsd: option '--config <file>' is required", { exitCode: BAD_CONFIGURATION })
}

try {
  await xlvsd.parseAsync()
} catch (error) {
  // Half a start may have left timers and sockets.
  process.exit(explain(error))
}

/** Says what was wrong, a line for each field, and gives the exit code. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : BAD_CONFIGURATION
  if (!(error instanceof UserError)) {
    console.error(`xlvsd: ${error instanceof Error ? error.message : error}`)
    return 1
  }
  const lines = error.errors.length > 0 ? error.errors.map(({ path, message }) => `${path}: ${message}`) : [error.message]
  for (const line of lines) console.error(`xlvsd: ${line}`)
  return BAD_CONFIGURATION
}
