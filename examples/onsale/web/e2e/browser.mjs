/** A headless Chromium that talks to nobody but the page. */
import { chromium } from 'playwright-core'

export const launch = (executablePath) =>
  chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync'
    ]
  })
