-- works/costs.lua in Redis' own words.

function size_of(_, args) return #args[1] end

function make(_, args) return string.rep("x", tonumber(args[1])) end
