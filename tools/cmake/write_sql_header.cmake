# Run by claimledger_embed_sql() at build time: source → output, as one constant in `namespace`.

file(READ ${source} text)
get_filename_component(name ${source} NAME_WE)
string(REGEX REPLACE "[^A-Za-z0-9]" "_" name ${name})
if(name MATCHES "^[0-9]")
  string(PREPEND name "m")
endif()

# A raw string literal may hold 64 KiB; this delimiter must not occur in the text.
string(LENGTH "${text}" length)
string(FIND "${text}" ")embedded\"" closing)
if(length GREATER 60000 OR NOT closing EQUAL -1)
  message(FATAL_ERROR "${source} cannot be embedded: ${length} bytes, closing delimiter at ${closing}")
endif()

file(CONFIGURE OUTPUT ${output} NEWLINE_STYLE UNIX @ONLY CONTENT [[
// Made from a .sql file by claimledger_embed_sql().
#pragma once

#include <string_view>

namespace @namespace@ {
inline constexpr std::string_view @name@ = R"embedded(@text@)embedded";
}  // namespace @namespace@
]])
