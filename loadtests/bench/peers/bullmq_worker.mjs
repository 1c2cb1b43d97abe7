// What a Node user would write to push from a queue: one BullMQ worker, undici with as many connections as jobs at once.
// Says "ready" with the jobs enqueued and the worker paused, waits for a line, works them off, says when it was done.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const [packages, settingsText] = process.argv.slice(2);
const require = createRequire(packages);
const { Queue, Worker } = require("bullmq");
const { Pool } = require("undici");
const IORedis = require("ioredis");

const settings = JSON.parse(settingsText);
const Redis = IORedis.Redis ?? IORedis.default ?? IORedis;
const connect = () => new Redis({ path: settings.socket, maxRetriesPerRequest: null });
const pool = new Pool(settings.platform, { connections: settings.concurrency, pipelining: 1 });
const path = `/cgi-bin/message/template/send?access_token=${settings.token}`;
const headers = { "content-type": "application/json" };

const queue = new Queue("pushes", { connection: connect() });
let left = 0;
let finished = () => {};

async function send(job) {
  const body = JSON.stringify({ ...job.data, client_msg_id: `${settings.run}-${job.id}` });
  const answer = await pool.request({ path, method: "POST", headers, body });
  const { errcode, msgid } = await answer.body.json();
  if (errcode !== 0) throw new Error(`errcode ${errcode}`);
  return msgid;
}

// Resolves when all of them are done; set before the first is added, for the worker may be quicker than we are.
function expect(count) {
  left = count;
  return new Promise((resolve) => (finished = resolve));
}

async function enqueue(count) {
  for (let start = 0; start < count; start += 500) {
    const jobs = Array.from({ length: Math.min(500, count - start) }, (_, index) => ({
      name: "push",
      data: {
        touser: `oPush0001${String(start + index).padStart(19, "0")}`,
        template_id: "TPL_NOTICE",
        data: { thing1: { value: `办理进度 ${start + index}` }, number2: { value: String(start + index) }, time3: { value: "2024-04-26 14:30" } },
      },
      opts: { removeOnComplete: true, removeOnFail: 1000 },
    }));
    await queue.addBulk(jobs);
  }
}

const worker = new Worker("pushes", send, { connection: connect(), concurrency: settings.concurrency, autorun: false });
worker.on("completed", () => { left -= 1; if (left === 0) finished(); });
worker.on("error", (error) => console.error(error));
worker.on("failed", (_job, error) => console.error(error));

// The just-in-time compiler has seen the work before the clock starts.
const warm = expect(settings.warmup);
await enqueue(settings.warmup);
worker.run();
await warm;
await worker.pause();

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const done = expect(settings.count);
await enqueue(settings.count);
console.log("ready");
await lines.next();
worker.resume();
await done;
console.log(String(Date.now() / 1000));
await lines.next();
