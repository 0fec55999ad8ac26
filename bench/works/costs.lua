-- What surrounds a run: its argument, its result, what it prints.

function size_of(text) return #text end

-- Of whole thousands: to repeat single characters would take longer than to return them.
local thousand = ("x"):rep(1000)

function make(bytes) return thousand:rep(math.floor(bytes / 1000)) end

function print_lines(count)
  for i = 1, count do print("request", i, "was allowed for", "user123") end
  return count
end
