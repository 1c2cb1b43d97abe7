-- uses: clock.lua
-- uses: queueing.lua
-- uses: finishing.lua
-- uses: receipts.lua
-- uses: history.lua
-- uses: suppressing.lua
-- uses: guarding.lua
-- Ends claims and records what became of each push. A claim that was lost (its number is no longer the job's, or its
-- time came and it was taken over) changes nothing.
--
-- KEYS[1] {tgN}:claims   KEYS[2] {tgN}:later   KEYS[3] {tgN}:dead   KEYS[4] {tgN}:suppressed
-- ARGV[1] prefix {tgN}:   ARGV[2] wake channel   ARGV[3] shard   ARGV[4] retain, ms   ARGV[5] receipt key's life, s
-- then for each outcome: id, claim number, kind, account, msgid, rest
-- `rest` is msgpack { delay (ms), error, suppress, try, more }, or '' for 0 and four times '': most are sent, and that is all.
-- `suppress` is '*' where the recipient takes nothing, a template that it refused, or ''.
-- A try is '' or { verdict, errcode or '', rid, error, safe }; with safe ≥ 0 nobody knows whether the platform has the push, and it
-- is repeated only up to so many ms after its first try.
-- `more` is '' or an array: for `sent` { what else the answer said, as a JSON object or '', whether a receipt follows }, and '' stands
-- for nothing and true; for `move` { queue, payload, safe } of the next channel. After a try whose outcome is unknown a push is
-- moved only if its repeats were safe; else it is `failed`.
-- Returns an array: the state each push is in now, '' where the claim was lost; `dead` where its record cannot be read (any more).
-- O(outcomes × log(claims)).

local prefix, retain_ms, now = ARGV[1], tonumber(ARGV[4]), now_ms()
local states, ended, feeds, due = {}, {}, {}, false

-- The platform took it. Its receipt may have overtaken us: then it waits under the receipt's key, marked with '!'.
local function sent(job, flags, id, attempts, account, msgid, more)
  redis.call('HSET', job, 'state', 'sent', 'attempts', attempts, 'msgid', msgid, 'sent', now, 'error', '')
  local detail, receipt_follows = '', true
  if more ~= '' then detail, receipt_follows = unpack(more) end
  if detail ~= '' then redis.call('HSET', job, 'detail', detail) end
  if msgid ~= '' then
    local receipt = prefix .. 'receipt:' .. account .. ':' .. msgid
    local early = not redis.call('SET', receipt, id, 'NX', 'EX', ARGV[5]) and redis.call('GET', receipt)
    if early and string.sub(early, 1, 1) == '!' then
      redis.call('DEL', receipt)
      return finish_by_receipt(job, flags, string.sub(early, 2), now, retain_ms)
    end
  end
  retain(job, flags, retain_ms)
  if not receipt_follows then announce(job, flags, 'sent', now) end
  return 'sent'
end

-- The recipient does not take it on this channel: the next one's body takes the place of this one's, under the same id. Its
-- attempts are counted anew; the history has them all.
local function move(job, id, queue, payload, reason)
  redis.call('HSET', job, 'state', 'queued', 'queue', queue, 'payload', payload, 'attempts', 0, 'error', reason)
  feeds[enqueue(prefix, queue, id, 'back')] = true
  return 'queued'
end

local function any_unknown(history)
  for _, try in ipairs(history) do
    if try[2] == 'unknown' or try[2] == 'lost' then return true end
  end
  return false
end

local function wait(job, id, state, delay_ms, reason)
  local at = now + delay_ms
  redis.call('HSET', job, 'state', state, 'error', reason, 'due', at)
  redis.call('ZADD', KEYS[2], at, id)
  due = true
  return state
end

local function settle(id, number, kind, account, msgid, rest)
  local job = prefix .. 'job:' .. id
  local f = redis.call('HMGET', job, 'claim', 'attempts', 'queue', 'recipient', 'flags', 'state')
  if f[1] ~= number or f[6] ~= 'sending' then return '' end -- only what is claimed is being sent
  ended[#ended + 1] = id
  local attempts = (tonumber(f[2]) or 0) + 1
  local delay_ms, reason, suppress, try, more = 0, '', '', '', ''
  if rest ~= '' then delay_ms, reason, suppress, try, more = unpack(cmsgpack.unpack(rest)) end
  if kind == 'sent' then return sent(job, f[5], id, attempts, account, msgid, more) end
  local next_channel = kind == 'move' and more
  if try ~= '' then
    local history, safe_ms = read_history(job), table.remove(try)
    table.insert(try, 1, now)
    remember_try(job, history, try)
    if kind == 'retry' and safe_ms >= 0 and now + delay_ms - history[1][1] >= safe_ms then
      kind, reason = 'failed', UNKNOWN_OUTCOME
    elseif next_channel and not next_channel[3] and any_unknown(history) then
      kind, reason = 'failed', UNKNOWN_OUTCOME
    end
  end
  if kind == 'release' then
    redis.call('HSET', job, 'state', 'queued')
    feeds[enqueue(prefix, f[3], id, 'front')] = true
    return 'queued'
  end
  if kind == 'later' then return wait(job, id, attempts > 1 and 'retrying' or 'scheduled', delay_ms, reason) end
  if kind == 'park' then return wait(job, id, 'parked', delay_ms, reason) end
  if kind ~= 'expired' then redis.call('HSET', job, 'attempts', attempts) end
  if kind == 'retry' then return wait(job, id, 'retrying', delay_ms, reason) end
  if kind == 'move' then
    suppress_as(KEYS[4], f[4], suppress, reason)
    return move(job, id, next_channel[1], next_channel[2], reason)
  end
  finish(job, f[5], kind, reason, now, retain_ms)
  if kind == 'dead' then
    redis.call('ZADD', KEYS[3], now, id)
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now - retain_ms)
  else
    suppress_as(KEYS[4], f[4], suppress, reason)
  end
  return kind
end

for i = 6, #ARGV, 6 do
  local read, state = attempt(settle, ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5])
  if not read then set_aside(prefix, ARGV[i], now, retain_ms) end
  states[#states + 1] = state or 'dead'
end
if #ended > 0 then redis.call('ZREM', KEYS[1], unpack(ended)) end
wake(feeds, ARGV[2], ARGV[3])
if due then redis.call('PUBLISH', ARGV[2], 'due ' .. ARGV[3] .. ' -') end
return states
