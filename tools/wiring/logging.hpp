#pragma once

#include <functional>
#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace claimledger::wiring {

// How the log is written: as text for people, or as a document of JSON a line, a Remark.
enum class LogLines { text, json };

// The one logger of a tool: on standard error, so that standard output holds nothing but answers. Warnings and worse,
// or what CLAIMLEDGER_LOG names: trace, debug, info, warn, error, off. Threads: the logger from any thread. Failure:
// InvalidInput for another level.
std::shared_ptr<spdlog::logger> make_logger(LogLines lines = LogLines::text);

// Parts::warn of an engine, into that log.
std::function<void(std::string_view)> warnings_to(std::shared_ptr<spdlog::logger> logger);

}  // namespace claimledger::wiring
