-- uses: clock.lua
-- uses: sharing.lua
-- uses: finishing.lua
-- uses: suppressing.lua
-- uses: pacing.lua
-- uses: guarding.lua
-- Takes up to `count` pushes of one feed (<account>:<api>), fairly over its upstreams and by priority (sharing.lua), and writes the
-- claims. What expired or is suppressed is finished on the way, what was cancelled is dropped, what may not go now (its template
-- rests, its recipient had enough) is put into `later`, and the next one takes its place.
--
-- KEYS[1] {tgN}:claims   KEYS[2] {tgN}:work   KEYS[3] {tgN}:work:<feed>   KEYS[4] {tgN}:suppressed   KEYS[5] {tgN}:later
-- ARGV[1] prefix {tgN}:   ARGV[2] feed   ARGV[3] count   ARGV[4] claim, ms   ARGV[5] retain, ms
-- ARGV[6] the most of them that are not of high priority   ARGV[7] wake channel   ARGV[8] shard
-- ARGV[9] gap between two pushes to a recipient, ms (0: none)   ARGV[10] pushes to a recipient a day (0: unlimited)
-- then for each template that rests: template, ms until one of its pushes is due, how many may be tried
-- Returns { '1' if the feed has nothing here that may be taken, else '0',
--           { id, claim number, attempts, queue, payload, … for each claim },
--           { id, queue, payload, state, … for each push finished on the way },
--           { the ids whose records could not be read (guarding.lua) } }
-- O(count × queues of the feed).

local prefix, feed, count = ARGV[1], ARGV[2], tonumber(ARGV[3])
local retain_ms, ordinary, now = tonumber(ARGV[5]), tonumber(ARGV[6]), now_ms()
local gap_ms, per_day = tonumber(ARGV[9]), tonumber(ARGV[10])
local until_ms = now + tonumber(ARGV[4])
local any_suppressed = redis.call('EXISTS', KEYS[4]) == 1

local resting = nil
for i = 11, #ARGV, 3 do
  resting = resting or {}
  resting[ARGV[i]] = { ms = tonumber(ARGV[i + 1]), probes = tonumber(ARGV[i + 2]) }
end

local claims, claimed, dropped, unread, parked = {}, {}, {}, {}, 0

-- When a push may go that may not go now, and why; nil if it may. Repeats count as what they repeat.
local function wait_for(payload, recipient, repeated)
  if resting then
    local template = resting[template_of(payload) or '']
    if template and template.probes == 0 then return now + template.ms, 'its template rests' end
    if template then template.probes = template.probes - 1 end
  end
  if (gap_ms > 0 or per_day > 0) and recipient and not repeated then
    return pace(prefix .. 'paced:' .. feed .. ':' .. recipient, now, gap_ms, per_day), 'its recipient has had enough for now'
  end
end

local function consider(id, queue)
  local job = prefix .. 'job:' .. id
  local f = read_job(job, 'state', 'payload', 'claim', 'attempts', 'expire', 'recipient', 'flags')
  if not f or f[1] ~= 'queued' then return false end -- cancelled, or gone: its id was only left behind here
  if not f[2] then error('half a record') end
  local state = nil
  if f[5] and tonumber(f[5]) <= now then
    state = 'expired'
    finish(job, f[7], state, EXPIRED, now, retain_ms)
  elseif any_suppressed and f[6] then
    local reason = suppression(KEYS[4], f[6], f[2])
    if reason then
      state = 'suppressed'
      finish(job, f[7], state, reason, now, retain_ms)
    end
  end
  if state then
    for _, value in ipairs({ id, queue, f[2], state }) do dropped[#dropped + 1] = value end
    return false
  end
  local due, why = wait_for(f[2], f[6], f[3])
  if due then
    redis.call('HSET', job, 'state', 'parked', 'error', why, 'due', due)
    redis.call('ZADD', KEYS[5], due, id)
    parked = parked + 1
    return false
  end
  local number, attempts = (tonumber(f[3]) or 0) + 1, tonumber(f[4]) or 0
  redis.call('HSET', job, 'state', 'sending', 'claim', number)
  claims[#claims + 1] = until_ms
  claims[#claims + 1] = id
  local n = #claimed
  claimed[n + 1], claimed[n + 2], claimed[n + 3], claimed[n + 4], claimed[n + 5] = id, number, attempts, queue, f[2]
  return true
end

local upstreams = read_shares(KEYS[3])
local touched, taken = {}, 0
-- A bound on what is put aside in one call, too, so that none blocks the store for long.
while taken < count and parked + #unread < count + 100 do
  local upstream, queue = next_share(upstreams, ordinary > 0)
  if not queue then break end
  local most = 1
  if #upstreams == 1 and #upstream.queues == 1 then -- alone, a queue is emptied in one pop a round
    most = math.min(count - taken, queue.ordinary and ordinary or count)
  end
  local name = feed .. ':' .. queue.rest
  local ids = redis.call('RPOP', prefix .. 'q:' .. name, most)
  if not ids then
    leave_shares(KEYS[3], upstreams, upstream, queue)
  else
    touched[queue] = upstream
    upstream.served = true
    for _, id in ipairs(ids) do
      local read, is_taken = attempt(consider, id, name)
      if not read then
        set_aside(prefix, id, now, retain_ms)
        unread[#unread + 1] = id
      elseif is_taken then
        taken = taken + 1
        upstream.time = upstream.time + 1
        queue.time = queue.time + 1 / queue.weight
        if queue.ordinary then ordinary = ordinary - 1 end
      end
    end
  end
end

for queue, upstream in pairs(touched) do
  if redis.call('EXISTS', prefix .. 'q:' .. feed .. ':' .. queue.rest) == 0 then
    leave_shares(KEYS[3], upstreams, upstream, queue)
  end
end
for _, upstream in ipairs(upstreams) do
  if upstream.served then
    for _, queue in ipairs(upstream.queues) do write_times(KEYS[3], upstream, queue) end
  end
end
if #upstreams == 0 then redis.call('SREM', KEYS[2], feed) end
if #claims > 0 then redis.call('ZADD', KEYS[1], unpack(claims)) end
if parked > 0 then redis.call('PUBLISH', ARGV[7], 'due ' .. ARGV[8] .. ' -') end
local none_left = #upstreams == 0 or tonumber(ARGV[6]) == 0 and not next_share(upstreams, false)
return { none_left and '1' or '0', claimed, dropped, unread }
