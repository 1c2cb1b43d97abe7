-- uses: clock.lua
-- uses: queueing.lua
-- uses: finishing.lua
-- uses: history.lua
-- uses: guarding.lua
-- Puts back into their queues the ids in `later` that are due and the claims whose time has come (their worker is dead
-- or frozen; its late settle finds another claim number or none). Those that had been taken before keep their place, and are
-- taken next: a long queue would hold a repeat back for longer than the platform drops repeats. What was scheduled or
-- is replayed is new there. What waits beyond its time ends, wherever it waits.
--
-- Whether such a worker had sent the push is not known. Where a second message must not be risked, the push ends here,
-- unless the platform would still drop a repeat. One that nobody has settled however often it was taken is given up: no
-- program here can read it, or it ends each one that does.
--
-- KEYS[1] {tgN}:later   KEYS[2] {tgN}:claims   KEYS[3] {tgN}:work   KEYS[4] {tgN}:expiring
-- ARGV[1] prefix {tgN}:   ARGV[2] wake channel   ARGV[3] shard   ARGV[4] most to move of each
-- ARGV[5] msgpack { feed → ms after its first attempt (or its claim's end) that a push may be repeated }   ARGV[6] retain, ms
-- ARGV[7] claim, ms
-- Returns { promoted, reclaimed, ms until the next is due (-1: none), feeds with queued pushes,
--           { id, queue, payload, state, … for each push that ended },
--           { the ids whose records could not be read (guarding.lua) } }
-- O(moved × log(later + claims + expiring)).

local prefix, most, now = ARGV[1], tonumber(ARGV[4]), now_ms()
local safe_ms, retain_ms, claim_ms = cmsgpack.unpack(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local feeds, ended, sending, shortened, again, unread = {}, {}, {}, {}, {}, {}
local WAITING = { queued = true, scheduled = true, retrying = true, parked = true }
local LOOK_AGAIN_MS = 1000 -- at what was being sent when its time was up; and nothing need expire to the millisecond
local SET_MS = 60000 -- a clock that is further off than this was set; no sweep comes as late while a pusher lives

local function put_back(id, job, queue, side)
  redis.call('HSET', job, 'state', 'queued')
  feeds[enqueue(prefix, queue, id, side)] = true
end

local function finish_here(id, job, queue, state, reason)
  local f = redis.call('HMGET', job, 'flags', 'payload')
  finish(job, f[1], state, reason, now, retain_ms)
  for _, value in ipairs({ id, queue, f[2], state }) do ended[#ended + 1] = value end
end

-- Nobody need take it for that: its account may be held for hours yet. In a queue its id stays behind until its turn comes.
local function expire(id, job, queue)
  local state = redis.call('HGET', job, 'state')
  if state == 'sending' then
    sending[#sending + 1] = id
  elseif WAITING[state] then
    redis.call('ZREM', KEYS[1], id)
    finish_here(id, job, queue, 'expired', EXPIRED)
    if state == 'queued' then shortened[queue] = true end
  end
end

local function take_over(id, job, queue, claim_end)
  local history, safe = read_history(job), safe_ms[string.match(queue, '^[^:]+:[^:]+')]
  remember_try(job, history, { claim_end, 'lost', '', '', 'not settled in time' })
  if safe and now - history[1][1] >= safe then return finish_here(id, job, queue, 'failed', UNKNOWN_OUTCOME) end
  if not only_lost(history) then return put_back(id, job, queue, 'front') end
  finish_here(id, job, queue, 'dead', NEVER_SETTLED)
  redis.call('ZADD', prefix .. 'dead', now, id)
end

local function bring_back(id, job, queue)
  local f = redis.call('HMGET', job, 'state', 'attempts')
  if f[1] == 'parked' or tonumber(f[2] or 0) > 0 then
    again[#again + 1] = { id, job, queue }
  else
    put_back(id, job, queue, 'back')
  end
end

-- Acts on a job by itself. What follows are `act`'s arguments, of which the id is the first.
local function guard(act, id, ...)
  if attempt(act, id, ...) then return end
  set_aside(prefix, id, now, retain_ms)
  unread[#unread + 1] = id
end

local function visit(id, act, score)
  local job = prefix .. 'job:' .. id
  local f = read_job(job, 'queue')
  if not f then return end
  if not string.match(f[1], '^[^:]+:[^:]+:[^:]+:[^:]+$') then error('no queue') end
  act(id, job, f[1], score)
end

local function move(key, act)
  local rows, ids = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'WITHSCORES', 'LIMIT', 0, most), {}
  for i = 1, #rows, 2 do
    local id = rows[i]
    guard(visit, id, act, rows[i + 1])
    ids[#ids + 1] = id
  end
  if #ids > 0 then redis.call('ZREM', key, unpack(ids)) end
  return #ids
end

-- Claims that ended long ago, or end later than any does, are of a clock that was set since, and their workers may be
-- alive: they end a claim's time from now. (If nobody has swept for so long, that makes one wait a little longer.)
local function renew_claims(from, to)
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], from, to)) do
    redis.call('ZADD', KEYS[2], now + claim_ms, id)
  end
end

local function first(key)
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  return head[2] and math.max(0, tonumber(head[2]) - now) or -1
end

move(KEYS[4], expire)
for _, id in ipairs(sending) do redis.call('ZADD', KEYS[4], now + LOOK_AGAIN_MS, id) end
for queue in pairs(shortened) do drop_ended(prefix, queue, most) end
local promoted = move(KEYS[1], bring_back)
for i = #again, 1, -1 do -- what has been due longest is taken first
  guard(put_back, again[i][1], again[i][2], again[i][3], 'front')
end
renew_claims('-inf', now - SET_MS)
renew_claims(now + claim_ms + SET_MS, '+inf')
local reclaimed = move(KEYS[2], function(id, job, queue, score) take_over(id, job, queue, tonumber(score)) end)
wake(feeds, ARGV[2], ARGV[3])

local due = -1
for key, soonest in pairs({ [KEYS[1]] = 0, [KEYS[2]] = 0, [KEYS[4]] = LOOK_AGAIN_MS }) do
  local next = first(key)
  if next >= 0 then due = math.min(due < 0 and math.huge or due, math.max(next, soonest)) end
end
return { promoted, reclaimed, due, redis.call('SMEMBERS', KEYS[3]), ended, unread }
