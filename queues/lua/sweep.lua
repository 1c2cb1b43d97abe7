-- uses: clock.lua
-- uses: queueing.lua
-- Puts back into their queues the ids in `later` that are due and the claims whose time has come (their worker is dead
-- or frozen; its late settle finds another claim number or none).
--
-- KEYS[1] {tgN}:later   KEYS[2] {tgN}:claims   KEYS[3] {tgN}:work
-- ARGV[1] prefix {tgN}:   ARGV[2] wake channel   ARGV[3] shard   ARGV[4] most to move of each
-- Returns { promoted, reclaimed, ms until the next is due (-1: none), feeds with queued pushes }
-- O(moved × log(later + claims)).

local prefix, most, now = ARGV[1], tonumber(ARGV[4]), now_ms()
local feeds = {}

local function move(key, side)
  local ids = redis.call('ZRANGEBYSCORE', key, '-inf', now, 'LIMIT', 0, most)
  for _, id in ipairs(ids) do
    local job = prefix .. 'job:' .. id
    local queue = redis.call('HGET', job, 'queue')
    if queue then
      redis.call('HSET', job, 'state', 'queued')
      feeds[enqueue(prefix, queue, id, side)] = true
    end
  end
  if #ids > 0 then redis.call('ZREM', key, unpack(ids)) end
  return #ids
end

local function first(key)
  local head = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')
  return head[2] and math.max(0, tonumber(head[2]) - now) or -1
end

local promoted, reclaimed = move(KEYS[1], 'back'), move(KEYS[2], 'front')
wake(feeds, ARGV[2], ARGV[3])

local later, claim = first(KEYS[1]), first(KEYS[2])
local due = later
if claim >= 0 and (due < 0 or claim < due) then due = claim end
return { promoted, reclaimed, due, redis.call('SMEMBERS', KEYS[3]) }
