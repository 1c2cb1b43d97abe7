-- uses: clock.lua
-- uses: finishing.lua
-- uses: receipts.lua
-- uses: suppressing.lua
-- uses: guarding.lua
-- Acts on a batch of events and acknowledges them, in one step: receipts finish their push, an unsubscribe and a
-- receipt that says `user block` suppress the recipient, a refusal one template for it; a subscribe and an acceptance lift
-- that.
--
-- A receipt that finds no push yet (it overtook our own settle) is left under its key, marked with '!', where settle.lua
-- finds it. What recipients do opens the windows in which they may be answered.
--
-- KEYS[1] {tgN}:events   KEYS[2] {tgN}:suppressed
-- ARGV[1] prefix {tgN}:   ARGV[2] group   ARGV[3] retain, ms   ARGV[4] early receipt's life, s
-- then for each fact: entry id, kind (receipt, subscribe, unsubscribe, accept, reject, window, other), account, msgid or the
-- end (ms) of a window, what is told (by a receipt), template (accepted or rejected) or messages (of a window), recipient
-- digest. An entry may have several facts, or `other`, which is none.
-- Returns { { id, queue, payload, state, … for each push that a receipt finished },
--           { the entries of which something could not be done for what stands in the store } }
-- O(facts).

local prefix, retain_ms = ARGV[1], tonumber(ARGV[3])
local now = now_ms()
local finished, entries, undone = {}, {}, {}

local function receipt(account, msgid, status, recipient)
  -- As the errcode 48002 says it of a send: this recipient has turned messages off.
  if string.find(status, 'user block', 1, true) then redis.call('HSET', KEYS[2], recipient, 'blocked: ' .. status) end
  local key = prefix .. 'receipt:' .. account .. ':' .. msgid
  local id = redis.call('GET', key)
  if not id or string.sub(id, 1, 1) == '!' then
    redis.call('SET', key, '!' .. status, 'EX', ARGV[4])
    return
  end
  redis.call('DEL', key)
  local job = prefix .. 'job:' .. id
  local f = redis.call('HMGET', job, 'state', 'flags', 'queue', 'payload')
  if f[1] ~= 'sent' then return end
  local state = finish_by_receipt(job, f[2], status, now, retain_ms)
  for _, value in ipairs({ id, f[3], f[4], state }) do finished[#finished + 1] = value end
end

-- A window of two days, by a clock that is a day ahead. A later end is not the platform's word, and would stay for good.
local LONGEST_WINDOW_MS = 259200000

local function open_window(account, ends, messages, recipient)
  if ends <= now then return end
  ends = math.min(ends, now + LONGEST_WINDOW_MS)
  local key = prefix .. 'window:' .. account .. ':' .. recipient
  local window = redis.call('GET', key)
  if window then
    local other_ends, other_messages = string.match(window, '^(%d+):(%d+)$')
    ends, messages = math.max(ends, tonumber(other_ends)), math.max(messages, tonumber(other_messages))
  end
  redis.call('SET', key, string.format('%.0f:%d', ends, messages), 'PXAT', string.format('%.0f', ends))
end

local function act(i)
  local kind = ARGV[i + 1]
  if kind == 'receipt' then
    receipt(ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5])
  elseif kind == 'unsubscribe' then
    redis.call('HSET', KEYS[2], ARGV[i + 5], 'unsubscribed')
  elseif kind == 'subscribe' then
    redis.call('HDEL', KEYS[2], ARGV[i + 5])
  elseif kind == 'reject' then
    suppress_template(KEYS[2], ARGV[i + 5], ARGV[i + 4], 'the recipient refused this template')
  elseif kind == 'accept' then
    lift_template(KEYS[2], ARGV[i + 5], ARGV[i + 4])
  elseif kind == 'window' then
    open_window(ARGV[i + 2], tonumber(ARGV[i + 3]), tonumber(ARGV[i + 4]), ARGV[i + 5])
  end
end

for i = 5, #ARGV, 6 do
  if entries[#entries] ~= ARGV[i] then entries[#entries + 1] = ARGV[i] end
  if not attempt(act, i) and undone[#undone] ~= ARGV[i] then undone[#undone + 1] = ARGV[i] end
end
redis.call('XACK', KEYS[1], ARGV[2], unpack(entries))
return { finished, undone }
