// ONNX Runtime's side of the comparison: node onnxruntime.js RUNTIME THREADS, where RUNTIME is the folder in which
// `npm install --ignore-scripts onnxruntime-node` was run. Reads a row as a line of JSON, answers with the seconds of each
// of its runs; see Peer.cs, which starts this program.
const path = require("path")
const readline = require("readline")
const [runtime, threads] = process.argv.slice(2)
const folder = path.join(path.resolve(runtime), "node_modules", "onnxruntime-node")
const ort = require(folder)

const COPIES = 3 // Inputs take turns, so that a run does not find its own in the nearest cache.
const prepared = { row: "", session: null, feeds: [] }

async function prepare(row) {
    const key = JSON.stringify({ ...row, seconds: 0 })
    if (prepared.row === key) return
    prepared.session = await ort.InferenceSession.create(row.model, { logSeverityLevel: 4, intraOpNumThreads: Number(threads) })
    const count = row.extents.reduce((a, b) => a * b, 1)
    prepared.feeds = Array.from({ length: COPIES }, () => ({
        [prepared.session.inputNames[0]]: new ort.Tensor("float32", Float32Array.from({ length: count }, () => Math.random() - 0.5), row.extents),
    }))
    prepared.row = key
    await prepared.session.run(prepared.feeds[0])
    await prepared.session.run(prepared.feeds[1])
}

async function answer(row) {
    await prepare(row)
    const times = []
    const start = performance.now()
    while (times.length < 3 || performance.now() - start < 1000 * row.seconds) {
        const before = performance.now()
        await prepared.session.run(prepared.feeds[times.length % COPIES])
        times.push((performance.now() - before) / 1000)
    }
    return { onnx: times }
}

async function main() {
    console.log(JSON.stringify({ name: `ONNX Runtime ${require(path.join(folder, "package.json")).version}` }))
    for await (const line of readline.createInterface({ input: process.stdin })) {
        console.log(JSON.stringify(await answer(JSON.parse(line))))
    }
}

main()
