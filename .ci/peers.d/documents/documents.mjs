// What github-slugger and remark-validate-links say, for hobby/practice/reading:
//
//   node documents.mjs slugs            anchors of code points and headings, as JSON
//   node documents.mjs links FOLDER...  broken links and anchors: "folder path:line kind"
//
// It runs in a folder that has the packages.
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {readFileSync} from 'node:fs'

const require = createRequire(join(process.cwd(), 'x.js'))
const load = async name => import(pathToFileURL(require.resolve(name)).href)
const version = name => JSON.parse(readFileSync(`node_modules/${name}/package.json`)).version

async function slugs() {
  const {default: Slugger, slug} = await load('github-slugger')
  // The peer knows Unicode as it was at its release; node knows a later one.
  const word = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]/u
  const kept = [], newer = []
  let upper = '', lower = []
  const add = (ranges, c) => {
    const last = ranges[ranges.length - 1]
    if (last && last[1] === c - 1) last[1] = c
    else ranges.push([c, c])
  }
  for (let c = 0; c <= 0x10ffff; c++) {
    if (c >= 0xd800 && c <= 0xdfff) continue
    const s = String.fromCodePoint(c), got = slug(s)
    if (got !== '' && c !== 0x20 && c !== 0x2d) {
      add(kept, c)
      if (got !== s) {
        upper += s
        lower.push(got)
      }
    } else if (word.test(s)) add(newer, c)
  }
  // Headings of all sorts, and the same again, under one slugger.
  const pool = ['a', 'B', 'Word', 'two', '1', '2', '-', '--', '_', ' ', '  ', '.', ',', ':', '/', '`', '*', '&', '(', ')', '!', '?', '#', '"', "'", 'é', 'Ü', 'ß', '日本', 'كلمة', 'слово', '🎉', '½', '—', '…', '‿', 'İ', '\u00a0', '\u200d', '\u0301']
  const headings = []
  let state = 1
  const next = n => (state = (state * 48271) % 2147483647) % n
  const slugger = new Slugger()
  for (let i = 0; i < 600; i++) {
    const parts = Array.from({length: next(6)}, () => pool[next(pool.length)])
    const text = i % 3 === 2 ? headings[next(headings.length)][0] : parts.join(i % 2 ? ' ' : '')
    headings.push([text, slugger.slug(text)])
  }
  console.log(JSON.stringify({peer: `github-slugger ${version('github-slugger')}, newer by Unicode ${process.versions.unicode}`, kept, newer, upper, lower, headings}))
}

async function links(folders) {
  const [{remark}, {default: gfm}, {default: frontmatter}, {default: validate}, {engine}] =
    await Promise.all(['remark', 'remark-gfm', 'remark-frontmatter', 'remark-validate-links', 'unified-engine'].map(load))
  for (const cwd of folders) {
    const files = await new Promise((resolve, reject) => engine({
      processor: remark().use(gfm).use(frontmatter), cwd, files: ['.'], extensions: ['md'],
      plugins: [[validate, {repository: false, root: cwd}]], output: false, reporter: () => '',
      streamError: Object.assign(new (require('node:stream').PassThrough)()),
    }, (err, code, context) => err ? reject(err) : resolve(context.files)))
    for (const file of files)
      for (const m of file.messages) console.log(`${cwd} ${file.path}:${m.line} ${m.ruleId}`)
  }
}

if (process.argv[2] === 'slugs') await slugs()
else await links(process.argv.slice(3))
