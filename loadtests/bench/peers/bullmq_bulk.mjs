// BullMQ's addBulk, 300 bytes a job. Arguments: PACKAGES SOCKET PUSHES BATCH. Says "ready", waits for a line, adds, and
// says how many seconds it took.
import { createInterface } from "node:readline";
import { createRequire } from "node:module";

const [packages, socket, pushes, batch] = process.argv.slice(2);
const require = createRequire(packages);
const { Queue } = require("bullmq");
const IORedis = require("ioredis");

const Redis = IORedis.Redis ?? IORedis.default ?? IORedis;
const connection = new Redis({ path: socket, maxRetriesPerRequest: null });
const queue = new Queue("pushes", { connection });
const payload = "x".repeat(300);
const jobs = Array.from({ length: Number(batch) }, () => ({ name: "push", data: { payload } }));

await queue.waitUntilReady();
await queue.addBulk(jobs); // the scripts are loaded and the compiler has seen the work
console.log("ready");
for await (const _ of createInterface({ input: process.stdin })) break;
const began = performance.now();
for (let done = 0; done < Number(pushes); done += Number(batch)) await queue.addBulk(jobs);
console.log((performance.now() - began) / 1000);
await queue.close();
connection.disconnect();
process.exit(0);
