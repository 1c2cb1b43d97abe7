-- Fair shares of one feed's queues (`-- uses: sharing.lua`): stride scheduling, first over the upstreams, then over the priorities of
-- the upstream whose turn it is.
--
-- {tgN}:work:<feed> has a field for each queue that is not empty, <upstream>:<priority> → <upstream's time>:<queue's time>. The smallest
-- time is served; serving one push adds 1 to the upstream's and 1 / weight to the queue's. So a flood from one upstream, in however many
-- priorities, delays the others by no more than their shares, and `bulk` always has a share of its upstream's.
-- Who was empty joins at the smallest time of those that wait: idleness earns no credit, and a newcomer is served at once.

local WEIGHTS = { high = 16, normal = 4, bulk = 1 }

local function read_times(value)
  local upstream, queue = string.match(value, '^([^:]+):?(.*)$')
  return tonumber(upstream) or 0, tonumber(queue) or 0
end

local function write_times(work, upstream, queue)
  redis.call('HSET', work, queue.rest, string.format('%.6f:%.6f', upstream.time, queue.time))
end

-- The upstreams that wait, each with its queues. O(queues of the feed).
local function read_shares(work)
  local upstreams, by_name, flat = {}, {}, redis.call('HGETALL', work)
  for i = 1, #flat, 2 do
    local name, priority = string.match(flat[i], '^(.-):?([^:]*)$') -- also of a field that is none of ours, whose queue is not there
    local upstream_time, queue_time = read_times(flat[i + 1])
    local upstream = by_name[name]
    if not upstream then
      upstream = { time = upstream_time, queues = {}, served = false }
      by_name[name] = upstream
      upstreams[#upstreams + 1] = upstream
    end
    upstream.queues[#upstream.queues + 1] =
      { rest = flat[i], time = queue_time, weight = WEIGHTS[priority] or 1, ordinary = priority ~= 'high' }
  end
  return upstreams, by_name
end

-- Lets a queue that was empty wait with the others. O(queues of the feed).
local function join_shares(work, rest)
  local upstreams, by_name = read_shares(work)
  local upstream = by_name[string.match(rest, '^(.*):[^:]+$')]
  local function smallest(waiting)
    local least = nil
    for _, each in ipairs(waiting) do least = math.min(least or each.time, each.time) end
    return least or 0
  end
  write_times(work, upstream or { time = smallest(upstreams) }, { rest = rest, time = smallest(upstream and upstream.queues or {}) })
end

-- The queue of an upstream to serve next; without `ordinary` only one of high priority.
local function next_queue(upstream, ordinary)
  local best = nil
  for _, queue in ipairs(upstream.queues) do
    if (ordinary or not queue.ordinary) and (not best or queue.time < best.time) then best = queue end
  end
  return best
end

-- The upstream and its queue to serve next, or nil. O(queues of the feed).
local function next_share(upstreams, ordinary)
  local best, chosen = nil, nil
  for _, upstream in ipairs(upstreams) do
    if not best or upstream.time <= best.time then -- of equal ones the one that came last
      local queue = next_queue(upstream, ordinary)
      if queue then best, chosen = upstream, queue end
    end
  end
  return best, chosen
end

local function leave_shares(work, upstreams, upstream, queue)
  redis.call('HDEL', work, queue.rest)
  for i, each in ipairs(upstream.queues) do
    if each == queue then table.remove(upstream.queues, i) break end
  end
  for i, each in ipairs(upstreams) do
    if each == upstream and #upstream.queues == 0 then table.remove(upstreams, i) break end
  end
end
