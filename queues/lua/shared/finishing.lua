-- Shared by the scripts that end a push (`-- uses: finishing.lua`).

-- A job's `flags`: 'k' (it has an idempotency key, and outlives both windows of that key, so that a late repeat still finds
-- it) and 'w' (its upstream wants a webhook, and it outlives all tries of that).
local FLAGGED_RETAIN_MS = 172800000
local WAKE_CHANNEL = 'tg:wake' -- as keys.py has it

-- A push that may have been sent, and must not be sent twice.
local UNKNOWN_OUTCOME = 'outcome unknown: it may have been sent, and repeating it was not safe'

-- A push whose claims all ended without a word of whoever had taken it.
local NEVER_SETTLED = 'taken again and again, and never settled'

local EXPIRED = 'expired before it could be sent'

local function retain(job, flags, retain_ms)
  if flags and retain_ms < FLAGGED_RETAIN_MS then retain_ms = FLAGGED_RETAIN_MS end
  redis.call('PEXPIRE', job, retain_ms)
end

-- Owes the upstream a webhook if it wants one, in the same step as what it is about.
local function announce(job, flags, state, now)
  if not flags or not string.find(flags, 'w', 1, true) then return end
  local prefix, shard, id = string.match(job, '^({tg(%d+)}:)job:(.+)$')
  local upstream = string.match(redis.call('HGET', job, 'queue'), '([^:]+):[^:]+$')
  redis.call('ZADD', prefix .. 'hooks:' .. upstream, now, string.format('%s %s %.0f', id, state, now))
  redis.call('PUBLISH', WAKE_CHANNEL, 'hook ' .. shard .. ' ' .. upstream)
end

-- Writes a final state; the id must already be out of queue, claims and later.
local function finish(job, flags, state, reason, now, retain_ms)
  redis.call('HSET', job, 'state', state, 'error', reason, 'finished', now)
  retain(job, flags, retain_ms)
  announce(job, flags, state, now)
end
