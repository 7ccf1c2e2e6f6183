#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "postgres_routine_append_sql.hpp"
#include "postgres_routine_read_sql.hpp"
#include "postgres_routine_settings_sql.hpp"
#include "postgres_routine_verify_sql.hpp"

// The functions of the database that this program calls. Unlike migrations they are replaced as a whole, by a program
// with a higher revision than the database has; an older program uses the newer ones. A function's name ends in the
// number of its contract: one with other arguments or results gets the next number beside the old one, so that programs
// of both versions work.
namespace claimledger::postgres::routines {

// Raised with every change of the files, once one was released.
inline constexpr std::int32_t revision = 1;

// In the order in which they are run.
inline constexpr std::array<std::string_view, 4> files = {embedded::routines::read, embedded::routines::append,
                                                          embedded::routines::verify, embedded::routines::settings};

}  // namespace claimledger::postgres::routines
