#pragma once

#include <memory>

namespace spdlog {
class logger;
}

namespace claimledger::wiring {

// The one logger of a tool: on standard error, so that standard output holds nothing but answers. Warnings and worse,
// or what CLAIMLEDGER_LOG names: trace, debug, info, warn, error, off. Threads: the logger from any thread. Failure:
// InvalidInput for another level.
std::shared_ptr<spdlog::logger> make_logger();

}  // namespace claimledger::wiring
