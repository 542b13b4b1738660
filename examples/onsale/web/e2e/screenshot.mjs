/** Takes the picture of the README: node e2e/screenshot.mjs CHROMIUM URL FILE [SECONDS] */
import { launch } from './browser.mjs'

const [executablePath, url, file, seconds = '15'] = process.argv.slice(2)
const browser = await launch(executablePath)
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } })
await page.goto(url)
await page.waitForTimeout(Number(seconds) * 1000)
await page.screenshot({ path: file })
await browser.close()
