-- Shared by the scripts that know who takes nothing (`-- uses: suppressing.lua`).
--
-- {tgN}:suppressed has a field for each recipient (digest) that takes nothing, with the reason; or, after the mark '\1',
-- msgpack { template → reason } for one that refused these templates only. A subscribe removes the field.

local SOME_TEMPLATES = '\1'

local function refused_templates(marks, recipient)
  local mark = redis.call('HGET', marks, recipient)
  if not mark then return {}, false end
  if string.sub(mark, 1, 1) ~= SOME_TEMPLATES then return {}, true end
  return cmsgpack.unpack(string.sub(mark, 2)), false
end

-- The template that a body names, or nil. A body is compact JSON, and a quotation mark inside a string has a backslash
-- before it: what is found is a key, not content.
local function template_of(payload)
  return string.match(payload, '"template_id":"([^"\\]+)"')
end

-- Why this push may not be sent to the recipient, or nil. What has the channel webhook, now or to fall back on, may: that is
-- not the platform's, and from the platform's channels its refusal moves the push on.
local function suppression(marks, recipient, payload)
  if string.find(payload, '\167webhook', 1, true) then return nil end
  local mark = redis.call('HGET', marks, recipient)
  if not mark then return nil end
  if string.sub(mark, 1, 1) ~= SOME_TEMPLATES then return mark end
  -- With another channel to fall back on it goes to the platform all the same, whose refusal moves it on.
  if string.find(payload, '\168fallback', 1, true) then return nil end
  local template = template_of(payload)
  return template and cmsgpack.unpack(string.sub(mark, 2))[template]
end

local function suppress_template(marks, recipient, template, reason)
  local refused, takes_nothing = refused_templates(marks, recipient)
  if takes_nothing then return end
  refused[template] = reason
  redis.call('HSET', marks, recipient, SOME_TEMPLATES .. cmsgpack.pack(refused))
end

-- `what` is '*' for one that takes nothing, a template that it refused, or ''.
local function suppress_as(marks, recipient, what, reason)
  if what == '*' then
    redis.call('HSET', marks, recipient, reason)
  elseif what ~= '' then
    suppress_template(marks, recipient, what, reason)
  end
end

local function lift_template(marks, recipient, template)
  local refused = refused_templates(marks, recipient)
  if not refused[template] then return end
  refused[template] = nil
  if next(refused) then
    redis.call('HSET', marks, recipient, SOME_TEMPLATES .. cmsgpack.pack(refused))
  else
    redis.call('HDEL', marks, recipient)
  end
end
