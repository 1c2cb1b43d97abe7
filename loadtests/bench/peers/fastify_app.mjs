// What a Node user would write to take callbacks: Fastify, an XML parser, and one script a request over one connection,
// which ioredis pipelines by itself (enableAutoPipelining).
import { createHash, timingSafeEqual } from "node:crypto";
import { createRequire } from "node:module";

const require = createRequire(process.env.BENCH_PACKAGES);
const Fastify = require("fastify");
const { XMLParser } = require("fast-xml-parser");
const IORedis = require("ioredis");

const Redis = IORedis.Redis ?? IORedis.default ?? IORedis;
const store = new Redis({ path: process.env.BENCH_SOCKET, enableAutoPipelining: true });
const token = process.env.BENCH_TOKEN;
const script = process.env.BENCH_SCRIPT;
const freshSeconds = 600;

const parser = new XMLParser({ parseTagValue: false, processEntities: false });
const app = Fastify({ logger: false });
app.addContentTypeParser("text/xml", { parseAs: "string" }, (_request, body, done) => done(null, body));

function signed({ signature, timestamp, nonce }) {
  const digest = createHash("sha1").update([token, timestamp, nonce].sort().join("")).digest("hex");
  const same = digest.length === signature.length && timingSafeEqual(Buffer.from(digest), Buffer.from(signature));
  return same && Math.abs(Date.now() / 1000 - Number(timestamp)) <= freshSeconds;
}

app.post("/callback/demo", async (request, reply) => {
  if (!signed(request.query)) return reply.code(403).send("signature");
  const { xml } = parser.parse(request.body);
  const identity =
    xml.MsgId ?? xml.MsgID ?? [xml.FromUserName, xml.CreateTime, xml.Event, xml.EventKey].join("\n");
  await store.evalsha(script, 2, "seen", "events", identity, request.body);
  return reply.type("text/plain").send("success");
});

await app.listen({ port: Number(process.env.BENCH_PORT), host: "127.0.0.1", backlog: 4096 });
